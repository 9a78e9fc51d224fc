/*
 * interval.c
 *	  low, high: between which bounds a ratio or an average sale lies.
 *
 * Of a rate, Wilson's score interval: the ratios r that differ from the
 * observed p of n decisions by no more than z standard errors, the standard
 * error being that under r.  They lie between the roots of
 *
 *		(1 + z^2 / n) r^2 - (2 p + z^2 / n) r + p^2 = 0
 *
 * (E. B. Wilson, Journal of the American Statistical Association 22 (1927),
 * 209-212.)  Of sales, the t interval of the mean, m -+ t s / sqrt(n).
 */
#include "postgres.h"

#include <math.h>

#include "kpi.h"

PG_FUNCTION_INFO_V1(kpi_rate_low);
PG_FUNCTION_INFO_V1(kpi_rate_high);
PG_FUNCTION_INFO_V1(kpi_sales_low);
PG_FUNCTION_INFO_V1(kpi_sales_high);

/*
 * Something was decided.  The lower root is their product over the upper one,
 * which loses no digits; where none or all passed a bound is 0 or 1 itself.
 */
Bounds
rate_interval(const Rate *rate, double confidence)
{
	double		n = (double) rate->decided;
	double		p = (double) rate->passed / n;
	double		z = normal_quantile_two_sided(confidence);
	double		a = 1 + z * z / n;
	double		b = p + z * z / n / 2;
	double		high = (b + z * sqrt(p * (1 - p) / n + z * z / n / n / 4)) / a;
	Bounds		interval = {0, high};

	/* At a confidence of next to 0 rounding might leave p out. */
	if (rate->passed > 0)
		interval.low = Min(p * p / a / high, p);
	if (rate->passed == rate->decided)
		interval.high = 1;
	return interval;
}

/* False under two sales */
bool
sales_interval(const Sales *sales, double confidence, Bounds *interval)
{
	double		mean;
	double		variance;
	double		distance;

	if (!sales_mean(sales, &mean) || !sales_variance(sales, &variance))
		return false;
	distance = student_quantile_two_sided(confidence, (double) sales->count - 1) *
		sqrt(variance / (double) sales->count);
	interval->low = mean - distance;
	interval->high = mean + distance;
	return true;
}

/* Arguments: rate, confidence; false where nothing was decided */
static bool
rate_interval_arguments(FunctionCallInfo fcinfo, Bounds *interval)
{
	Rate	   *rate = PG_GETARG_RATE_P(0);
	double		confidence = PG_GETARG_FLOAT8(1);

	check_confidence(confidence);
	if (rate->decided == 0)
		return false;
	*interval = rate_interval(rate, confidence);
	return true;
}

/* Arguments: sales, confidence; false under two sales */
static bool
sales_interval_arguments(FunctionCallInfo fcinfo, Bounds *interval)
{
	double		confidence = PG_GETARG_FLOAT8(1);

	check_confidence(confidence);
	return sales_interval(PG_GETARG_SALES_P(0), confidence, interval);
}

Datum
kpi_rate_low(PG_FUNCTION_ARGS)
{
	Bounds		interval;

	if (!rate_interval_arguments(fcinfo, &interval))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(interval.low);
}

Datum
kpi_rate_high(PG_FUNCTION_ARGS)
{
	Bounds		interval;

	if (!rate_interval_arguments(fcinfo, &interval))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(interval.high);
}

Datum
kpi_sales_low(PG_FUNCTION_ARGS)
{
	Bounds		interval;

	if (!sales_interval_arguments(fcinfo, &interval))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(interval.low);
}

Datum
kpi_sales_high(PG_FUNCTION_ARGS)
{
	Bounds		interval;

	if (!sales_interval_arguments(fcinfo, &interval))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(interval.high);
}
