# Curves of a cycle: shares won, lost and still open by day, what is read off
# them, and when follow-up is complete

begin(4)

# Shares at the end of each of the days: Aalen and Johansen's estimate
shares <- function(deals, days) {
	data <- counting(deals)
	data$event <- factor(data$state, c("open", "won", "lost"))
	data$id <- seq_len(nrow(data))
	fit <- survfit(Surv(start, stop, event) ~ 1, data, id = id)
	at <- 1 + findInterval(days, fit$time)
	share <- rbind(c(1, 0, 0), fit$pstate)[at, , drop = FALSE]
	# rounding errors of 0 and 1
	share[abs(share) < 1e-12] <- 0
	share[abs(share - 1) < 1e-12] <- 1
	data.frame(day = days, win = share[, 2], loss = share[, 3], still_open = share[, 1],
		error = c(0, fit$std.err[, 2])[at])
}

# Bounds of the share won on the scale of log(-log(share)), with etm's standard
# error, which is Greenwood's.  survfit's is the infinitesimal jackknife, which
# needs to know which deal that entered when left when; where all entered on one
# day it is the same.
bounds <- function(deals, days, confidence) {
	data <- counting(deals)
	states <- c("open", "won", "lost")
	moves <- matrix(FALSE, 3, 3, dimnames = list(states, states))
	moves["open", c("won", "lost")] <- TRUE
	# etm wants times above 0
	fit <- suppressWarnings(etm(data.frame(id = seq_len(nrow(data)), from = "open",
			to = ifelse(data$state == "open", "cens", data$state),
			entry = data$start + 1, exit = data$stop + 1),
		states, moves, "cens", s = 0))
	variance <- unname(fit$cov["open won", "open won", ])
	error <- sqrt(c(0, variance)[1 + findInterval(days + 1, fit$time)])
	if (length(unique(deals$entered)) == 1)
		stopifnot(abs(error^2 - shares(deals, days)$error^2) < 1e-12)
	win <- shares(deals, days)$win
	inside <- win > 0 & win < 1
	shift <- qnorm((1 + confidence) / 2) * error / (win * log(win))
	data.frame(low = ifelse(inside, win^exp(-shift), NA), high = ifelse(inside, win^exp(shift), NA))
}

at_risk <- function(deals, days) {
	data <- counting(deals)
	sapply(days, function(day) sum(data$start < day & day <= data$stop))
}

# Few deals, some of which come into view late or are left open
few <- function(n, most) {
	entered <- sample(c(0, 0, 0:3), n, TRUE)
	deals(entered, entered + sample(0:most, n, TRUE), sample(c("won", "lost", "open"), n, TRUE, runif(3)))
}

cases <- c(lapply(1:45, function(i) few(sample(c(2, 8, 30, 100), 1), sample(c(5, 20), 1))), list(
	deals(0, c(5, 5, 7, 9), "won"), deals(0, c(5, 5, 7), "lost"), deals(0, 4, "won"), deals(0, 0, "won"), deals(3, 4:6, "open"),
	deals(0, 1:10, "won"), deals(0, rep(1:3, 7), "won"), deals(0, 1:12, c("won", "lost")),
	# nobody at risk between days 3 and 10
	deals(c(0, 0, 10, 11), c(2, 3, 12, 14), c("won", "open", "won", "lost"))))
cases <- Filter(function(deals) nrow(counting(deals)) > 0, cases)
confidence <- rep_len(c(0.95, 0.8, 0.99, 0.5, 0.9999), length(cases))

save_csv("curve_cycle", data.frame(id = seq_along(cases), confidence = as.character(confidence), cycle = sapply(cases, cycle)))
save_csv("curve", rows(length(cases), function(id) {
	deals <- cases[[id]]
	days <- life_table(deals)$day
	cbind(data.frame(id = id), shares(deals, days)[c("day", "win", "loss", "still_open")], bounds(deals, days, confidence[id]))
}))

# ----------
# By a horizon

# The curve of those still open when day age begins, on the days 0 to last
begun_at <- function(deals, age, last) {
	deals <- counting(deals)
	deals <- deals[deals$stop >= age, ]
	deals$entered <- pmax(deals$entered, age)
	curve <- if (nrow(deals) == 0) data.frame(day = 0:last, win = 0, loss = 0, still_open = 1)
		else shares(deals, 0:last)
	curve$at_risk <- at_risk(deals, 0:last)
	curve$open_before <- c(1, curve$still_open[-nrow(curve)])
	curve
}

# Is follow-up from day age complete by the horizon?
complete <- function(deals, age, curve, horizon) {
	first <- max(age, min(deals$entered))
	if (first > horizon)
		return(FALSE)
	table <- life_table(deals)
	followed <- table$day > first & table$day <= horizon
	closed <- curve$at_risk[curve$day == first] > 0 && all(table$net[followed] == 0)
	thin <- curve$at_risk < 10 & curve$day >= first & curve$day <= horizon
	closed || !any(thin) || curve$open_before[thin][1] <= 0.05
}

# First day by which the share q is won of what is won by the horizon
quantile_days <- function(deals, curve, q, horizon) {
	win <- curve$win[1 + 0:horizon]
	if (!complete(deals, 0, curve, horizon) || win[horizon + 1] == 0) NA
	else which(win >= q * win[horizon + 1] - 1e-12)[1] - 1
}

# Deals begun between before days ahead of a window and its end, as seen in the
# window; ages are whole steps, so that the tables are short.
window <- function(n, days, before, step, median) {
	started <- step * sample(-(before %/% step):(days %/% step - 1), n, TRUE)
	won <- runif(n) < 0.4
	age <- step * floor(ifelse(won, rlnorm(n, log(median), 0.7), rexp(n, 0.4 / median)) / step)
	seen <- started + age >= 0
	open <- started + age >= days
	state <- ifelse(open, "open", ifelse(won, "won", "lost"))
	deals(pmax(0, -started)[seen], ifelse(open, days - started, age)[seen], state[seen])
}

cohort <- function(n, most) deals(0, sample(0:most, n, TRUE), sample(c("won", "won", "lost"), n, TRUE))

cases <- c(
	lapply(1:16, function(i) {
		window(sample(c(120, 250, 400), 1), sample(c(91, 182, 364), 1), sample(c(0, 91, 364), 1), 7, sample(c(20, 40, 90), 1))
	}),
	lapply(c(1, 2, 5, 6, 8, 12, 20, 40), cohort, most = 30),
	lapply(1:4, function(i) few(40, 20)), lapply(1:4, function(i) few(200, 12)),
	# nobody comes into view before day 4
	list(deals(c(4, 4, 4, 9), c(6, 7, 8, 9), c("won", "lost", "won", "won")), deals(4, 5:19, c("won", "lost"))))
cases <- Filter(function(deals) sum(deals$state == "won") > 0, cases)
save_csv("horizon_cycle", data.frame(id = seq_along(cases), cycle = sapply(cases, cycle)))

horizon <- NULL
quantile <- NULL
within <- NULL
for (id in seq_along(cases)) {
	deals <- cases[[id]]
	last <- max(deals$left) + 5
	curve <- begun_at(deals, 0, last)
	some <- function() sample(0:last, 18, TRUE)

	days <- sort(some())
	values <- cbind(curve[days + 1, c("win", "loss")], bounds(deals, days, 0.95))
	values[!sapply(days, complete, deals = deals, age = 0, curve = curve), ] <- NA
	horizon <- rbind(horizon, data.frame(id = id, days = days, values))

	days <- some()
	q <- ifelse(runif(18) < 0.5, 0.5, sample(c(0.1, 0.25, 0.75, 0.9, 1), 18, TRUE))
	values <- mapply(function(q, days) quantile_days(deals, curve, q, days), q, days)
	quantile <- rbind(quantile, data.frame(id = id, q = as.character(q), horizon = days, days = values))

	age <- sample(0:last, 18, TRUE)
	days <- sample(0:40, 18, TRUE)
	values <- mapply(function(age, days) {
		curve <- begun_at(deals, age, age + days)
		if (complete(deals, age, curve, age + days)) curve$win[age + days + 1] else NA
	}, age, days)
	within <- rbind(within, data.frame(id = id, age = age, within = days, win = values))
}
save_csv("horizon", horizon)
save_csv("quantile", quantile)
save_csv("within", within)
