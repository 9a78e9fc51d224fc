/*
 * kpi.c
 *	  The module itself, and the checks that all families share.
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "libpq/pqformat.h"
#include "utils/float.h"

#include "kpi.h"

#ifdef PG_MODULE_MAGIC_EXT
PG_MODULE_MAGIC_EXT(.name = "kpi", .version = KPI_VERSION);
#else
PG_MODULE_MAGIC;
#endif

/* Reads the version byte that every binary message begins with. */
void
receive_version(StringInfo buf, const char *type)
{
	int			version = pq_getmsgbyte(buf);

	if (version != SUMMARY_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("unsupported version %d of a binary %s", version, type),
				 errdetail("This kpi reads version %d.", SUMMARY_VERSION)));
}

/* Checks that what is left of a message is 'count' items of 'size' bytes. */
void
receive_count(StringInfo buf, int32 count, Size size, const char *type)
{
	if (count < 0 || (uint64) count * size != (uint64) (buf->len - buf->cursor))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("binary %s has the wrong length", type),
				 errdetail("Its %d items need " UINT64_FORMAT " bytes, %d are left.",
						   count, (uint64) Max(count, 0) * size, buf->len - buf->cursor)));
}

/* Adds two counts. */
int64
checked_add(int64 a, int64 b, const char *what)
{
	int64		sum;

	if (unlikely(pg_add_s64_overflow(a, b, &sum)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s out of range", what),
				 errdetail("The sum of " INT64_FORMAT " and " INT64_FORMAT
						   " does not fit 64 bits.", a, b)));
	return sum;
}

void
not_finite(const char *what, const char *value)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s must be a finite number, not %s", what, value)));
}

void
check_finite(double value, const char *what)
{
	if (!isfinite(value))
		not_finite(what, float8out_internal(value));
}

void
check_at_least_0(double value, const char *what)
{
	check_finite(value, what);
	if (value < 0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be at least 0, not %s",
						what, float8out_internal(value))));
}

/* A ratio or a probability */
void
check_fraction(double value, const char *what)
{
	if (!(value >= 0 && value <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be between 0 and 1, not %s",
						what, float8out_internal(value))));
}

void
check_confidence(double confidence)
{
	if (!(confidence > 0 && confidence < 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("confidence must be above 0 and below 1, not %s",
						float8out_internal(confidence))));
}

/* A result whose arguments are finite */
double
checked_result(double value, const char *what)
{
	if (!isfinite(value))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s is out of range", what),
				 errdetail("It must be between -%g and %g.", DBL_MAX, DBL_MAX)));
	return value;
}

/*
 * value * factor, at least 0, its exact value rounded once, half up.
 *
 * The product is taken as the sum of two doubles, so that neither its own
 * rounding nor a size beyond 2^53 moves a unit: its distance from the half is
 * exact, so what is added to that cannot turn the sign wrongly, and where the
 * product is so large that it is whole 'rest' still tells the half, as long as
 * the factor is a whole number below 2^21.
 */
int64
round_product(double value, double factor)
{
	double		product = value * factor;
	double		rest = fma(value, factor, -product);
	double		whole = floor(product);

	return (int64) whole + (int64) floor(product - whole - 0.5 + rest) + 1;
}
