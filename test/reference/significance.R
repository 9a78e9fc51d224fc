# p values of own against peers, and false discovery rates

begin(2)

alternatives <- c(two_sided = "two.sided", less = "less", greater = "greater")

# One row: own and peers as text, and the p value of each alternative
comparison <- function(own, peers, p_value) {
	cbind(data.frame(own = own, peers = peers), t(sapply(alternatives, p_value)))
}

# Cases again until R can tell the p values from 0
resolved <- function(n, row) rows(n, function(i) {
	repeat {
		case <- row(i)
		if (all(case[names(alternatives)] > 1e-200))
			return(case)
	}
})

# ----------
# rate

fisher <- function(a, b, c, d) {
	comparison(rate(a, b), rate(c, d), function(alternative) {
		if (b == 0 || d == 0) NA
		else fisher.test(matrix(c(a, c, b - a, d - c), 2), alternative = alternative, conf.int = FALSE)$p.value
	})
}

save_csv("fisher", rbind(
	resolved(500, function(i) {
		most <- sample(c(10, 10, 50, 500, 5000), 1)
		n <- sample(most, 2, TRUE)
		share <- if (i %% 3 == 0) runif(2) else pmin(1, runif(1) * c(1, runif(1, 0.7, 1.5)))
		passed <- rbinom(2, n, share)
		fisher(passed[1], n[1], passed[2], n[2])
	}),
	fisher(0, 5, 0, 7), fisher(5, 5, 7, 7), fisher(0, 5, 7, 7), fisher(7, 7, 0, 5), fisher(0, 1, 1, 1),
	fisher(3, 3, 3, 6), fisher(2500, 5000, 2500, 5000), fisher(2400, 5000, 2600, 5000),
	fisher(400, 1000, 700, 1000), fisher(300, 1000, 800, 1000), fisher(10, 20, 9980, 9980),
	fisher(1, 9999, 1, 1), fisher(0, 9999, 1, 1), fisher(0, 0, 3, 6), fisher(3, 6, 0, 0)))

score <- function(a, b, c, d) {
	comparison(rate(a, b), rate(c, d), function(alternative) {
		if (a + c == 0 || a + c == b + d) 1
		else suppressWarnings(
			prop.test(c(a, c), c(b, d), alternative = alternative, correct = FALSE)$p.value)
	})
}

save_csv("score", rbind(
	resolved(500, function(i) {
		n <- floor(magnitude(2, c(10001, 1), c(10001, 20000, 1e6, 1e12)[1 + i %% 4]))
		share <- runif(1)^sample(3, 1)
		# own's ratio off by up to ten standard errors
		error <- sqrt(share * (1 - share) * sum(1 / n))
		own <- min(1, max(0, share + runif(1, -1, 1) * sample(c(2, 10), 1) * error))
		passed <- round(n * c(own, share))
		if (i %% 2 == 0) score(passed[1], n[1], passed[2], n[2])
		else score(passed[2], n[2], passed[1], n[1])
	}),
	score(0, 10000, 0, 1), score(10000, 10000, 1, 1), score(2600, 5001, 2500, 5000), score(9999, 10000, 1, 1),
	score(5e11, 1e12, 5e11 + 1e6, 1e12), score(1, 2, 5e11, 1e12)))

# ----------
# sales

welch <- function(own, peers) {
	comparison(sales(own), sales(peers), function(alternative) {
		if (min(length(own), length(peers)) < 2 || (var(own) == 0 && var(peers) == 0)) NA
		else t.test(own, peers, alternative = alternative, var.equal = FALSE)$p.value
	})
}

save_csv("welch", rbind(
	resolved(300, function(i) {
		n <- sample(c(2, 3, 5, 10, 30, 100), 2, TRUE)
		own <- amounts(n[1])
		peers <- if (i %% 4 == 0) amounts(n[2])
			else round(sample(c(0.5, 1, 2), 1) * sample(own, n[2], TRUE) + 1e4 * rnorm(n[2], 0, sample(c(1, 100), 1)))
		if (var(own) + var(peers) == 0) own[1] <- own[1] + 1
		welch(own, peers)
	}),
	welch(c(1e4, 2e4, 3e4), c(2e4, 2e4)), welch(c(1e4, 3e4), c(2e4, 2e4, 2e4)), welch(c(5, 5), c(5, 6)),
	welch(2e4, c(1e4, 2e4)), welch(c(1e4, 2e4), 2e4), welch(c(2e4, 2e4), c(2e4, 2e4)), welch(c(2e4, 2e4), c(3e4, 3e4))))

# ----------
# cycle: speed of the won.  A few lost and open deals must make no difference.

whole_cycles <- function(won) {
	n <- rpois(2, 1)
	deals(0, c(won, sample(0:60, n[1], TRUE), sample(1:60, n[2], TRUE)),
		rep(c("won", "lost", "open"), c(length(won), n)))
}

wilcoxon <- function(own, peers) {
	days <- c(own, peers)
	n <- length(days)
	if (length(own) == 0 || length(peers) == 0)
		p_value <- function(alternative) NA
	else if (length(unique(days)) == 1)
		p_value <- function(alternative) 1
	else if (n > 50)
		p_value <- function(alternative) {
			wilcox.test(own, peers, alternative = alternative, exact = FALSE, correct = TRUE)$p.value
		}
	else if (anyDuplicated(days) == 0)
		p_value <- function(alternative) {
			wilcox.test(own, peers, alternative = alternative, exact = TRUE)$p.value
		}
	else {
		group <- factor(rep(c("own", "peers"), c(length(own), length(peers))))
		p_value <- function(alternative) {
			as.numeric(pvalue(wilcox_test(days ~ group, distribution = "exact", alternative = alternative)))
		}
	}
	comparison(cycle(whole_cycles(own)), cycle(whole_cycles(peers)), p_value)
}

save_csv("wilcoxon_exact", rbind(
	rows(200, function(i) {
		n <- sample(sample(c(4, 12, 25), 1), 2, TRUE)
		pool <- if (i %% 4 == 0) sample(0:99) else sample(0:sample(c(3, 10, 40), 1), 99, TRUE)
		peers <- pool[seq_len(n[2])]
		own <- pool[n[2] + seq_len(n[1])] + sample(c(0, 0, 3, 100), 1)
		wilcoxon(own, peers)
	}),
	wilcoxon(1:25, 26:50), wilcoxon(rep(1, 25), rep(2, 25)), wilcoxon(rep(7, 3), rep(7, 4)), wilcoxon(1, 2),
	wilcoxon(1, rep(1:7, 7)), wilcoxon(rep(0, 24), c(rep(0, 25), 1)), wilcoxon(numeric(), 1:3), wilcoxon(1:3, numeric())))

save_csv("wilcoxon", rbind(
	rows(170, function(i) {
		n <- sample(c(2, 26, 60, 500), 2, TRUE)
		n[2] <- max(n[2], 51 - n[1])
		most <- sample(c(3, 12), 1)
		wilcoxon(rbinom(n[1], most, runif(1, 0.3, 0.6)), rbinom(n[2], most, 0.5))
	}),
	wilcoxon(rep(7, 30), rep(7, 40)), wilcoxon(1, c(0, rep(1, 50))), wilcoxon(rep(1, 40), rep(2, 40)),
	wilcoxon(rep(1:2, 13), rep(1:2, 13))))

# ----------
# cycle: log-rank on time to win.  The score test of Cox's exact partial
# likelihood is the log-rank test, and knows delayed entry.

logrank <- function(own, peers) {
	both <- counting(rbind(own, peers))
	group <- rep(0:1, c(nrow(counting(own)), nrow(counting(peers))))
	won <- both$state == "won"
	# Does a day tell? Both must be at risk, and not all of them won.
	tells <- function(day) {
		at_risk <- both$start < day & day <= both$stop
		length(unique(group[at_risk])) == 2 && sum(at_risk) > sum(won & both$stop == day)
	}
	chisq <- if (!any(sapply(both$stop[won], tells))) NA
		else if (all(both$entered == 0)) survdiff(Surv(stop, won) ~ group, both)$chisq
		else coxph(Surv(start, stop, won) ~ group, both, ties = "exact", iter.max = 0)$score
	data.frame(own = cycle(own), peers = cycle(peers),
		p = pchisq(chisq, 1, lower.tail = FALSE))
}

cohort <- function(n, most, entered = 0) {
	state <- sample(c("won", "won", "lost", "open"), n, TRUE)
	left <- entered + sample(0:most, n, TRUE)
	deals(entered, left, state)
}

save_csv("logrank", rbind(
	rows(300, function(i) {
		n <- sample(sample(c(6, 20, 60, 300), 1), 2, TRUE)
		most <- sample(c(4, 10), 1)
		logrank(cohort(n[1], most), cohort(n[2], max(1, most - sample(0:4, 1))))
	}),
	logrank(deals(0, 1:2, "won"), deals(0, 3:4, "won")), logrank(deals(0, 1, "won"), deals(0, 1, "won")),
	logrank(deals(0, 1:3, "lost"), deals(0, 1:3, "open")), logrank(deals(0, 5, "won"), deals(0, 1:3, "lost")),
	logrank(deals(0, 0, "won"), deals(0, c(0, 1), "won"))))

save_csv("logrank_delayed", rows(250, function(i) {
	# The exact likelihood goes through all ways to pick the won of a day.
	most <- sample(c(4, 20), 1)
	n <- sample(if (most == 4) 8 else 25, 2, TRUE)
	delay <- function(n) sample(c(0, 0, 1:5), n, TRUE)
	logrank(cohort(n[1], most, delay(n[1])), cohort(n[2], most, delay(n[2])))
}))

# ----------
# cycle: numbers that no list of deals can hold.  From the life table by the
# definitions of both tests.

many <- function(n, chance) {
	ends <- rmultinom(1, n, chance)[, 1]
	days <- seq_len(length(chance) / 2)
	data.frame(day = c(0, days), net = c(n, 0 * days), won = c(0, ends[days]), lost = c(0, ends[-days]))
}

rank_sum <- function(own, peers) {
	n <- c(sum(own$won), sum(peers$won))
	ties <- own$won + peers$won
	below <- cumsum(peers$won) - peers$won
	above <- n[2] - cumsum(peers$won)
	# the number of pairs in which own is the slower, less half of all
	w <- sum(own$won * (below - above)) / 2
	sigma <- sqrt(prod(n) / 12 * (sum(n) + 1 - sum(ties * (ties + 1) * (ties - 1)) / sum(n) / (sum(n) - 1)))
	comparison(cycle_of(own), cycle_of(peers), function(alternative) switch(alternative,
		two.sided = 2 * pnorm((abs(w) - 0.5) / sigma, lower.tail = FALSE),
		less = pnorm((w + 0.5) / sigma),
		greater = pnorm((w - 0.5) / sigma, lower.tail = FALSE)))
}

mantel_haenszel <- function(own, peers) {
	at_risk <- function(table) rev(cumsum(rev(table$won + table$lost)))
	y <- at_risk(own)
	all <- y + at_risk(peers)
	won <- own$won + peers$won
	variance <- won * (y / all) * (1 - y / all) * (all - won) / (all - 1)
	chisq <- sum(own$won - won * y / all)^2 / sum(variance)
	data.frame(own = cycle_of(own), peers = cycle_of(peers), p = pchisq(chisq, 1, lower.tail = FALSE))
}

samples <- lapply(1:40, function(i) {
	chance <- runif(2 * sample(3:8, 1))
	n <- round(magnitude(2, 1e4, 1e9))
	list(own = many(n[1], chance), peers = many(n[2], chance))
})
save_csv("wilcoxon_many", rows(40, function(i) do.call(rank_sum, samples[[i]])))
save_csv("logrank_many", rows(40, function(i) do.call(mantel_haenszel, samples[[i]])))

# ----------
# q values

save_csv("q_values", rows(90, function(i) {
	p <- round(runif(sample(0:14, 1))^sample(3, 1), sample(4, 1))
	p[runif(length(p)) < 0.15] <- NA
	null <- function(text) array_text(ifelse(text == "", "NULL", text))
	data.frame(p = null(ifelse(is.na(p), "", as.character(p))), q = null(number(p.adjust(p, "BH"))))
}))
