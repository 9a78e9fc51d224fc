# Compares reference values just generated with those committed: the same
# files, and in them the same text, numbers to a billionth.
#
#	Rscript test/reference/compare.R COMMITTED GENERATED

folders <- commandArgs(trailingOnly = TRUE)
files <- list.files(folders[1], "\\.csv$")
if (!identical(files, list.files(folders[2], "\\.csv$")))
	stop("the files are not the same")

# Numbers are what lies between separators; inside a rate, sales or cycle they
# are exact and short, so a billionth is no leave there.
difference <- function(file) {
	lines <- lapply(file.path(folders, file), readLines)
	if (length(lines[[1]]) != length(lines[[2]]))
		return(paste0(file, ": not the same number of lines"))
	differ <- which(lines[[1]] != lines[[2]])
	off <- Filter(function(line) {
		fields <- lapply(lines, function(lines) strsplit(lines[line], "[][,{}()\"]")[[1]])
		if (length(fields[[1]]) != length(fields[[2]]))
			return(TRUE)
		value <- suppressWarnings(lapply(fields, as.numeric))
		close <- abs(value[[1]] - value[[2]]) <= 1e-9 * abs(value[[1]])
		any(fields[[1]] != fields[[2]] & !(close %in% TRUE))
	}, differ)
	if (length(off) > 0)
		paste0(file, ":", off, ": ", lines[[1]][off], " is now ", lines[[2]][off])
}

differences <- unlist(lapply(files, difference))
writeLines(as.character(differences))
quit(status = length(differences) > 0)
