/*
 * significance.c
 *	  p_value, q_value: is own really different from the peers', or is it luck?
 *
 * rate		Fisher's exact test of both numbers of passed; above 10,000 trials,
 *			where it takes long and no longer matters, the score test.
 * sales	Welch's t test of both averages.
 * cycle	Wilcoxon's rank-sum test on the days of the won: speed alone.  And,
 *			as p_value_win_curve, the log-rank test on the time to win, which
 *			an unequal share of won moves as well.
 * q		Benjamini and Hochberg, Journal of the Royal Statistical Society B
 *			57 (1995), 289-300.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "windowapi.h"

#include "kpi.h"

PG_FUNCTION_INFO_V1(kpi_normal_probability);
PG_FUNCTION_INFO_V1(kpi_p_value_rate);
PG_FUNCTION_INFO_V1(kpi_p_value_sales);
PG_FUNCTION_INFO_V1(kpi_p_value_cycle);
PG_FUNCTION_INFO_V1(kpi_p_value_win_curve);
PG_FUNCTION_INFO_V1(kpi_q_values);
PG_FUNCTION_INFO_V1(kpi_q_value_over);

#define FISHER_TRIALS		10000
#define RANK_SUM_DEALS		50	/* up to here the exact distribution */

/* Tables as likely as the one at hand but for rounding: as in R */
#define FISHER_TOLERANCE	1e-7

/* What speaks against "no difference" */
typedef enum Alternative
{
	TWO_SIDED,
	LESS,						/* own is less */
	GREATER
} Alternative;

static Alternative
alternative_argument(FunctionCallInfo fcinfo)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(2));

	if (strcmp(name, "two.sided") == 0)
		return TWO_SIDED;
	if (strcmp(name, "less") == 0)
		return LESS;
	if (strcmp(name, "greater") == 0)
		return GREATER;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown alternative \"%s\"", name),
			 errhint("It must be two.sided, less or greater.")));
}

/* Of a statistic that is normal where there is no difference */
static double
normal_p_value(double z, Alternative alternative)
{
	if (alternative == TWO_SIDED)
		return normal_two_sided(z);
	return normal_probability(alternative == LESS ? z : -z);
}

Datum
kpi_normal_probability(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(normal_probability(PG_GETARG_FLOAT8(0)));
}

/* ----------
 * Rates
 * ----------
 */

/* The trials, and what the test takes as given */
typedef struct Margins
{
	double		own;			/* decided */
	double		peers;
	double		passed;			/* of both */
} Margins;

/*
 * Probability of one more passed among own, as a multiple of that of
 * 'own_passed': hypergeometric
 */
static double
more_to_this(const Margins *margins, double own_passed)
{
	return (margins->own - own_passed) * (margins->passed - own_passed) /
		((own_passed + 1) *
		 (margins->peers - margins->passed + own_passed + 1));
}

/*
 * Fisher's exact test.  Probabilities are taken as multiples of that of the
 * most likely table, each from its neighbour, so that none needs a factorial.
 */
static double
fisher(const Margins *margins, double own_passed, Alternative alternative)
{
	double		least = Max(0, margins->passed - margins->peers);
	double		most = Min(margins->own, margins->passed);
	double		mode = floor((margins->own + 1) * (margins->passed + 1) /
							 (margins->own + margins->peers + 2));
	double		here = 1;
	double		all = 0;
	double		against = 0;

	for (double x = mode; x < own_passed; x++)
		here *= more_to_this(margins, x);
	for (double x = mode; x > own_passed; x--)
		here /= more_to_this(margins, x - 1);

	for (int direction = -1; direction <= 1; direction += 2)
	{
		double		x = direction < 0 ? mode : mode + 1;
		double		p = direction < 0 || mode == most ? 1 :
			more_to_this(margins, mode);

		for (; x >= least && x <= most && p > 0; x += direction)
		{
			all += p;
			if (alternative == TWO_SIDED ? p <= here * (1 + FISHER_TOLERANCE) :
				alternative == LESS ? x <= own_passed : x >= own_passed)
				against += p;
			if (direction > 0)
				p *= more_to_this(margins, x);
			else if (x > least)
				p /= more_to_this(margins, x - 1);
		}
	}
	return Min(against / all, 1);
}

/* Both decided something. */
static double
rate_p_value(const Rate *own, const Rate *peers, Alternative alternative)
{
	Margins		margins = {
		(double) own->decided, (double) peers->decided,
		(double) own->passed + (double) peers->passed
	};
	double		trials = margins.own + margins.peers;
	double		failed = (double) (own->decided - own->passed) +
		(double) (peers->decided - peers->passed);
	double		difference;

	if (margins.passed == 0 || failed == 0)
		return 1;
	if (trials <= FISHER_TRIALS)
		return fisher(&margins, (double) own->passed, alternative);
	difference = (double) ((int128) own->passed * peers->decided -
						   (int128) peers->passed * own->decided);
	return normal_p_value(difference *
						  sqrt(trials / margins.own / margins.peers /
							   margins.passed / failed),
						  alternative);
}

Datum
kpi_p_value_rate(PG_FUNCTION_ARGS)
{
	Rate	   *own = PG_GETARG_RATE_P(0);
	Rate	   *peers = PG_GETARG_RATE_P(1);
	Alternative alternative = alternative_argument(fcinfo);

	if (own->decided == 0 || peers->decided == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(rate_p_value(own, peers, alternative));
}

/* ----------
 * Sales
 * ----------
 */

/* Welch's t test; false without a spread. */
static bool
sales_p_value(const Sales *own, const Sales *peers, Alternative alternative,
			  double *p)
{
	double		a;				/* variance of own mean */
	double		b;				/* and of the peers' */
	double		t;
	double		freedom;

	if (!sales_variance(own, &a) || !sales_variance(peers, &b) || a + b == 0)
		return false;
	a /= (double) own->count;
	b /= (double) peers->count;
	t = sales_mean_difference(own, peers) / sqrt(a + b);

	/* (a + b)^2 / (a^2 / (n - 1) + b^2 / (m - 1)), without overflow */
	freedom = 1 / (a / (a + b) * (a / (a + b)) / ((double) own->count - 1) +
				   b / (a + b) * (b / (a + b)) / ((double) peers->count - 1));

	*p = student_two_sided(t, freedom);
	if (alternative != TWO_SIDED)
		*p = (alternative == LESS) == (t < 0) ? *p / 2 : 1 - *p / 2;
	return true;
}

Datum
kpi_p_value_sales(PG_FUNCTION_ARGS)
{
	Sales	   *own = PG_GETARG_SALES_P(0);
	Sales	   *peers = PG_GETARG_SALES_P(1);
	Alternative alternative = alternative_argument(fcinfo);
	double		p;

	if (!sales_p_value(own, peers, alternative, &p))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(p);
}

/* ----------
 * Cycles
 * ----------
 */

/* A day of two life tables */
typedef struct PairedDay
{
	int64		own_net;
	int64		own_won;
	int64		own_lost;
	int64		peers_net;
	int64		peers_won;
	int64		peers_lost;
} PairedDay;

/* Both tables side by side, day by day */
static PairedDay *
pair_days(const Cycle *own, const Cycle *peers, int *ndays)
{
	PairedDay  *pair = palloc0((own->ndays + peers->ndays + 1) * sizeof(PairedDay));
	int			i = 0;
	int			j = 0;

	for (*ndays = 0; i < own->ndays || j < peers->ndays; (*ndays)++)
	{
		PairedDay  *day = &pair[*ndays];
		int32		first = i == own->ndays ? PG_INT32_MAX : own->day[i].day;

		if (j < peers->ndays)
			first = Min(first, peers->day[j].day);
		if (i < own->ndays && own->day[i].day == first)
		{
			day->own_net = own->day[i].net;
			day->own_won = own->day[i].won;
			day->own_lost = own->day[i].lost;
			i++;
		}
		if (j < peers->ndays && peers->day[j].day == first)
		{
			day->peers_net = peers->day[j].net;
			day->peers_won = peers->day[j].won;
			day->peers_lost = peers->day[j].lost;
			j++;
		}
	}
	return pair;
}

/*
 * The exact rank-sum test of n deals on 'score's, each twice a rank less 1,
 * 'sum' of which are own: how many choices of as many deals have a sum as far
 * from the expected one?  Scores below 2^7 and at most 2^46 choices: all fits.
 */
static double
rank_sum_exact(const int *score, int n, int nown, int sum, Alternative alternative)
{
	int			total = 0;
	int			width;
	uint64	   *ways;			/* [deals chosen][their sum] */
	double		all = 0;
	double		against = 0;

	for (int i = 0; i < n; i++)
		total += score[i];

	/* The smaller group is as good: what it has not the other one has. */
	if (nown > n - nown)
	{
		nown = n - nown;
		sum = total - sum;
		if (alternative != TWO_SIDED)
			alternative = alternative == LESS ? GREATER : LESS;
	}
	width = nown * 2 * n + 1;
	ways = palloc0(mul_size(nown + 1, width * sizeof(uint64)));
	ways[0] = 1;
	for (int i = 0; i < n; i++)
	{
		for (int chosen = Min(i + 1, nown); chosen > 0; chosen--)
		{
			uint64	   *with = ways + chosen * width + score[i];
			const uint64 *without = ways + (chosen - 1) * width;

			for (int s = 0; s <= (chosen - 1) * 2 * n; s++)
				with[s] += without[s];
		}
	}
	for (int s = 0; s < width; s++)
	{
		double		number = (double) ways[nown * width + s];

		all += number;
		if (alternative == TWO_SIDED ?
			abs(n * s - nown * total) >= abs(n * sum - nown * total) :
			alternative == LESS ? s <= sum : s >= sum)
			against += number;
	}
	pfree(ways);
	return against / all;
}

/*
 * Wilcoxon's rank-sum test on the days of the won, ties at their middle rank.
 * 'excess' is the number of pairs in which own took longer less that in which
 * the peers did: twice W less its expectation.  A deal's rank less the middle
 * one is half of how many deals come before it less how many after it, which
 * gives the variance given the ties without cancellation.  False where nothing
 * was won.
 */
static bool
cycle_p_value(const Cycle *own, const Cycle *peers, Alternative alternative,
			  double *p)
{
	int			ndays;
	PairedDay  *pair = pair_days(own, peers, &ndays);
	int64		nown;
	int64		npeers;
	int128		days;
	int64		own_before = 0;
	int64		peers_before = 0;
	int128		excess = 0;
	double		squares = 0;
	double		n;
	int			score[RANK_SUM_DEALS];
	int			nscores = 0;
	int			sum = 0;
	double		correction;
	double		z;

	cycle_won(own, &nown, &days);
	cycle_won(peers, &npeers, &days);
	if (nown == 0 || npeers == 0)
		return false;
	n = (double) nown + (double) npeers;

	for (int i = 0; i < ndays; i++)
	{
		int64		own_after = nown - own_before - pair[i].own_won;
		int64		peers_after = npeers - peers_before - pair[i].peers_won;
		double		number = (double) pair[i].own_won + (double) pair[i].peers_won;
		double		rank = (double) own_before + (double) peers_before -
			(double) own_after - (double) peers_after;

		excess += (int128) pair[i].own_won * (peers_before - peers_after);
		squares += number * rank * rank;
		if (n <= RANK_SUM_DEALS)
		{
			sum += (int) pair[i].own_won * (int) (rank + n - 1);
			for (int j = 0; j < (int) number; j++)
				score[nscores++] = (int) (rank + n - 1);
		}
		own_before += pair[i].own_won;
		peers_before += pair[i].peers_won;
	}
	pfree(pair);

	if (squares == 0)
		*p = 1;
	else if (n <= RANK_SUM_DEALS)
		*p = rank_sum_exact(score, nscores, (int) nown, sum, alternative);
	else
	{
		/* Twice the half that is the continuity correction, towards 0 */
		if (alternative == TWO_SIDED)
			correction = excess > 0 ? 1 : excess < 0 ? -1 : 0;
		else
			correction = alternative == GREATER ? 1 : -1;
		z = ((double) excess - correction) /
			sqrt((double) nown / n * (double) npeers / (n - 1) * squares);
		*p = normal_p_value(z, alternative);
	}
	return true;
}

Datum
kpi_p_value_cycle(PG_FUNCTION_ARGS)
{
	Cycle	   *own = PG_GETARG_CYCLE_P(0);
	Cycle	   *peers = PG_GETARG_CYCLE_P(1);
	Alternative alternative = alternative_argument(fcinfo);
	double		p;

	if (!cycle_p_value(own, peers, alternative, &p))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(p);
}

/*
 * The log-rank test on the time to win, the lost censored: of the won of a
 * day, own share is expected to be that of those at risk (N. Mantel, Cancer
 * Chemotherapy Reports 50 (1966), 163-170).  False where both groups are never
 * at risk together when something is won.
 */
static bool
win_curve_p_value(const Cycle *own, const Cycle *peers, double *p)
{
	int			ndays;
	PairedDay  *pair = pair_days(own, peers, &ndays);
	int64		own_at_risk = 0;
	int64		peers_at_risk = 0;
	double		excess = 0;
	double		variance = 0;

	for (int i = 0; i < ndays; i++)
	{
		double		won = (double) pair[i].own_won + (double) pair[i].peers_won;
		double		at_risk;
		double		share;

		own_at_risk += pair[i].own_net;
		peers_at_risk += pair[i].peers_net;
		at_risk = (double) own_at_risk + (double) peers_at_risk;
		if (won > 0 && own_at_risk > 0 && peers_at_risk > 0)
		{
			share = (double) own_at_risk / at_risk;
			excess += (double) pair[i].own_won - won * share;
			variance += won * share * (1 - share) *
				(at_risk - won) / (at_risk - 1);
		}
		own_at_risk -= pair[i].own_won + pair[i].own_lost;
		peers_at_risk -= pair[i].peers_won + pair[i].peers_lost;
	}
	pfree(pair);
	if (variance <= 0)
		return false;
	*p = normal_two_sided(excess / sqrt(variance));
	return true;
}

Datum
kpi_p_value_win_curve(PG_FUNCTION_ARGS)
{
	double		p;

	if (!win_curve_p_value(PG_GETARG_CYCLE_P(0), PG_GETARG_CYCLE_P(1), &p))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(p);
}

/* ----------
 * Many tests
 * ----------
 */

/* One of the tests of a family, by its place among them */
typedef struct Test
{
	double		p;
	int64		place;
} Test;

static void
test_add(Test *test, int64 *ntests, double p, int64 place)
{
	check_fraction(p, "p value");
	test[*ntests].p = p;
	test[*ntests].place = place;
	(*ntests)++;
}

static int
test_compare(const void *a, const void *b)
{
	double		p = ((const Test *) a)->p;
	double		q = ((const Test *) b)->p;

	return p < q ? -1 : p > q;
}

/*
 * q of the i-th smallest p of n: the least of n p / j over all j >= i, at most
 * 1.  Sets q at the place of each test.
 */
static void
benjamini_hochberg(Test *test, int64 ntests, double *q)
{
	double		least = 1;

	qsort(test, ntests, sizeof(Test), test_compare);
	for (int64 i = ntests - 1; i >= 0; i--)
	{
		least = Min(least, (double) ntests / (double) (i + 1) * test[i].p);
		q[test[i].place] = least;
	}
}

Datum
kpi_q_values(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	Datum	   *value;
	bool	   *isnull;
	int			nvalues;
	Test	   *test;
	int64		ntests = 0;
	double	   *q;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("p values must be a one-dimensional array, not one of %d dimensions",
						ARR_NDIM(array))));
	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL,
					  TYPALIGN_DOUBLE, &value, &isnull, &nvalues);
	if (nvalues == 0)
		PG_RETURN_ARRAYTYPE_P(array);
	test = palloc_array(Test, nvalues);
	q = palloc_array(double, nvalues);
	for (int i = 0; i < nvalues; i++)
	{
		if (!isnull[i])
			test_add(test, &ntests, DatumGetFloat8(value[i]), i);
	}
	benjamini_hochberg(test, ntests, q);
	for (int i = 0; i < nvalues; i++)
	{
		if (!isnull[i])
			value[i] = Float8GetDatum(q[i]);
	}
	PG_RETURN_ARRAYTYPE_P(construct_md_array(value, isnull, ARR_NDIM(array),
											 ARR_DIMS(array), ARR_LBOUND(array),
											 FLOAT8OID, sizeof(float8),
											 FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* q_value(p) OVER (...): the tests of the whole partition are one family. */
Datum
kpi_q_value_over(PG_FUNCTION_ARGS)
{
	WindowObject window = PG_WINDOW_OBJECT();
	double	  **partition = WinGetPartitionLocalMemory(window, sizeof(double *));
	bool		isnull;

	if (*partition == NULL)
	{
		MemoryContext context = GetMemoryChunkContext(partition);
		int64		nrows = WinGetPartitionRowCount(window);
		Test	   *test;
		int64		ntests = 0;
		double	   *q;

		test = MemoryContextAllocHuge(CurrentMemoryContext,
									  mul_size(nrows, sizeof(Test)));
		q = MemoryContextAllocHuge(context, mul_size(nrows, sizeof(double)));
		for (int64 i = 0; i < nrows; i++)
		{
			Datum		p;

			CHECK_FOR_INTERRUPTS();
			p = WinGetFuncArgInPartition(window, 0, i, WINDOW_SEEK_HEAD, false,
										 &isnull, NULL);
			if (!isnull)
				test_add(test, &ntests, DatumGetFloat8(p), i);
		}
		benjamini_hochberg(test, ntests, q);
		pfree(test);
		*partition = q;
	}
	WinGetFuncArgCurrent(window, 0, &isnull);
	if (isnull)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((*partition)[WinGetCurrentPosition(window)]);
}
