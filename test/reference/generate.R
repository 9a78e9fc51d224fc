# Writes the reference values of kpi's statistics: FOLDER/<name>.csv, which
# test/sql/reference.sql compares with what kpi gives.
#
#	Rscript test/reference/generate.R FOLDER [FAMILY...]
#
# Into test/reference they are regenerated; script/test does it into a temporary
# folder and compares the two.  FAMILY is interval, significance, prior, curve,
# magic or bootstrap; without it all of them are written (half a minute).
# Needed are R with the packages survival, etm and coin, which are r-base-core,
# r-cran-survival, r-cran-etm and r-cran-coin in Debian.
#
# Wherever R has the statistic, the value is R's: prop.test, t.test,
# fisher.test, wilcox.test, p.adjust, qbeta; survdiff, coxph and survfit of
# survival; etm; wilcox_test of coin.  What R does not have is computed here
# from its definition, in another way than in kpi.  Each family begins with a
# seed of its own.  Arguments stand in the text form of kpi's types, numbers
# with 17 digits; an empty field is NULL.

suppressPackageStartupMessages({
	library(survival)
	library(etm)
	library(coin)
})
options(warn = 1)

# ----------
# Text forms

number <- function(x) ifelse(is.na(x), "", sprintf("%.17g", x))

whole <- function(x) sprintf("%.0f", x)

rate <- function(passed, decided) paste0(whole(passed), "/", whole(decided))

# A whole number, as text, of 10^-places
decimal <- function(digits, places) {
	sign <- ifelse(startsWith(digits, "-"), "-", "")
	digits <- sub("^-", "", digits)
	digits <- paste0(strrep("0", pmax(0, places + 1 - nchar(digits))), digits)
	point <- nchar(digits) - places
	text <- paste0(substr(digits, 1, point), ".", substring(digits, point + 1))
	paste0(sign, sub("\\.?0+$", "", text))
}

# The sales of amounts given in 1/10000.  The squares are added in three limbs
# of six digits, so that no sum reaches 2^53 and all are exact.
sales <- function(amounts) {
	high <- abs(amounts) %/% 1e6
	low <- abs(amounts) %% 1e6
	limbs <- c(sum(low^2), sum(2 * high * low), sum(high^2))
	stopifnot(limbs < 2^53, abs(sum(amounts)) < 2^53)
	limbs[2] <- limbs[2] + limbs[1] %/% 1e6
	limbs[3] <- limbs[3] + limbs[2] %/% 1e6
	digits <- sprintf("%.0f%06.0f%06.0f", limbs[3], limbs[2] %% 1e6, limbs[1] %% 1e6)
	paste0("n=", length(amounts),
		" total=", decimal(whole(sum(amounts)), 4),
		" squares=", decimal(sub("^0+(?=.)", "", digits, perl = TRUE), 8))
}

# Deals: entered and left are days of age, state is "won", "lost" or "open".
deals <- function(entered, left, state) {
	stopifnot(entered <= left)
	n <- length(left)
	data.frame(entered = rep_len(entered, n), left = left, state = rep_len(state, n))
}

# One row a day on which something happens
life_table <- function(deals) {
	day <- sort(unique(c(deals$entered, deals$left)))
	count <- function(days) as.vector(table(factor(days, day)))
	table <- data.frame(day = day,
		net = count(deals$entered) - count(deals$left[deals$state == "open"]),
		won = count(deals$left[deals$state == "won"]),
		lost = count(deals$left[deals$state == "lost"]))
	table[table$net != 0 | table$won != 0 | table$lost != 0, ]
}

cycle <- function(deals) cycle_of(life_table(deals))

cycle_of <- function(table) {
	if (nrow(table) == 0)
		return("empty")
	part <- function(n, format) ifelse(n == 0, NA, sprintf(format, n))
	cells <- cbind(part(table$net, "%+.0f"), part(table$won, "%.0fw"), part(table$lost, "%.0fl"))
	cells <- apply(cells, 1, function(cell) paste(cell[!is.na(cell)], collapse = ","))
	paste0(table$day, ":", cells, collapse = " ")
}

array_text <- function(values) paste0("{", paste(values, collapse = ","), "}")

# ----------
# Cases

# As start, stop, event: an opportunity left open at age b is not at risk on
# day b, one that enters at age a is at risk on day a.
counting <- function(deals) {
	deals$start <- deals$entered - 0.5
	deals$stop <- ifelse(deals$state == "open", deals$left - 0.5, deals$left)
	deals[deals$start < deals$stop, ]
}

# A number of any magnitude between two bounds above 0
magnitude <- function(n, from, to) exp(runif(n, log(from), log(to)))

confidences <- function(n) {
	sample(c(0.01, 0.2, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999), n, TRUE)
}

# Amounts in 1/10000: some whole, some with decimals, some far from 0 for their
# spread
amounts <- function(n) {
	kind <- sample(4, 1)
	amount <- switch(kind,
		1e4 * round(rlnorm(n, 7, 0.8)),
		round(1e4 * rlnorm(n, 5, 1.5)),
		100 * round(100 * rnorm(n, 100, 300)),
		1e11 + round(1e4 * rnorm(n, 0, 50)))
	pmin(pmax(amount, -1e12), 1e12)
}

begin <- function(seed) {
	set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion",
		sample.kind = "Rejection")
}

rows <- function(n, row) do.call(rbind, lapply(seq_len(n), row))

save_csv <- function(name, cases) {
	quote <- function(field) {
		ifelse(grepl(",", field, fixed = TRUE), paste0('"', field, '"'), field)
	}
	text <- lapply(cases, function(column) {
		quote(if (is.numeric(column)) number(column) else as.character(column))
	})
	lines <- do.call(paste, c(unname(text), sep = ","))
	writeLines(c(paste(names(cases), collapse = ","), lines),
		file.path(folder, paste0(name, ".csv")))
}

arguments <- commandArgs(trailingOnly = TRUE)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
folder <- arguments[1]
families <- arguments[-1]
if (length(families) == 0)
	families <- c("interval", "significance", "prior", "curve", "magic", "bootstrap")
for (family in families)
	source(file.path(here, paste0(family, ".R")), local = new.env())
