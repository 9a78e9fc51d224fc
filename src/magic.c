/*
 * magic.c
 *	  The magic number: how many new opportunities a week the goal needs, how
 *	  sure that is, what moves it and what is left of it; the revenue that
 *	  opportunities bring; the activity barometer.
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

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/tuplestore.h"

#include "kpi.h"

PG_FUNCTION_INFO_V1(kpi_magic_number);
PG_FUNCTION_INFO_V1(kpi_magic_number_summaries);
PG_FUNCTION_INFO_V1(kpi_magic_number_win_ratio);
PG_FUNCTION_INFO_V1(kpi_magic_number_low);
PG_FUNCTION_INFO_V1(kpi_magic_number_high);
PG_FUNCTION_INFO_V1(kpi_magic_number_levers);
PG_FUNCTION_INFO_V1(kpi_magic_number_remaining);
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
	check_fraction(prospect.proposal_ratio, "proposal ratio");
	check_fraction(prospect.closing_ratio, "closing ratio");
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
opportunities_at(double z, double goal, double m, double p, double variance)
{
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

/*
 * At a confidence, an opportunity being won with probability p; false where no
 * number brings the goal in, or what it takes is unknown.
 */
static bool
opportunities_from_sales(double goal, const Sales *sales, double p,
						 double confidence, double *opportunities)
{
	double		mean;
	double		variance;

	if (!sales_mean(sales, &mean))
		return false;
	if (goal <= 0)
		*opportunities = 0;
	else if (!(mean > 0 && p > 0))
		return false;
	else if (confidence == 0.5)
		*opportunities = goal / (mean * p);
	else if (sales_variance(sales, &variance))
		*opportunities = opportunities_at(normal_quantile(confidence), goal,
										  mean, p, variance);
	else
		return false;
	return true;
}

/* magic_number(goal, sales, proposal, closing, weeks, confidence) */
Datum
kpi_magic_number_summaries(PG_FUNCTION_ARGS)
{
	double		goal = PG_GETARG_FLOAT8(0);
	double		proposal_ratio;
	double		closing_ratio;
	double		weeks = PG_GETARG_FLOAT8(4);
	double		confidence = PG_GETARG_FLOAT8(5);
	double		opportunities;

	check_finite(goal, "goal");
	check_weeks(weeks);
	check_confidence(confidence);

	if (!rate_ratio(PG_GETARG_RATE_P(2), &proposal_ratio) ||
		!rate_ratio(PG_GETARG_RATE_P(3), &closing_ratio) ||
		!opportunities_from_sales(goal, PG_GETARG_SALES_P(1),
								  proposal_ratio * closing_ratio, confidence,
								  &opportunities))
		PG_RETURN_NULL();
	return per_week(opportunities, weeks);
}

/* magic_number(goal, sales, win_ratio, weeks, confidence) */
Datum
kpi_magic_number_win_ratio(PG_FUNCTION_ARGS)
{
	double		goal = DatumGetFloat8(DirectFunctionCall1(numeric_float8,
														  PG_GETARG_DATUM(0)));
	double		win_ratio = PG_GETARG_FLOAT8(2);
	double		weeks = PG_GETARG_FLOAT8(3);
	double		confidence = PG_GETARG_FLOAT8(4);
	double		opportunities;

	check_finite(goal, "goal");
	check_fraction(win_ratio, "win ratio");
	check_weeks(weeks);
	check_confidence(confidence);

	if (!opportunities_from_sales(goal, PG_GETARG_SALES_P(1), win_ratio,
								  confidence, &opportunities))
		PG_RETURN_NULL();
	return per_week(opportunities, weeks);
}

/* ----------
 * The interval
 *
 * The number is goal / weeks over a product of three figures, each of which
 * lies between bounds of its own.  On the scale of logarithms the product is a
 * sum, whose bound is as far from it as the root of the sum of the squares of
 * the distances of their bounds: where these are as many standard errors this
 * is the delta method, but the bounds of Wilson and of t hold for few
 * decisions and for ratios of 1 too (G. Y. Zou and A. Donner, Statistics in
 * Medicine 27 (2008), 1693-1702).
 * ----------
 */

/* Distances of the product's logarithm from its bounds */
static void
distance_add(Bounds *squares, double value, Bounds bounds)
{
	double		below = log(value / Max(bounds.low, 0));
	double		above = log(bounds.high / value);

	squares->low += below * below;
	squares->high += above * above;
}

/* Arguments as of kpi_magic_number_summaries; false where there is none. */
static bool
magic_number_interval(FunctionCallInfo fcinfo, Bounds *interval)
{
	double		goal = PG_GETARG_FLOAT8(0);
	Sales	   *sales = PG_GETARG_SALES_P(1);
	Rate	   *proposal = PG_GETARG_RATE_P(2);
	Rate	   *closing = PG_GETARG_RATE_P(3);
	double		weeks = PG_GETARG_FLOAT8(4);
	double		confidence = PG_GETARG_FLOAT8(5);
	Prospect	prospect;
	Bounds		bounds;
	Bounds		squares = {0, 0};
	double		number;

	check_finite(goal, "goal");
	check_weeks(weeks);
	check_confidence(confidence);

	if (!sales_mean(sales, &prospect.average_revenue) ||
		!rate_ratio(proposal, &prospect.proposal_ratio) ||
		!rate_ratio(closing, &prospect.closing_ratio) ||
		!sales_interval(sales, confidence, &bounds))
		return false;
	interval->low = interval->high = 0;
	if (goal <= 0)
		return true;
	if (!prospect_reaches(&prospect))
		return false;

	distance_add(&squares, prospect.average_revenue, bounds);
	distance_add(&squares, prospect.proposal_ratio,
				 rate_interval(proposal, confidence));
	distance_add(&squares, prospect.closing_ratio,
				 rate_interval(closing, confidence));
	number = goal / prospect_revenue(&prospect) / weeks;
	interval->low = number * exp(-sqrt(squares.high));
	/* Where the average sale may be 0 no number is certain to do. */
	interval->high = bounds.low > 0 ? number * exp(sqrt(squares.low)) : NAN;
	return true;
}

Datum
kpi_magic_number_low(PG_FUNCTION_ARGS)
{
	Bounds		interval;

	if (!magic_number_interval(fcinfo, &interval))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(checked_result(interval.low, "magic number"));
}

Datum
kpi_magic_number_high(PG_FUNCTION_ARGS)
{
	Bounds		interval;

	if (!magic_number_interval(fcinfo, &interval) || isnan(interval.high))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(checked_result(interval.high, "magic number"));
}

/* ----------
 * Levers
 * ----------
 */

/* magic_number_levers(goal, sales, proposal, closing, weeks, actual) */
Datum
kpi_magic_number_levers(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	double		goal = PG_GETARG_FLOAT8(0);
	double		weeks = PG_GETARG_FLOAT8(4);
	double		actual = PG_GETARG_FLOAT8(5);
	Prospect	today;

	check_finite(goal, "goal");
	check_weeks(weeks);
	check_at_least_0(actual, "actual");
	InitMaterializedSRF(fcinfo, 0);
	if (!sales_mean(PG_GETARG_SALES_P(1), &today.average_revenue) ||
		!rate_ratio(PG_GETARG_RATE_P(2), &today.proposal_ratio) ||
		!rate_ratio(PG_GETARG_RATE_P(3), &today.closing_ratio))
		return (Datum) 0;

	for (int lever = 0; lever < 4; lever++)
	{
		static const char *const name[] = {
			"proposal ratio", "closing ratio", "average sale", "sales cycle"
		};
		static const char *const change[] = {
			"one point", "one point", "one per cent", "one day"
		};
		Prospect	better = today;
		double		longer = weeks;
		double		now = prospect_revenue(&today) * weeks;
		double		then;
		Datum		values[4];
		bool		nulls[4] = {false};

		if (lever == 0)
			better.proposal_ratio = Min(today.proposal_ratio + 0.01, 1);
		else if (lever == 1)
			better.closing_ratio = Min(today.closing_ratio + 0.01, 1);
		else if (lever == 2)
			better.average_revenue += fabs(today.average_revenue) * 0.01;
		else
			longer += 1 / 7.0;	/* What began a day later is in time too. */
		then = prospect_revenue(&better) * longer;

		values[0] = CStringGetTextDatum(name[lever]);
		values[1] = CStringGetTextDatum(change[lever]);
		nulls[2] = goal > 0 && !prospect_reaches(&today);
		values[2] = Float8GetDatum(nulls[2] || goal <= 0 ? 0 :
								   checked_result(goal / now - goal / then,
												  "opportunities saved"));
		values[3] = Float8GetDatum(checked_result(actual * (then - now),
												  "revenue gained"));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* ----------
 * What remains
 *
 * An opportunity that begins while D days are left brings something in by the
 * end only if it is won by then: with probability F(D - 1) of the cycle, days
 * of age counting from 0.  One that begins each day brings
 *
 *		F(0) + F(1) + ... + F(D - 1)
 *
 * sales, D being all that is left, so that the goal which the open deals leave
 * takes goal / average revenue / that sum a day, and seven times as many a
 * week.
 * ----------
 */

/* The integral of F, which changes once a day, over the days left */
static double
wins_of_one_a_day(const Cycle *cycle, double days)
{
	Curve		curve = curve_start(cycle, 0);
	double		wins = 0;
	double		from = 0;
	double		win = 0;

	while (curve_next(&curve, (int64) ceil(days) - 1))
	{
		double		day = cycle->day[curve.next - 1].day;

		wins += win * (day - from);
		from = day;
		win = curve.win;
	}
	return wins + win * (days - from);
}

/*
 * magic_number_remaining(goal, expected, average_revenue, cycle, weeks_left,
 *						  at_most)
 */
Datum
kpi_magic_number_remaining(PG_FUNCTION_ARGS)
{
	double		goal = PG_GETARG_FLOAT8(0);
	double		expected = PG_GETARG_FLOAT8(1);
	double		average_revenue = PG_GETARG_FLOAT8(2);
	Cycle	   *cycle = PG_GETARG_CYCLE_P(3);
	double		weeks_left = PG_GETARG_FLOAT8(4);
	double		at_most = PG_GETARG_FLOAT8(5);
	double		days = weeks_left * 7;
	double		number = 0;
	double		wins = 0;
	const char *status = "reachable";
	TupleDesc	tupdesc;
	Datum		values[3];
	bool		nulls[3] = {false};

	check_finite(goal, "goal");
	check_finite(expected, "expected revenue");
	check_finite(average_revenue, "average revenue");
	if (!(weeks_left >= 0 && days <= PG_INT32_MAX))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weeks left must be between 0 and %d, not %s",
						PG_INT32_MAX / 7, float8out_internal(weeks_left))));
	if (!(at_most >= 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("at_most must be at least 0, not %s",
						float8out_internal(at_most))));

	if (days > 0 && !cycle_follow_up(cycle, 0, (int64) ceil(days) - 1))
		nulls[1] = true;
	else if (days > 0)
		wins = wins_of_one_a_day(cycle, days);

	if (goal - expected <= 0)
	{
		/* The open deals are enough, or even they are not needed. */
		if (goal <= 0)
			status = "target met";
	}
	else if (nulls[1])
	{
		status = "too few deals to tell";
		nulls[0] = true;
	}
	else if (!(wins > 0 && average_revenue > 0))
	{
		status = "not reachable by new opportunities";
		nulls[0] = true;
	}
	else
	{
		number = checked_result((goal - expected) / average_revenue / wins * 7,
								"magic number");
		if (number > at_most)
			status = "not reachable by new opportunities";
	}

	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = Float8GetDatum(number);
	values[1] = Float8GetDatum(days > 0 ? wins / days : 0);
	values[2] = CStringGetTextDatum(status);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tupdesc),
											 values, nulls));
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
