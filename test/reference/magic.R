# The magic number at a confidence, and its interval

begin(5)

# The number of opportunities whose revenue reaches the goal: the root, in
# sqrt(N), of N p m - z sqrt(N v) = goal
opportunities <- function(goal, m, s, p, confidence) {
	if (is.na(m) || m <= 0 || p == 0) return(NA)
	if (confidence == 0.5) return(goal / (p * m))
	v <- p * (s^2 + m^2) - (p * m)^2
	short <- function(root) root^2 * p * m / goal - qnorm(confidence) * root * sqrt(v) / goal - 1
	root <- sqrt(goal / (p * m)) * c(1e-3, 1)
	while (short(root[2]) < 0) root <- root * 2
	while (short(root[1]) > 0) root <- root / 2
	uniroot(short, root, tol = 1e-16, maxiter = 10000)$root^2
}

sold <- function(n) round(1e4 * rlnorm(n, 7, runif(1, 0.1, 1.2)), sample(-4:-2, 1))

average <- function(amounts) if (length(amounts) > 0) mean(amounts) / 1e4 else NA

deviation <- function(amounts) sd(amounts) / 1e4

goals <- function() signif(magnitude(1, 1000, 1e6), 3)

at_confidence <- function(goal, amounts, win_ratio, weeks, confidence) {
	data.frame(goal = as.character(goal), sales = sales(amounts), win_ratio = as.character(win_ratio), weeks = weeks,
		confidence = as.character(confidence),
		number = opportunities(goal, average(amounts), deviation(amounts), win_ratio, confidence) / weeks)
}

save_csv("magic_number", rbind(
	rows(500, function(i) {
		at_confidence(goals(), sold(sample(2:40, 1)), round(runif(1), 3), sample(c(1, 4, 13, 52), 1), sample(c(0.01, 0.2, 0.5, 0.8, 0.95, 0.9999), 1))
	}),
	at_confidence(15000, rep(2500e4, 4), 0.24, 4, 0.5), at_confidence(15000, rep(2500e4, 4), 0.24, 4, 0.9), at_confidence(15000, rep(2500e4, 4), 1, 4, 0.9),
	at_confidence(15000, 2500e4, 0.24, 4, 0.5), at_confidence(15000, c(2000e4, 3000e4), 0, 4, 0.9), at_confidence(1, c(1e8, 3e8), 0.001, 52, 0.01)))

# MOVER on the log scale: the squares of the distances from each estimate to
# its own limit add up (Zou and Donner, 2008).
mover <- function(goal, amounts, a, b, c, d, weeks, confidence) {
	n <- length(amounts)
	estimate <- c(a / b, c / d, average(amounts))
	number <- goal / prod(estimate) / weeks
	wilson <- function(passed, decided) {
		suppressWarnings(prop.test(passed, decided, conf.level = confidence, correct = FALSE)$conf.int)
	}
	limits <- if (n < 2 || a == 0 || c == 0) matrix(NA, 3, 2)
		else rbind(wilson(a, b), wilson(c, d),
			average(amounts) + c(-1, 1) * qt((1 + confidence) / 2, n - 1) * deviation(amounts) / sqrt(n))
	distance <- function(limit) sqrt(sum(log(limit / estimate)^2))
	data.frame(goal = as.character(goal), sales = sales(amounts), proposal = rate(a, b), closing = rate(c, d),
		weeks = weeks, confidence = as.character(confidence),
		low = number / exp(distance(limits[, 2])),
		high = if (isTRUE(limits[3, 1] > 0)) number * exp(distance(limits[, 1])) else NA)
}

save_csv("magic_interval", rbind(
	rows(500, function(i) {
		decided <- sample(sample(c(5, 60, 1000), 1), 2, TRUE)
		passed <- pmax(1, rbinom(2, decided, runif(2, 0.3, 1)))
		mover(goals(), sold(sample(c(2, 3, 5, 20, 80), 1)), passed[1], decided[1], passed[2], decided[2], sample(c(1, 4, 13, 52), 1), confidences(1))
	}),
	mover(15000, rep(2500e4, 5), 6, 10, 4, 10, 4, 0.95), mover(15000, c(2000e4, 3000e4), 10, 10, 4, 4, 4, 0.95),
	mover(15000, 2500e4, 6, 10, 4, 10, 4, 0.95), mover(15000, c(2000e4, 3000e4), 0, 10, 4, 10, 4, 0.95), mover(15000, c(2000e4, 3000e4), 6, 10, 0, 10, 4, 0.95),
	mover(1, c(1e8, 1.01e8), 1, 1e12, 1e12, 1e12, 52, 0.95)))
