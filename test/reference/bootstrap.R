# Intervals of the horizon median from the bootstrap: of what is won by the
# horizon, the share that is won by a day varies over 2,000 resamples of the
# deals; days on which it is within 1.96 standard deviations of 1/2, these being
# scaled to what they are at 1/2.  With deviations a tenth shorter and longer,
# between which kpi's bounds must lie: so far 2,000 resamples are to be trusted.

begin(6)

# Of what is won by the horizon, the share won by each day, from one row a deal
horizon_share <- function(entered, stop, won, lost, horizon) {
	count <- function(days) tabulate(days + 1, horizon + 1)
	# at risk from the day of entry to that of the end; open: to the day before
	at_risk <- cumsum(count(entered) - c(0, count(stop)[-(horizon + 1)]))
	wins <- count(stop[won])
	ends <- wins + count(stop[lost])
	hazard <- ifelse(at_risk > 0, ends / at_risk, 0)
	open <- c(1, cumprod(1 - hazard)[-(horizon + 1)])
	win <- cumsum(ifelse(at_risk > 0, open * wins / at_risk, 0))
	win / win[horizon + 1]
}

# Deals as a window of a CRM shows them
seen <- function(n, days, before, step, median, share) {
	started <- step * sample(-(before %/% step):(days %/% step - 1), 20 * n, TRUE)
	won <- runif(20 * n) < share
	age <- step * floor(ifelse(won, rlnorm(20 * n, log(median), 0.6), rexp(20 * n, 0.5 / median)) / step)
	open <- started + age >= days
	view <- which(started + age >= 0 & !(open & days - started <= 0))[seq_len(n)]
	state <- ifelse(open, "open", ifelse(won, "won", "lost"))
	deals(pmax(0, -started)[view], ifelse(open, days - started, age)[view], state[view])
}

save_csv("bootstrap", rows(20, function(i) {
	n <- c(150, 250, 400, 1000)[1 + i %% 4]
	# ages in whole days or in multiples of three, so that the tables are short
	step <- c(1, 3)[1 + i %% 2]
	deals <- seen(n, sample(c(91, 182, 364), 1), 364, step, sample(c(20, 40, 80), 1), runif(1, 0.25, 0.6))
	stop <- ifelse(deals$state == "open", deals$left - 1, deals$left)
	won <- deals$state == "won"
	lost <- deals$state == "lost"
	# the last day on which 15 are at risk
	at_risk <- sapply(0:max(stop), function(day) sum(deals$entered <= day & day <= stop))
	horizon <- max(which(at_risk >= 15)) - 1
	share_of <- function(k) horizon_share(deals$entered[k], stop[k], won[k], lost[k], horizon)
	share <- share_of(seq_len(n))
	deviation <- apply(replicate(2000, share_of(sample(n, n, TRUE))), 1, sd, na.rm = TRUE)
	distance <- ifelse(share > 0 & share < 1, qnorm(0.975) * deviation / sqrt(share * (1 - share)) / 2, 0)
	low <- function(tenths) which(share + tenths / 10 * distance >= 0.5 - 1e-12)[1] - 1
	high <- function(tenths) max(which(share - tenths / 10 * distance < 0.5 - 1e-12))
	data.frame(cycle = cycle(deals), horizon = horizon, median = which(share >= 0.5 - 1e-12)[1] - 1,
		low_from = low(11), low_to = low(9), high_from = high(9), high_to = high(11))
}))
