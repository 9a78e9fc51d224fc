# Beta quantiles, and the beta-binomial prior of several rates

begin(3)

# qbeta warns that it is not accurate for some small shapes, so the quantile is
# that at which pbeta gives the probability.  Below 1/2 it is sought on the
# scale of ln x, above it as 1 - x; where pbeta cannot go it is 0.
beta_quantile <- function(probability, alpha, beta, lower) {
	if ((pbeta(0.5, alpha, beta, lower.tail = lower) > probability) != lower)
		return(1 - beta_quantile(probability, beta, alpha, !lower))
	excess <- function(t) {
		log(max(1e-300, pbeta(exp(t), alpha, beta, lower.tail = lower))) - log(probability)
	}
	if (excess(log(1e-300)) * excess(log(0.5)) > 0)
		return(0)
	exp(uniroot(excess, log(c(1e-300, 0.5)), tol = 1e-16, maxiter = 10000)$root)
}

credible <- function(passed, decided, alpha, beta, confidence) {
	a <- passed + alpha
	b <- decided - passed + beta
	data.frame(rate = rate(passed, decided),
		prior = paste0("(", alpha, ",", beta, ")"), confidence = as.character(confidence),
		ratio = a / (a + b),
		low = beta_quantile((1 - confidence) / 2, a, b, TRUE),
		high = beta_quantile((1 - confidence) / 2, a, b, FALSE))
}

save_csv("beta_quantile", rbind(
	rows(500, function(i) {
		decided <- floor(magnitude(1, 1, sample(c(20, 1000, 1e12), 1))) - sample(0:1, 1)
		passed <- round(decided * switch(sample(4, 1), runif(1), 0, 1, rbeta(1, 0.2, 0.2)))
		least <- sample(c(0.01, 0.5), 1)
		shape <- function() signif(magnitude(1, least, sample(c(2, 100), 1)), 4)
		# not between what is surely 0 and what is surely not
		credible(passed, decided, shape(), shape(), min(confidences(1), if (least < 0.5) 0.99 else 1))
	}),
	credible(0, 0, 1, 1, 0.95), credible(0, 0, 0.5, 0.5, 0.95), credible(6, 10, 1, 1, 0.95), credible(2, 2, 9, 21, 0.95),
	credible(0, 0, 1, 5, 0.5), credible(0, 0, 5, 1, 0.5), credible(0, 0, 0.01, 0.01, 0.5), credible(0, 0, 0.01, 5, 0.9),
	credible(5e11, 1e12, 1, 1, 0.95), credible(0, 1e12, 0.01, 1, 0.5), credible(1e12, 1e12, 1, 0.5, 0.9), credible(0, 0, 1e12, 1e12, 0.95),
	credible(0, 0, 0.01, 1, 0.9999), credible(0, 0, 0.001, 4, 0.95), credible(0, 0, 1e-5, 1, 0.95), credible(0, 0, 1, 1e-5, 0.95),
	credible(0, 0, 1e-5, 1e5, 0.5), credible(0, 0, 1e-5, 1e-5, 0.5)))

# The maximum over (u, v) = (logit mu, ln kappa), which is that over (mu, kappa):
# Nelder-Mead from two beginnings, then Newton's method on the exact gradient
# with its differences for the second derivatives.
prior <- function(passed, decided) {
	said <- decided > 0
	p <- passed[said]
	n <- decided[said]
	shapes <- function(par) c(plogis(par[1]), plogis(-par[1])) * exp(par[2])
	objective <- function(par) {
		s <- shapes(par)
		sum(lbeta(p + s[1], n - p + s[2]) - lbeta(s[1], s[2])) +
			plogis(par[1], log.p = TRUE) + plogis(-par[1], log.p = TRUE) -
			par[2] - (par[2] - log(30))^2 / 2
	}
	# sum of digamma(count + shape) - digamma(shape)
	rise <- function(count, shape) {
		sum(sapply(count, function(count) {
			if (count <= 1000) sum(1 / (shape + seq_len(count) - 1))
			else digamma(count + shape) - digamma(shape)
		}))
	}
	gradient <- function(par) {
		s <- shapes(par)
		slope <- c(rise(p, s[1]), rise(n - p, s[2])) - rise(n, sum(s))
		c((slope[1] - slope[2]) * prod(s) / sum(s) + 1 - 2 * plogis(par[1]),
			sum(slope * s) - 1 - (par[2] - log(30)))
	}
	ends <- lapply(log(c(3, 300)), function(v) {
		optim(c(qlogis((sum(p) + 0.5) / (sum(n) + 1)), v), objective, control = list(fnscale = -1, reltol = 1e-12))
	})
	par <- ends[[which.max(sapply(ends, `[[`, "value"))]]$par
	for (step in 1:6) {
		h <- 1e-5
		hessian <- sapply(1:2, function(k) {
			e <- h * (1:2 == k)
			(gradient(par + e) - gradient(par - e)) / (2 * h)
		})
		par <- par - solve(hessian, gradient(par))
	}
	stopifnot(abs(gradient(par)) < 1e-10 * max(1, sqrt(sum(n))))
	s <- shapes(par)
	data.frame(rates = array_text(rate(passed, decided)), alpha = s[1], beta = s[2])
}

reps <- function(n, most, mu, kappa) {
	decided <- sample(0:most, n, TRUE)
	decided[1] <- decided[1] + 1
	prior(rbinom(n, decided, rbeta(n, mu * kappa, (1 - mu) * kappa)), decided)
}

save_csv("prior", rbind(
	rows(500, function(i) {
		reps(sample(c(1:3, 5, 10, 15), 1), sample(c(5, 30, 100, 2000), 1), runif(1, 0.05, 0.95), magnitude(1, 2, 500))
	}),
	prior(rep(6, 8), rep(10, 8)), prior(300, 500), prior(c(1, 9), c(10, 10)), prior(c(0, 0, 0), c(5, 10, 20)),
	prior(c(5, 10, 20), c(5, 10, 20)), prior(c(0, 20), c(20, 20)), prior(0, 1), prior(1, 1), prior(c(0, 0, 3), c(0, 0, 4)),
	prior(rep(0, 30), rep(1e6, 30)), prior(rep(1e6, 30), rep(1e6, 30)), prior(c(3e8, 7e8), c(1e9, 1e9)), prior(5e11, 1e12), prior(c(1, 5e8), c(1, 1e9)),
	prior(rep(4e5, 20), rep(1e6, 20)), reps(500, 60, 0.6, 30)))
