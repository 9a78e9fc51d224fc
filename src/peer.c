/*
 * peer.c
 *	  peer_delta: own against the others of the group, as a fraction of theirs.
 *
 *		delta = (own - peers) / peers
 *
 * The peers are the group without the row itself: its total less the row's own
 * part.  Totals are exact, so nothing is lost by the subtraction, the order of
 * the rows cannot show, and a partition of n rows costs n steps.  With n
 * numbers of total T, one of which is x, the others average (T - x) / (n - 1),
 * which makes
 *
 *		delta = (n * x - T) / (T - x)
 *
 * Summaries are pooled: the others' ratio is the sum of their numerators over
 * the sum of their denominators.
 *
 * What is NULL, or has no value because nothing stands behind it, is no peer.
 * The scalar form is a group of two.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/shmem.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "windowapi.h"

#include "kpi.h"

PG_FUNCTION_INFO_V1(kpi_peer_delta_float8);
PG_FUNCTION_INFO_V1(kpi_peer_delta_numeric);
PG_FUNCTION_INFO_V1(kpi_peer_delta_rate);
PG_FUNCTION_INFO_V1(kpi_peer_delta_sales);
PG_FUNCTION_INFO_V1(kpi_peer_delta_cycle);
PG_FUNCTION_INFO_V1(kpi_peer_delta_float8_over);
PG_FUNCTION_INFO_V1(kpi_peer_delta_numeric_over);
PG_FUNCTION_INFO_V1(kpi_peer_delta_rate_over);
PG_FUNCTION_INFO_V1(kpi_peer_delta_sales_over);
PG_FUNCTION_INFO_V1(kpi_peer_delta_cycle_over);

/* A quotient whose parts add up: passed of decided, revenue of sales */
typedef struct Pool
{
	int128		sum;
	int64		number;
} Pool;

/* What is kept of a row */
typedef struct PeerValue
{
	bool		defined;
	union
	{
		double		float8;
		Numeric		numeric;
		Pool		pool;
	}			as;
} PeerValue;

typedef union PeerTotal
{
	ExactSum	float8;
	Numeric		numeric;
	Pool		pool;
} PeerTotal;

/* What differs between the types */
typedef struct PeerKind
{
	/* false where the datum has no value, and is no peer */
	bool		(*read) (Datum datum, PeerValue *value);
	void		(*add) (PeerTotal *total, const PeerValue *value);

	/* false where the peers are not above 0; there is at least one. */
	bool		(*delta) (const PeerTotal *total, int64 number,
						  const PeerValue *own, double *delta);
} PeerKind;

typedef struct PeerGroup
{
	const PeerKind *kind;
	int64		number;			/* of the defined values */
	PeerTotal	total;
	PeerValue  *row;			/* of the partition; NULL until it is read */
} PeerGroup;

/* ----------
 * The types
 * ----------
 */

static bool
float8_read(Datum datum, PeerValue *value)
{
	value->as.float8 = DatumGetFloat8(datum);
	check_finite(value->as.float8, "value");
	return true;
}

static void
float8_add(PeerTotal *total, const PeerValue *value)
{
	exact_sum_add(&total->float8, value->as.float8, 1);
}

static bool
float8_delta(const PeerTotal *total, int64 number,
			 const PeerValue *own, double *delta)
{
	ExactSum	peers = total->float8;
	ExactSum	lack = total->float8;

	exact_sum_add(&peers, own->as.float8, -1);
	if (exact_sum_sign(&peers) <= 0)
		return false;
	exact_sum_add(&lack, own->as.float8, -number);
	*delta = 0 - exact_sum_divide(&lack, &peers);	/* never -0 */
	return true;
}

static bool
numeric_read(Datum datum, PeerValue *value)
{
	value->as.numeric = DatumGetNumericCopy(datum);
	if (numeric_is_nan(value->as.numeric) || numeric_is_inf(value->as.numeric))
		not_finite("value",
				   DatumGetCString(DirectFunctionCall1(numeric_out, datum)));
	return true;
}

static void
numeric_plus(PeerTotal *total, const PeerValue *value)
{
	Numeric		before = total->numeric ? total->numeric : int64_to_numeric(0);
	Datum		after;

	after = DirectFunctionCall2(numeric_add, NumericGetDatum(before),
								NumericGetDatum(value->as.numeric));
	total->numeric = DatumGetNumeric(after);
	pfree(before);
}

static bool
numeric_delta(const PeerTotal *total, int64 number,
			  const PeerValue *own, double *delta)
{
	Datum		all = NumericGetDatum(total->numeric);
	Datum		value = NumericGetDatum(own->as.numeric);
	Datum		zero = NumericGetDatum(int64_to_numeric(0));
	Datum		peers = DirectFunctionCall2(numeric_sub, all, value);
	Datum		excess;

	if (DatumGetBool(DirectFunctionCall2(numeric_le, peers, zero)))
		return false;
	excess = DirectFunctionCall2(numeric_mul, value,
								 NumericGetDatum(int64_to_numeric(number)));
	excess = DirectFunctionCall2(numeric_sub, excess, all);
	excess = DirectFunctionCall2(numeric_div, excess, peers);
	*delta = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
												excess));
	return true;
}

static bool
rate_read(Datum datum, PeerValue *value)
{
	Rate	   *rate = DatumGetRateP(datum);

	value->as.pool.sum = rate->passed;
	value->as.pool.number = rate->decided;
	return rate->decided > 0;
}

static bool
sales_read(Datum datum, PeerValue *value)
{
	Sales	   *sales = DatumGetSalesP(datum);

	value->as.pool.sum = sales->amounts.total;
	value->as.pool.number = sales->count;
	return sales->count > 0;
}

static bool
cycle_read(Datum datum, PeerValue *value)
{
	Cycle	   *cycle = DatumGetCycleP(datum);

	cycle_won(cycle, &value->as.pool.number, &value->as.pool.sum);
	if ((Pointer) cycle != DatumGetPointer(datum))
		pfree(cycle);
	return value->as.pool.number > 0;
}

/* While the number fits, so does the sum: see sales.c for the largest. */
static void
pool_add(PeerTotal *total, const PeerValue *value)
{
	total->pool.number = checked_add(total->pool.number, value->as.pool.number,
									 "number of all peers");
	total->pool.sum += value->as.pool.sum;
}

/* Both quotients on one denominator: small counts come out exact. */
static bool
pool_delta(const PeerTotal *total, int64 number,
		   const PeerValue *own, double *delta)
{
	const Pool *pool = &own->as.pool;
	Pool		others = {total->pool.sum - pool->sum,
	total->pool.number - pool->number};
	double		value = (double) pool->sum * (double) others.number;
	double		peers = (double) others.sum * (double) pool->number;

	if (peers <= 0)
		return false;
	*delta = (value - peers) / peers;
	return true;
}

static const PeerKind float8_kind = {float8_read, float8_add, float8_delta};
static const PeerKind numeric_kind = {numeric_read, numeric_plus, numeric_delta};
static const PeerKind rate_kind = {rate_read, pool_add, pool_delta};
static const PeerKind sales_kind = {sales_read, pool_add, pool_delta};
static const PeerKind cycle_kind = {cycle_read, pool_add, pool_delta};

/* ----------
 * The group
 * ----------
 */

static void
group_add(PeerGroup *group, Datum datum, PeerValue *value)
{
	value->defined = group->kind->read(datum, value);
	if (!value->defined)
		return;
	group->kind->add(&group->total, value);
	group->number++;
}

static Datum
group_delta(FunctionCallInfo fcinfo, const PeerGroup *group,
			const PeerValue *own)
{
	double		delta;

	if (!own->defined || group->number < 2 ||
		!group->kind->delta(&group->total, group->number, own, &delta))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(checked_result(delta, "peer delta"));
}

/*
 * Reads the whole partition.  What is kept lives as long as the partition
 * does; what the evaluation of the argument leaves behind goes row by row.
 */
static void
group_read_partition(PeerGroup *group, WindowObject window)
{
	MemoryContext partition = GetMemoryChunkContext(group);
	MemoryContext evaluation = AllocSetContextCreate(CurrentMemoryContext,
													 "peer_delta",
													 ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = CurrentMemoryContext;
	int64		nrows = WinGetPartitionRowCount(window);
	PeerValue  *row;

	row = MemoryContextAllocHuge(partition,
								 mul_size(nrows, sizeof(PeerValue)));
	for (int64 i = 0; i < nrows; i++)
	{
		Datum		datum;
		bool		isnull;

		CHECK_FOR_INTERRUPTS();
		MemoryContextSwitchTo(evaluation);
		datum = WinGetFuncArgInPartition(window, 0, i, WINDOW_SEEK_HEAD, false,
										 &isnull, NULL);
		MemoryContextSwitchTo(partition);
		if (isnull)
			row[i].defined = false;
		else
			group_add(group, datum, &row[i]);
		MemoryContextReset(evaluation);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(evaluation);
	group->row = row;
}

/* peer_delta(value) OVER (...) */
static Datum
peer_delta_over(FunctionCallInfo fcinfo, const PeerKind *kind)
{
	WindowObject window = PG_WINDOW_OBJECT();
	PeerGroup  *group = WinGetPartitionLocalMemory(window, sizeof(PeerGroup));

	if (group->row == NULL)
	{
		group->kind = kind;
		group_read_partition(group, window);
	}
	return group_delta(fcinfo, group,
					   &group->row[WinGetCurrentPosition(window)]);
}

/* peer_delta(own, peers) */
static Datum
peer_delta(FunctionCallInfo fcinfo, const PeerKind *kind)
{
	PeerGroup	group = {.kind = kind};
	PeerValue	own;
	PeerValue	peers;

	group_add(&group, PG_GETARG_DATUM(0), &own);
	group_add(&group, PG_GETARG_DATUM(1), &peers);
	return group_delta(fcinfo, &group, &own);
}

Datum
kpi_peer_delta_float8(PG_FUNCTION_ARGS)
{
	return peer_delta(fcinfo, &float8_kind);
}

Datum
kpi_peer_delta_numeric(PG_FUNCTION_ARGS)
{
	return peer_delta(fcinfo, &numeric_kind);
}

Datum
kpi_peer_delta_rate(PG_FUNCTION_ARGS)
{
	return peer_delta(fcinfo, &rate_kind);
}

Datum
kpi_peer_delta_sales(PG_FUNCTION_ARGS)
{
	return peer_delta(fcinfo, &sales_kind);
}

Datum
kpi_peer_delta_cycle(PG_FUNCTION_ARGS)
{
	return peer_delta(fcinfo, &cycle_kind);
}

Datum
kpi_peer_delta_float8_over(PG_FUNCTION_ARGS)
{
	return peer_delta_over(fcinfo, &float8_kind);
}

Datum
kpi_peer_delta_numeric_over(PG_FUNCTION_ARGS)
{
	return peer_delta_over(fcinfo, &numeric_kind);
}

Datum
kpi_peer_delta_rate_over(PG_FUNCTION_ARGS)
{
	return peer_delta_over(fcinfo, &rate_kind);
}

Datum
kpi_peer_delta_sales_over(PG_FUNCTION_ARGS)
{
	return peer_delta_over(fcinfo, &sales_kind);
}

Datum
kpi_peer_delta_cycle_over(PG_FUNCTION_ARGS)
{
	return peer_delta_over(fcinfo, &cycle_kind);
}
