/*
 * scan.c
 *	  Reading the text form of summaries.
 *
 * A TextScan walks once over the input.  Numbers are read exactly, whatever their
 * length, so that out of range and wrong syntax stay apart.
 */
#include "postgres.h"

#include <ctype.h>

#include "kpi.h"

/* Starts at the cstring that is the first argument of an input function. */
TextScan
scan_start(FunctionCallInfo fcinfo, const char *type)
{
	TextScan	scan;

	scan.type = type;
	scan.text = PG_GETARG_CSTRING(0);
	scan.at = scan.text;
	scan.escontext = fcinfo->context;
	while (isspace((unsigned char) *scan.at))
		scan.at++;
	return scan;
}

/* Takes one character if it is the next. */
bool
scan_char(TextScan *scan, char c)
{
	if (*scan->at != c)
		return false;
	scan->at++;
	return true;
}

/* Takes a word if it is the next. */
bool
scan_word(TextScan *scan, const char *word)
{
	size_t		len = strlen(word);

	if (strncmp(scan->at, word, len) != 0)
		return false;
	scan->at += len;
	return true;
}

/*
 * Takes a decimal number with at most 'scale' decimals and returns its value
 * times 10^scale.  One that does not fit so many words is brought down to the
 * largest that does, which is for the caller to find too large; one that does
 * not fit a Wide is no number.
 */
bool
scan_number(TextScan *scan, int scale, int words, Wide *value)
{
	Wide		largest = {{0, 0, 0, 0}};
	bool		negative = scan_char(scan, '-');
	bool		point = false;

	memset(value, 0, sizeof(Wide));
	if (!isdigit((unsigned char) *scan->at))
		return false;
	for (;; scan->at++)
	{
		if (isdigit((unsigned char) *scan->at))
		{
			if (point && scale-- == 0)
				return false;
			if (!wide_append_digit(value, *scan->at - '0'))
				return false;
		}
		else if (*scan->at == '.' && !point &&
				 isdigit((unsigned char) scan->at[1]))
			point = true;
		else
			break;
	}
	while (scale-- > 0)
	{
		if (!wide_append_digit(value, 0))
			return false;
	}

	memset(largest.word, 0xFF, words * sizeof(uint64));
	largest.word[words - 1] >>= 1;
	if (wide_compare(*value, largest) > 0)
		*value = largest;
	if (negative)
		wide_negate(value);
	return true;
}

/*
 * Takes an integer.  One that does not fit is reported as out of range, and
 * false is returned for soft errors.
 */
bool
scan_int64(TextScan *scan, int64 *value)
{
	Wide		number;
	int128		count;
	const char *start = scan->at;

	if (!scan_number(scan, 0, 2, &number))
		return false;
	count = wide_to_int128(number);
	if (count < -PG_INT64_MAX || count > PG_INT64_MAX)
		ereturn(scan->escontext, false,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value \"%.*s\" is out of range for type %s",
						(int) (scan->at - start), start, scan->type),
				 errdetail("A count must be between %d and " INT64_FORMAT ".",
						   0, PG_INT64_MAX)));
	*value = (int64) count;
	return true;
}

/* Is nothing left but white space? */
bool
scan_end(TextScan *scan)
{
	while (isspace((unsigned char) *scan->at))
		scan->at++;
	return *scan->at == '\0';
}

/*
 * Reports the syntax error of the whole input, unless a soft error was
 * reported already.  Returns false.
 */
bool
scan_syntax_error(TextScan *scan)
{
	if (SOFT_ERROR_OCCURRED(scan->escontext))
		return false;
	ereturn(scan->escontext, false,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%s\"",
					scan->type, scan->text)));
}
