/*
 * curve.c
 *	  What becomes of opportunities by their age: from a cycle, the shares won,
 *	  lost and still open.
 *
 * Won and lost are competing ends, and what is still open, or came into view
 * late, counts for as long as it was seen (O. O. Aalen and S. Johansen,
 * Scandinavian Journal of Statistics 5 (1978), 141-150).  With Y at risk, w won
 * and l lost on a day, and h = (w + l) / Y,
 *
 *		open' = open (1 - h)	win' = win + open w / Y
 *
 * The variances follow the same steps, the ends of a day being multinomial:
 *
 *		V(open') = (1 - h)^2 V(open) + open^2 h (1 - h) / Y
 *		C(open', win') = (1 - h) (C + w / Y V(open)) - open^2 w / Y (1 - h) / Y
 *		V(win') = V(win) + 2 w / Y C + (w / Y)^2 V(open)
 *				  + open^2 w / Y (1 - w / Y) / Y
 *
 * which is Greenwood's formula for open, and p (1 - p) / n where all n were
 * seen to their end (P. K. Andersen, O. Borgan, R. D. Gill and N. Keiding,
 * Statistical Models Based on Counting Processes, 1993, section IV.4).
 *
 * A curve tells nothing where hardly anybody is left to be seen.  Follow-up is
 * complete by a day if on no day up to it fewer than MIN_AT_RISK are at risk
 * while more than MAX_OPEN of all are still open; or if nobody came into view
 * later than the first nor left it still open: then the curve is a plain share,
 * of however few.
 */
#include "postgres.h"

#include <math.h>

#include "funcapi.h"
#include "utils/float.h"
#include "utils/tuplestore.h"

#include "kpi.h"

PG_FUNCTION_INFO_V1(kpi_curve);
PG_FUNCTION_INFO_V1(kpi_win_probability);
PG_FUNCTION_INFO_V1(kpi_win_probability_within);
PG_FUNCTION_INFO_V1(kpi_win_probability_steps);
PG_FUNCTION_INFO_V1(kpi_win_probability_low);
PG_FUNCTION_INFO_V1(kpi_win_probability_high);
PG_FUNCTION_INFO_V1(kpi_loss_probability);
PG_FUNCTION_INFO_V1(kpi_median_days);
PG_FUNCTION_INFO_V1(kpi_quantile_days);
PG_FUNCTION_INFO_V1(kpi_low_days);
PG_FUNCTION_INFO_V1(kpi_high_days);

#define MIN_AT_RISK		10
#define MAX_OPEN		0.05

/* Shares that are equal but for rounding */
#define SAME_SHARE		1e-9

/* ----------
 * The curve
 * ----------
 */

/* The curve of those still open when day 'age' begins */
Curve
curve_start(const Cycle *cycle, int32 age)
{
	Curve		curve = {.cycle = cycle, .open = 1};

	for (; curve.next < cycle->ndays && cycle->day[curve.next].day < age; curve.next++)
	{
		const CycleDay *day = &cycle->day[curve.next];

		curve.at_risk += day->net - day->won - day->lost;
	}
	return curve;
}

/* The next day with anything in it, up to 'last'; false where there is none. */
bool
curve_next(Curve *curve, int64 last)
{
	const CycleDay *day = &curve->cycle->day[curve->next];
	double		at_risk;
	double		won;
	double		lost;
	double		stay;
	double		square = curve->open * curve->open;

	if (curve->next == curve->cycle->ndays || day->day > last)
		return false;
	curve->next++;
	curve->at_risk += day->net;
	if (curve->at_risk == 0)
		return true;

	at_risk = (double) curve->at_risk;
	won = (double) day->won / at_risk;
	lost = (double) day->lost / at_risk;
	curve->at_risk -= day->won + day->lost;
	stay = (double) curve->at_risk / at_risk;

	curve->win_variance += won * (2 * curve->covariance + won * curve->open_variance) +
		square * won * (1 - won) / at_risk;
	curve->covariance = stay * (curve->covariance + won * curve->open_variance -
								square * won / at_risk);
	curve->open_variance = stay * (stay * curve->open_variance +
								   square * (1 - stay) / at_risk);
	curve->win = Min(curve->win + curve->open * won, 1);
	curve->loss = Min(curve->loss + curve->open * lost, 1);
	curve->open *= stay;

	/* What all come to is 1 itself, in spite of rounding. */
	if (curve->open == 0 && curve->loss == 0)
		curve->win = 1;
	if (curve->open == 0 && curve->win == 0)
		curve->loss = 1;
	return true;
}

/* The curve at the end of a day */
static Curve
curve_at(const Cycle *cycle, int32 age, int64 last)
{
	Curve		curve = curve_start(cycle, age);

	while (curve_next(&curve, last))
		;
	return curve;
}

/*
 * Bounds of the share won, z standard errors away on the scale of ln(-ln p);
 * false where none or all are won.
 */
static bool
curve_interval(const Curve *curve, double z, Bounds *interval)
{
	double		p = curve->win;
	double		distance;

	if (p <= 0 || p >= 1)
		return false;
	distance = z * sqrt(Max(curve->win_variance, 0)) / (p * -log(p));
	interval->low = pow(p, exp(distance));
	interval->high = pow(p, exp(-distance));
	return true;
}

/* Did those of the first day stay in view to their end, and nobody else come? */
static bool
cohort_is_closed(const Curve *start, int32 first, int64 last)
{
	const Cycle *cycle = start->cycle;
	int64		at_risk = start->at_risk;

	for (int i = start->next; i < cycle->ndays && cycle->day[i].day <= last; i++)
	{
		if (cycle->day[i].day == first)
			at_risk += cycle->day[i].net;
		else if (cycle->day[i].net != 0)
			return false;
	}
	return at_risk > 0;
}

/*
 * Is follow-up from day 'age' complete by the day 'last'?  See the head of
 * this file.
 */
bool
cycle_follow_up(const Cycle *cycle, int32 age, int64 last)
{
	Curve		curve = curve_start(cycle, age);
	int64		day = age;

	if (curve.next == 0)
	{
		/* Nobody entered before age. */
		if (cycle->ndays == 0 || cycle->day[0].day > last)
			return false;
		day = cycle->day[0].day;
	}
	if (cohort_is_closed(&curve, day, last))
		return true;

	while (day <= last)
	{
		const CycleDay *cell = &cycle->day[curve.next];
		bool		more = curve.next < cycle->ndays;
		bool		today = more && cell->day == day;

		if (curve.at_risk + (today ? cell->net : 0) < MIN_AT_RISK)
			return curve.open <= MAX_OPEN * (1 + SAME_SHARE);
		if (today)
		{
			curve_next(&curve, day);
			day++;
		}
		else
			day = cell->day;	/* Somebody is at risk, so there is more. */
	}
	return true;
}

/* ----------
 * Arguments and results
 * ----------
 */

static int32
days_argument(FunctionCallInfo fcinfo, int n, const char *what)
{
	int32		days = PG_GETARG_INT32(n);

	if (days < 0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must not be negative, but is %d", what, days)));
	return days;
}

/* A curve that was followed up to its end: arguments cycle, days */
static bool
curve_arguments(FunctionCallInfo fcinfo, Curve *curve)
{
	Cycle	   *cycle = PG_GETARG_CYCLE_P(0);
	int32		days = days_argument(fcinfo, 1, "number of days");

	*curve = curve_at(cycle, 0, days);
	return cycle_follow_up(cycle, 0, days);
}

/* The curve as rows */
Datum
kpi_curve(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Cycle	   *cycle = PG_GETARG_CYCLE_P(0);
	double		confidence = PG_GETARG_FLOAT8(1);
	Curve		curve = curve_start(cycle, 0);
	double		z;

	check_confidence(confidence);
	z = normal_quantile_two_sided(confidence);
	InitMaterializedSRF(fcinfo, 0);
	for (const CycleDay *day = cycle->day; curve_next(&curve, PG_INT32_MAX); day++)
	{
		Bounds		interval = {0, 0};
		bool		bounded = curve_interval(&curve, z, &interval);
		Datum		values[] = {
			Int32GetDatum(day->day), Int64GetDatum(day->net),
			Int64GetDatum(curve.at_risk + day->won + day->lost),
			Int64GetDatum(day->won), Int64GetDatum(day->lost),
			Float8GetDatum(curve.win), Float8GetDatum(curve.loss),
			Float8GetDatum(curve.open),
			Float8GetDatum(interval.low), Float8GetDatum(interval.high)
		};
		bool		nulls[lengthof(values)] = {[8] = !bounded,[9] = !bounded};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

Datum
kpi_win_probability(PG_FUNCTION_ARGS)
{
	Curve		curve;

	if (!curve_arguments(fcinfo, &curve))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(curve.win);
}

Datum
kpi_loss_probability(PG_FUNCTION_ARGS)
{
	Curve		curve;

	if (!curve_arguments(fcinfo, &curve))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(curve.loss);
}

/* Of those still open when day 'age' begins: won on it or 'within' days after */
Datum
kpi_win_probability_within(PG_FUNCTION_ARGS)
{
	Cycle	   *cycle = PG_GETARG_CYCLE_P(0);
	int32		age = days_argument(fcinfo, 1, "age");
	int64		last = (int64) age + days_argument(fcinfo, 2, "number of days");

	if (!cycle_follow_up(cycle, age, last))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(curve_at(cycle, age, last).win);
}

/*
 * Of those that have not taken a step when day 'age' begins: won on it or
 * 'within' days after, where who takes the step ("won" in the first curve) is
 * from then on won as the second curve has it, within the days that are left.
 */
static double
won_after_step(const Cycle *step, const Cycle *next, int32 age, int32 within)
{
	double	   *win = palloc_array(double, next->ndays + 1);
	int			n = 0;
	Curve		curve = curve_start(next, 0);
	double		share = 0;
	double		before = 0;

	while (curve_next(&curve, within))
		win[n++] = curve.win;

	curve = curve_start(step, age);
	while (curve_next(&curve, (int64) age + within))
	{
		int64		left = (int64) age + within - step->day[curve.next - 1].day;

		while (n > 0 && next->day[n - 1].day > left)
			n--;
		if (n > 0)
			share += (curve.win - before) * win[n - 1];
		before = curve.win;
	}
	pfree(win);
	return share;
}

/* win_probability(step, next, age, within) */
Datum
kpi_win_probability_steps(PG_FUNCTION_ARGS)
{
	Cycle	   *step = PG_GETARG_CYCLE_P(0);
	Cycle	   *next = PG_GETARG_CYCLE_P(1);
	int32		age = days_argument(fcinfo, 2, "age");
	int32		within = days_argument(fcinfo, 3, "number of days");

	if (!cycle_follow_up(step, age, (int64) age + within) ||
		!cycle_follow_up(next, 0, within))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(won_after_step(step, next, age, within));
}

static bool
win_interval_arguments(FunctionCallInfo fcinfo, Bounds *interval)
{
	double		confidence = PG_GETARG_FLOAT8(2);
	Curve		curve;

	check_confidence(confidence);
	return curve_arguments(fcinfo, &curve) &&
		curve_interval(&curve, normal_quantile_two_sided(confidence), interval);
}

Datum
kpi_win_probability_low(PG_FUNCTION_ARGS)
{
	Bounds		interval;

	if (!win_interval_arguments(fcinfo, &interval))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(interval.low);
}

Datum
kpi_win_probability_high(PG_FUNCTION_ARGS)
{
	Bounds		interval;

	if (!win_interval_arguments(fcinfo, &interval))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(interval.high);
}

/* ----------
 * Days
 * ----------
 */

/* The first day by which the share q is won of what is won by the horizon */
static Datum
quantile_days(FunctionCallInfo fcinfo, double q, int32 horizon)
{
	Cycle	   *cycle = PG_GETARG_CYCLE_P(0);
	double		share = q * curve_at(cycle, 0, horizon).win;
	Curve		curve = curve_start(cycle, 0);

	if (share == 0 || !cycle_follow_up(cycle, 0, horizon))
		PG_RETURN_NULL();
	while (curve_next(&curve, horizon))
	{
		if (curve.win >= share * (1 - SAME_SHARE))
			break;
	}
	PG_RETURN_INT32(cycle->day[curve.next - 1].day);
}

Datum
kpi_median_days(PG_FUNCTION_ARGS)
{
	return quantile_days(fcinfo, 0.5, days_argument(fcinfo, 1, "horizon"));
}

Datum
kpi_quantile_days(PG_FUNCTION_ARGS)
{
	double		q = PG_GETARG_FLOAT8(1);

	if (!(q > 0 && q <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("q must be above 0 and at most 1, not %s",
						float8out_internal(q))));
	return quantile_days(fcinfo, q, days_argument(fcinfo, 2, "horizon"));
}

/*
 * The days that the horizon median may be, for all that the data say: those on
 * which R = win(t) / win(horizon) is within z standard errors of 1/2, as
 * Brookmeyer and Crowley do it for a survival curve (Biometrics 38 (1982),
 * 29-41).  What comes after t depends on the past through open(t) alone, so with
 * g = (win(horizon) - win(t)) / open(t)
 *
 *		C(win(t), win(horizon)) = V(win(t)) + g C(open(t), win(t))
 *
 * and by the delta method
 *
 *		V(R) = (V(win(t)) - 2 R C(win(t), win(horizon)) + R^2 V(win(horizon)))
 *			   / win(horizon)^2
 *
 * As with Wilson's interval the standard error is that under the 1/2 in
 * question, R (1 - R) in V(R) being replaced by 1/4: with ten won the root of
 * V(R) itself gives 95 % intervals that hold the median in 90 % of cases.
 *
 * False where there is no median.
 */
static bool
median_interval(FunctionCallInfo fcinfo, int32 *low, int32 *high)
{
	Cycle	   *cycle = PG_GETARG_CYCLE_P(0);
	int32		horizon = days_argument(fcinfo, 1, "horizon");
	double		confidence = PG_GETARG_FLOAT8(2);
	Curve		end = curve_at(cycle, 0, horizon);
	Curve		curve = curve_start(cycle, 0);
	double		z;
	bool		above = false;	/* can the median be today, or before? */
	bool		below = true;	/* or only later? */

	check_confidence(confidence);
	if (end.win == 0 || !cycle_follow_up(cycle, 0, horizon))
		return false;
	z = normal_quantile_two_sided(confidence);
	while (curve_next(&curve, horizon))
	{
		int32		day = cycle->day[curve.next - 1].day;
		double		ratio = curve.win / end.win;
		double		rest = curve.open > 0 ? (end.win - curve.win) / curve.open : 0;
		double		covariance = curve.win_variance + rest * curve.covariance;
		double		variance = curve.win_variance - 2 * ratio * covariance +
			ratio * ratio * end.win_variance;
		double		distance = 0;
		double		excess = ratio - 0.5 + SAME_SHARE;

		if (ratio > 0 && ratio < 1)
			distance = z * sqrt(Max(variance, 0) / (ratio * (1 - ratio))) / 2 / end.win;
		if (!above && excess + distance >= 0)
		{
			above = true;
			*low = day;
		}
		if (below && excess - distance >= 0)
			*high = day;
		below = excess - distance < 0;
	}
	return true;
}

Datum
kpi_low_days(PG_FUNCTION_ARGS)
{
	int32		low;
	int32		high;

	if (!median_interval(fcinfo, &low, &high))
		PG_RETURN_NULL();
	PG_RETURN_INT32(low);
}

Datum
kpi_high_days(PG_FUNCTION_ARGS)
{
	int32		low;
	int32		high;

	if (!median_interval(fcinfo, &low, &high))
		PG_RETURN_NULL();
	PG_RETURN_INT32(high);
}
