# Wilson's score interval of a ratio, Student's t interval of a mean

begin(1)

wilson <- function(passed, decided, confidence) {
	limits <- suppressWarnings(
		prop.test(passed, decided, conf.level = confidence, correct = FALSE)$conf.int)
	data.frame(rate = rate(passed, decided), confidence = as.character(confidence),
		low = if (passed == 0) 0 else limits[1],
		high = if (passed == decided) 1 else limits[2])
}

save_csv("rate_interval", rbind(
	rows(500, function(i) {
		decided <- floor(magnitude(1, 1, sample(c(30, 1000, 1e12), 1)))
		share <- switch(sample(4, 1), runif(1), rbeta(1, 0.1, 0.1), 1e-3 * runif(1), 1 - 1e-3 * runif(1))
		wilson(min(decided, round(decided * share)), decided, confidences(1))
	}),
	rows(13, function(i) wilson(0, 10^(i - 1), confidences(1))),
	rows(13, function(i) wilson(10^(i - 1), 10^(i - 1), confidences(1))),
	wilson(6, 10, 0.95), wilson(1, 1e12, 0.95), wilson(1e12 - 1, 1e12, 0.95),
	data.frame(rate = "0/0", confidence = "0.95", low = NA, high = NA)))

student <- function(amounts, confidence) {
	limits <- if (length(amounts) < 2) c(NA, NA)
		else if (all(amounts == amounts[1])) amounts[1:2]
		else t.test(amounts, conf.level = confidence)$conf.int
	data.frame(sales = sales(amounts), confidence = as.character(confidence),
		low = limits[1] / 1e4, high = limits[2] / 1e4)
}

save_csv("sales_interval", rbind(
	rows(500, function(i) {
		student(amounts(sample(c(2, 3, 4, 5, 10, 30, 100), 1)), confidences(1))
	}),
	student(c(-25e4, 25e4), 0.95), student(c(1, 2), 0.9999), student(c(1e12, 1e12 - 1), 0.01),
	student(rep(2500e4, 5), 0.95), student(0, 0.95), student(2500e4, 0.95), student(c(0, 0), 0.5),
	data.frame(sales = "n=0 total=0 squares=0", confidence = "0.95", low = NA, high = NA)))
