/*
 * magic.c
 *	  The magic number: how many new opportunities a week the goal needs; the
 *	  revenue that opportunities bring; the activity barometer.
 *
 * Of N new opportunities N * proposal ratio * closing ratio become sales of
 * the average revenue each, so on average the goal takes
 *
 *		N = goal / (average revenue * proposal ratio * closing ratio)
 *
 * Half of the time they bring less.  Let an opportunity be won with
 * probability p = proposal ratio * closing ratio, and a sale have mean m and
 * standard deviation s: then it brings p * m on average, with variance
 *
 *		v = p * (s^2 + m^2) - p^2 * m^2
 *
 * and the N whose revenue reaches the goal G at a confidence, in the normal
 * approximation, solves N * p * m - z * sqrt(N * v) = G, z being the normal
 * quantile of the confidence: a quadratic equation in sqrt(N), with
 *
 *		sqrt(N) = (z * sqrt(v) + sqrt(z^2 * v + 4 * p * m * G)) / (2 * p * m)
 */
#include "postgres.h"

#include <math.h>

#include "utils/float.h"

#include "kpi.h"

PG_FUNCTION_INFO_V1(kpi_magic_number);
PG_FUNCTION_INFO_V1(kpi_magic_number_summaries);
PG_FUNCTION_INFO_V1(kpi_expected_revenue);
PG_FUNCTION_INFO_V1(kpi_activity_barometer);

/* What an opportunity is worth */
typedef struct Prospect
{
	double		average_revenue;
	double		proposal_ratio;
	double		closing_ratio;
} Prospect;

static void
check_weeks(double weeks)
{
	if (!(weeks > 0 && isfinite(weeks)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weeks must be a finite number above 0, not %s",
						float8out_internal(weeks))));
}

/* Arguments 1 to 3 */
static Prospect
prospect_arguments(FunctionCallInfo fcinfo)
{
	Prospect	prospect = {
		PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2), PG_GETARG_FLOAT8(3)
	};

	check_finite(prospect.average_revenue, "average revenue");
	check_ratio(prospect.proposal_ratio, "proposal ratio");
	check_ratio(prospect.closing_ratio, "closing ratio");
	return prospect;
}

/* Revenue that an opportunity brings on average */
static double
prospect_revenue(const Prospect *prospect)
{
	return prospect->average_revenue *
		prospect->proposal_ratio * prospect->closing_ratio;
}

/* Can opportunities bring any goal in? */
static bool
prospect_reaches(const Prospect *prospect)
{
	return prospect->average_revenue > 0 &&
		prospect->proposal_ratio > 0 && prospect->closing_ratio > 0;
}

/*
 * The N of the formula above, with goal and deviation measured in average
 * revenues.  With z < 0 the sum would cancel, and is written the other way.
 */
static double
opportunities_at(double z, double goal,
				 const Prospect *prospect, double variance)
{
	double		m = prospect->average_revenue;
	double		p = prospect->proposal_ratio * prospect->closing_ratio;
	double		sales = goal / m;
	double		deviation = z * sqrt(p * (variance / m / m) + p * (1 - p));
	double		root = hypot(deviation, 2 * sqrt(p) * sqrt(sales));

	root = z > 0 ? (root + deviation) / (2 * p) :
		2 * sales / (root - deviation);
	return root * root;
}

static Datum
per_week(double opportunities, double weeks)
{
	PG_RETURN_FLOAT8(checked_result(opportunities / weeks, "magic number"));
}

/* magic_number(goal, average_revenue, proposal_ratio, closing_ratio, weeks) */
Datum
kpi_magic_number(PG_FUNCTION_ARGS)
{
	double		goal = PG_GETARG_FLOAT8(0);
	Prospect	prospect = prospect_arguments(fcinfo);
	double		weeks = PG_GETARG_FLOAT8(4);

	check_finite(goal, "goal");
	check_weeks(weeks);

	if (goal <= 0)
		PG_RETURN_FLOAT8(0);
	if (!prospect_reaches(&prospect))
		PG_RETURN_NULL();
	return per_week(goal / prospect_revenue(&prospect), weeks);
}

/* magic_number(goal, sales, proposal, closing, weeks, confidence) */
Datum
kpi_magic_number_summaries(PG_FUNCTION_ARGS)
{
	double		goal = PG_GETARG_FLOAT8(0);
	Sales	   *sales = PG_GETARG_SALES_P(1);
	double		weeks = PG_GETARG_FLOAT8(4);
	double		confidence = PG_GETARG_FLOAT8(5);
	Prospect	prospect;
	double		variance;

	check_finite(goal, "goal");
	check_weeks(weeks);
	check_confidence(confidence);

	if (!sales_mean(sales, &prospect.average_revenue) ||
		!rate_ratio(PG_GETARG_RATE_P(2), &prospect.proposal_ratio) ||
		!rate_ratio(PG_GETARG_RATE_P(3), &prospect.closing_ratio))
		PG_RETURN_NULL();
	if (goal <= 0)
		PG_RETURN_FLOAT8(0);
	if (!prospect_reaches(&prospect))
		PG_RETURN_NULL();
	if (confidence == 0.5)
		return per_week(goal / prospect_revenue(&prospect), weeks);
	if (!sales_variance(sales, &variance))
		PG_RETURN_NULL();
	return per_week(opportunities_at(normal_quantile(confidence), goal,
									 &prospect, variance), weeks);
}

/*
 * expected_revenue(opportunities, average_revenue, proposal_ratio,
 *					closing_ratio)
 */
Datum
kpi_expected_revenue(PG_FUNCTION_ARGS)
{
	double		opportunities = PG_GETARG_FLOAT8(0);
	Prospect	prospect = prospect_arguments(fcinfo);

	check_at_least_0(opportunities, "number of opportunities");
	PG_RETURN_FLOAT8(checked_result(opportunities * prospect_revenue(&prospect),
									"expected revenue"));
}

/* activity_barometer(actual, required) */
Datum
kpi_activity_barometer(PG_FUNCTION_ARGS)
{
	double		actual = PG_GETARG_FLOAT8(0);
	double		required = PG_GETARG_FLOAT8(1);

	check_at_least_0(actual, "actual");
	check_at_least_0(required, "required");
	if (required == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(checked_result(actual / required, "activity barometer"));
}
