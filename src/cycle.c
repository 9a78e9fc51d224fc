/*
 * cycle.c
 *	  cycle: the sales cycle of many opportunities as a life table.
 *
 * For each day of age the table holds how many were won, how many were lost,
 * and net: how many came into view less how many left it still open.  At risk
 * on day t are
 *
 *		sum of net(u), u <= t, less the sum of won(u) + lost(u), u < t
 *
 * which is the delayed-entry form of the risk set (Andersen, Borgan, Gill and
 * Keiding, Statistical Models Based on Counting Processes, 1993).  An
 * opportunity is at risk from the day it enters to the day it ends or leaves,
 * half-open: one that leaves a window at age b and enters the next at b leaves
 * no trace, so windows that touch add up to the window that holds both.
 *
 * Invariant: at risk >= won + lost >= 0 on every day, and 0 after the last.
 * Days are sorted, and in the canonical form none is empty and there is no
 * spare room.  Inside an aggregate empty days and spare room are allowed; the
 * final function takes them out and holds the invariant.
 */
#include "postgres.h"

#include <ctype.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/date.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

#include "kpi.h"

PG_FUNCTION_INFO_V1(kpi_cycle_in);
PG_FUNCTION_INFO_V1(kpi_cycle_out);
PG_FUNCTION_INFO_V1(kpi_cycle_recv);
PG_FUNCTION_INFO_V1(kpi_cycle_send);
PG_FUNCTION_INFO_V1(kpi_cycle_won);
PG_FUNCTION_INFO_V1(kpi_cycle_lost);
PG_FUNCTION_INFO_V1(kpi_cycle_at_risk);
PG_FUNCTION_INFO_V1(kpi_cycle_average_days);
PG_FUNCTION_INFO_V1(kpi_cycle_median_days);
PG_FUNCTION_INFO_V1(kpi_cycle_days);
PG_FUNCTION_INFO_V1(kpi_cycle_pl);
PG_FUNCTION_INFO_V1(kpi_cycle_mi);
PG_FUNCTION_INFO_V1(kpi_cycle_days_trans);
PG_FUNCTION_INFO_V1(kpi_cycle_days_inv);
PG_FUNCTION_INFO_V1(kpi_cycle_window_trans);
PG_FUNCTION_INFO_V1(kpi_cycle_window_inv);
PG_FUNCTION_INFO_V1(kpi_cycle_final);
PG_FUNCTION_INFO_V1(kpi_mart_cycles_trans);
PG_FUNCTION_INFO_V1(kpi_mart_cycles_combine);
PG_FUNCTION_INFO_V1(kpi_mart_cycles_serialize);
PG_FUNCTION_INFO_V1(kpi_mart_cycles_deserialize);
PG_FUNCTION_INFO_V1(kpi_mart_cycles_final);

/* How an opportunity leaves the table */
typedef enum CycleEnd
{
	CYCLE_OPEN,
	CYCLE_WON,
	CYCLE_LOST
} CycleEnd;

static Cycle *
cycle_make(int room)
{
	Size		size = offsetof(Cycle, day) + room * sizeof(CycleDay);
	Cycle	   *cycle = palloc0(size);

	SET_VARSIZE(cycle, size);
	cycle->version = SUMMARY_VERSION;
	return cycle;
}

static int
cycle_room(const Cycle *cycle)
{
	return (VARSIZE(cycle) - offsetof(Cycle, day)) / sizeof(CycleDay);
}

static bool
day_is_empty(const CycleDay *day)
{
	return day->net == 0 && day->won == 0 && day->lost == 0;
}

/* A copy without empty days, with room for 'spare' more days. */
static Cycle *
cycle_copy(const Cycle *cycle, int spare)
{
	Cycle	   *copy;
	int			ndays = 0;

	for (int i = 0; i < cycle->ndays; i++)
		ndays += !day_is_empty(&cycle->day[i]);
	copy = cycle_make(ndays + spare);
	for (int i = 0; i < cycle->ndays; i++)
	{
		if (!day_is_empty(&cycle->day[i]))
			copy->day[copy->ndays++] = cycle->day[i];
	}
	return copy;
}

static void
check_days(int ndays)
{
	if (ndays > MAX_CELLS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a cycle cannot hold more than %d different days", MAX_CELLS),
				 errhint("Look for dates that are wrong.")));
}

/*
 * A copy with as much room again.  Where at least every other day up to the
 * last has a cell all get one, so that a day is found, and a new one put in,
 * without search and without moving others.
 */
static Cycle *
cycle_grow(const Cycle *cycle)
{
	Cycle	   *grown = cycle_copy(cycle, cycle->ndays + 4);
	int			last = grown->ndays > 0 ? grown->day[grown->ndays - 1].day : 0;
	Cycle	   *dense;

	check_days(grown->ndays + 1);
	if (last >= MAX_CELLS || last >= 2 * grown->ndays)
		return grown;
	dense = cycle_make(2 * (last + 1));
	dense->ndays = last + 1;
	for (int day = 0; day <= last; day++)
		dense->day[day].day = day;
	for (int i = 0; i < grown->ndays; i++)
		dense->day[grown->day[i].day] = grown->day[i];
	pfree(grown);
	return dense;
}

/* The day's cell, inserted if need be: '*cycle' is then another one. */
static CycleDay *
cycle_day(Cycle **cycle, int32 day)
{
	Cycle	   *c = *cycle;
	int			low = 0;
	int			high = c->ndays;

	/*
	 * Days ascend from 0, so cell n is of day n or a later one; and it lies no
	 * further behind the cell looked for than its day does.
	 */
	if (high > 0)
	{
		int			n = Min(day, high - 1);
		int32		beyond = c->day[n].day - day;

		if (beyond == 0)
			return &c->day[n];
		if (beyond < 0)
			low = high;
		else
		{
			high = n;
			low = Max(n - beyond, 0);
		}
	}
	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (c->day[middle].day < day)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < c->ndays && c->day[low].day == day)
		return &c->day[low];

	if (c->ndays == cycle_room(c))
	{
		*cycle = cycle_grow(c);
		return cycle_day(cycle, day);
	}
	memmove(&c->day[low + 1], &c->day[low], (c->ndays - low) * sizeof(CycleDay));
	memset(&c->day[low], 0, sizeof(CycleDay));
	c->day[low].day = day;
	c->ndays++;
	return &c->day[low];
}

static void
day_add(CycleDay *day, const CycleDay *other)
{
	day->net = checked_add(day->net, other->net, "entered less left open");
	day->won = checked_add(day->won, other->won, "won");
	day->lost = checked_add(day->lost, other->lost, "lost");
}

/* For the invariant to judge; net is never the least integer. */
static void
day_subtract(CycleDay *day, const CycleDay *other)
{
	CycleDay	minus = {-other->net, -other->won, -other->lost, 0, 0};

	day_add(day, &minus);
}

/* The invariant; a breach is reported with the SQLSTATE given. */
static bool
cycle_check(const Cycle *cycle, int sqlstate, Node *escontext)
{
	int64		at_risk = 0;
	int64		ended = 0;

	check_days(cycle->ndays);
	for (int i = 0; i < cycle->ndays; i++)
	{
		const CycleDay *day = &cycle->day[i];

		if (day->day < 0 || (i > 0 && day->day <= day[-1].day))
			ereturn(escontext, false,
					(errcode(sqlstate),
					 errmsg("the days of a cycle must ascend from 0"),
					 errdetail("Day %d does not.", day->day)));
		if (day->won < 0 || day->lost < 0 ||
			pg_add_s64_overflow(at_risk, day->net, &at_risk) ||
			pg_add_s64_overflow(day->won, day->lost, &ended) ||
			at_risk < ended)
			ereturn(escontext, false,
					(errcode(sqlstate),
					 errmsg("more opportunities end on a day of a cycle than are at risk"),
					 errdetail("On day %d, of " INT64_FORMAT " at risk, " INT64_FORMAT
							   " are won and " INT64_FORMAT " lost.",
							   day->day, at_risk, day->won, day->lost)));
		at_risk -= ended;
	}
	if (at_risk != 0)
		ereturn(escontext, false,
				(errcode(sqlstate),
				 errmsg("a cycle must end with nobody at risk"),
				 errdetail("After its last day " INT64_FORMAT " are at risk.", at_risk)));
	return true;
}

/*
 * The first argument to write to: the state of an aggregate where it lies, or
 * a copy of the value.
 */
static Cycle *
cycle_state(FunctionCallInfo fcinfo)
{
	if (summary_is_state(fcinfo))
		return (Cycle *) PG_GETARG_POINTER(0);
	return cycle_copy(PG_GETARG_CYCLE_P(0), 4);
}

/* What to return of it: the state as it is, or the canonical value. */
static Datum
cycle_result(FunctionCallInfo fcinfo, Cycle *cycle)
{
	if (AggCheckCallContext(fcinfo, NULL))
		PG_RETURN_POINTER(cycle);
	cycle_check(cycle, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, NULL);
	PG_RETURN_POINTER(cycle_copy(cycle, 0));
}

/* One opportunity more or, with sign -1, less. */
static void
cycle_count(Cycle **cycle, int32 entered, int32 left, CycleEnd end, int sign)
{
	CycleDay	enters = {sign, 0, 0, 0, 0};
	CycleDay	leaves = {0, 0, 0, 0, 0};

	if (end == CYCLE_WON)
		leaves.won = sign;
	else if (end == CYCLE_LOST)
		leaves.lost = sign;
	else if (entered == left)
		return;
	else
		leaves.net = -sign;
	day_add(cycle_day(cycle, entered), &enters);
	day_add(cycle_day(cycle, left), &leaves);
}

/* Can all days of 'other' be added to 'cycle' without another cell? */
static bool
cycle_holds_days(const Cycle *cycle, const Cycle *other)
{
	int			i = 0;

	for (int j = 0; j < other->ndays; j++)
	{
		while (i < cycle->ndays && cycle->day[i].day < other->day[j].day)
			i++;
		if (i == cycle->ndays || cycle->day[i].day != other->day[j].day)
			return false;
	}
	return true;
}

/* Adds another table, or takes it out; '*cycle' may then be another one. */
static void
cycle_combine(Cycle **cycle, const Cycle *other, void (*combine) (CycleDay *, const CycleDay *))
{
	Cycle	   *c = *cycle;
	int			i = 0;

	if (!cycle_holds_days(c, other))
	{
		/* Merge both lists of days into a roomy third, the new days empty. */
		Cycle	   *merged = cycle_make(2 * (c->ndays + other->ndays));
		int			j = 0;

		while (i < c->ndays || j < other->ndays)
		{
			CycleDay   *day = &merged->day[merged->ndays++];

			if (j == other->ndays ||
				(i < c->ndays && c->day[i].day <= other->day[j].day))
			{
				if (j < other->ndays && c->day[i].day == other->day[j].day)
					j++;
				*day = c->day[i++];
			}
			else
				day->day = other->day[j++].day;
		}
		if (merged->ndays > MAX_CELLS)
			check_days(cycle_copy(merged, 0)->ndays);
		*cycle = c = merged;
		i = 0;
	}
	for (int j = 0; j < other->ndays; j++)
	{
		while (c->day[i].day < other->day[j].day)
			i++;
		combine(&c->day[i], &other->day[j]);
	}
}

/* Number of the won, and the sum of their days */
void
cycle_won(const Cycle *cycle, int64 *won, int128 *days)
{
	*won = 0;
	*days = 0;
	for (int i = 0; i < cycle->ndays; i++)
	{
		*won = checked_add(*won, cycle->day[i].won, "won");
		*days += (int128) cycle->day[i].won * cycle->day[i].day;
	}
}

/* Reads one term of a day, such as the 2w of 30:2w,1l. */
static bool
scan_term(TextScan *scan, CycleDay *day)
{
	bool		plus = scan_char(scan, '+');
	bool		minus = !plus && *scan->at == '-';
	int64		value;

	if (plus && !isdigit((unsigned char) *scan->at))
		return false;
	if (!scan_int64(scan, &value) || value == 0)
		return false;
	if (plus || minus)
	{
		day->net = value;
		return day->won == 0 && day->lost == 0;
	}
	if (scan_char(scan, 'w'))
	{
		day->won = value;
		return day->lost == 0;
	}
	day->lost = value;
	return scan_char(scan, 'l');
}

/* Reads the days, at least one, in ascending order. */
static bool
scan_days(TextScan *scan, Cycle **cycle)
{
	do
	{
		Cycle	   *c;
		int64		day;

		if (!scan_int64(scan, &day) || day < 0 || !scan_char(scan, ':'))
			return false;
		if (day > PG_INT32_MAX)
			ereturn(scan->escontext, false,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("day " INT64_FORMAT " is out of range for type cycle", day),
					 errdetail("A day must be between 0 and %d.", PG_INT32_MAX)));
		if ((*cycle)->ndays == cycle_room(*cycle))
			*cycle = cycle_copy(*cycle, (*cycle)->ndays + 4);
		check_days((*cycle)->ndays + 1);
		c = *cycle;
		c->day[c->ndays].day = (int32) day;
		do
		{
			if (!scan_term(scan, &c->day[c->ndays]))
				return false;
		} while (scan_char(scan, ','));
		c->ndays++;
	} while (scan_char(scan, ' ') && isdigit((unsigned char) *scan->at));
	return true;
}

/* Input: 0:+5 12:1w 30:2w,1l 45:-1, or empty */
Datum
kpi_cycle_in(PG_FUNCTION_ARGS)
{
	TextScan		scan = scan_start(fcinfo, "cycle");
	Cycle	   *cycle = cycle_make(4);

	if ((!scan_word(&scan, "empty") && !scan_days(&scan, &cycle)) ||
		!scan_end(&scan))
	{
		scan_syntax_error(&scan);
		PG_RETURN_NULL();
	}
	if (!cycle_check(cycle, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, scan.escontext))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(cycle_copy(cycle, 0));
}

Datum
kpi_cycle_out(PG_FUNCTION_ARGS)
{
	Cycle	   *cycle = PG_GETARG_CYCLE_P(0);
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < cycle->ndays; i++)
	{
		CycleDay   *day = &cycle->day[i];
		char		before = ':';

		if (day_is_empty(day))
			continue;
		appendStringInfo(&buf, "%s%d", buf.len > 0 ? " " : "", day->day);
		if (day->net != 0)
		{
			appendStringInfo(&buf, "%c%s" INT64_FORMAT, before,
							 day->net > 0 ? "+" : "", day->net);
			before = ',';
		}
		if (day->won != 0)
		{
			appendStringInfo(&buf, "%c" INT64_FORMAT "w", before, day->won);
			before = ',';
		}
		if (day->lost != 0)
			appendStringInfo(&buf, "%c" INT64_FORMAT "l", before, day->lost);
	}
	if (buf.len == 0)
		appendStringInfoString(&buf, "empty");
	PG_RETURN_CSTRING(buf.data);
}

/* Binary: version, number of days; per day: day, net, won, lost */
Datum
kpi_cycle_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	Cycle	   *cycle;
	int32		ndays;

	receive_version(buf, "cycle");
	ndays = pq_getmsgint(buf, 4);
	receive_count(buf, ndays, sizeof(int32) + 3 * sizeof(int64), "cycle");
	check_days(ndays);
	cycle = cycle_make(ndays);
	cycle->ndays = ndays;
	for (int i = 0; i < ndays; i++)
	{
		cycle->day[i].day = pq_getmsgint(buf, 4);
		cycle->day[i].net = pq_getmsgint64(buf);
		cycle->day[i].won = pq_getmsgint64(buf);
		cycle->day[i].lost = pq_getmsgint64(buf);
	}
	cycle_check(cycle, ERRCODE_INVALID_BINARY_REPRESENTATION, NULL);
	PG_RETURN_POINTER(cycle_copy(cycle, 0));
}

Datum
kpi_cycle_send(PG_FUNCTION_ARGS)
{
	Cycle	   *cycle = cycle_copy(PG_GETARG_CYCLE_P(0), 0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint8(&buf, SUMMARY_VERSION);
	pq_sendint32(&buf, cycle->ndays);
	for (int i = 0; i < cycle->ndays; i++)
	{
		pq_sendint32(&buf, cycle->day[i].day);
		pq_sendint64(&buf, cycle->day[i].net);
		pq_sendint64(&buf, cycle->day[i].won);
		pq_sendint64(&buf, cycle->day[i].lost);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
kpi_cycle_won(PG_FUNCTION_ARGS)
{
	int64		won;
	int128		days;

	cycle_won(PG_GETARG_CYCLE_P(0), &won, &days);
	PG_RETURN_INT64(won);
}

Datum
kpi_cycle_lost(PG_FUNCTION_ARGS)
{
	Cycle	   *cycle = PG_GETARG_CYCLE_P(0);
	int64		lost = 0;

	for (int i = 0; i < cycle->ndays; i++)
		lost = checked_add(lost, cycle->day[i].lost, "lost");
	PG_RETURN_INT64(lost);
}

Datum
kpi_cycle_at_risk(PG_FUNCTION_ARGS)
{
	Cycle	   *cycle = PG_GETARG_CYCLE_P(0);
	int32		day = PG_GETARG_INT32(1);
	int64		at_risk = 0;

	for (int i = 0; i < cycle->ndays && cycle->day[i].day <= day; i++)
	{
		at_risk += cycle->day[i].net;
		if (cycle->day[i].day < day)
			at_risk -= cycle->day[i].won + cycle->day[i].lost;
	}
	PG_RETURN_INT64(at_risk);
}

Datum
kpi_cycle_average_days(PG_FUNCTION_ARGS)
{
	int64		won;
	int128		days;

	cycle_won(PG_GETARG_CYCLE_P(0), &won, &days);
	if (won == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((double) days / (double) won);
}

/* The first day by which half of the won were won, as percentile_disc(0.5) */
Datum
kpi_cycle_median_days(PG_FUNCTION_ARGS)
{
	Cycle	   *cycle = PG_GETARG_CYCLE_P(0);
	int64		won;
	int64		so_far = 0;
	int128		days;

	cycle_won(cycle, &won, &days);
	for (int i = 0; i < cycle->ndays; i++)
	{
		so_far += cycle->day[i].won;
		if (so_far > 0 && so_far >= won - so_far)
			PG_RETURN_INT32(cycle->day[i].day);
	}
	PG_RETURN_NULL();
}

/* The table as rows: day, net, won, lost */
Datum
kpi_cycle_days(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Cycle	   *cycle = PG_GETARG_CYCLE_P(0);

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < cycle->ndays; i++)
	{
		CycleDay   *day = &cycle->day[i];
		Datum		values[] = {
			Int32GetDatum(day->day), Int64GetDatum(day->net),
			Int64GetDatum(day->won), Int64GetDatum(day->lost)
		};
		bool		nulls[lengthof(values)] = {false};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* Operator +, and the transition and combine function of rollup */
Datum
kpi_cycle_pl(PG_FUNCTION_ARGS)
{
	Cycle	   *cycle = cycle_state(fcinfo);

	cycle_combine(&cycle, PG_GETARG_CYCLE_P(1), day_add);
	return cycle_result(fcinfo, cycle);
}

/* Operator -, and the inverse transition function of rollup */
Datum
kpi_cycle_mi(PG_FUNCTION_ARGS)
{
	Cycle	   *cycle = cycle_state(fcinfo);

	cycle_combine(&cycle, PG_GETARG_CYCLE_P(1), day_subtract);
	return cycle_result(fcinfo, cycle);
}

/* cycle_agg(days, won) */
static Datum
cycle_days(FunctionCallInfo fcinfo, int sign)
{
	Cycle	   *cycle;
	int32		days;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(1))
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	days = PG_GETARG_INT32(1);
	if (days < 0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("days must not be negative"),
				 errdetail("Days is %d.", days)));
	cycle = cycle_state(fcinfo);
	cycle_count(&cycle, 0, days,
				PG_ARGISNULL(2) ? CYCLE_OPEN :
				PG_GETARG_BOOL(2) ? CYCLE_WON : CYCLE_LOST,
				sign);
	return cycle_result(fcinfo, cycle);
}

Datum
kpi_cycle_days_trans(PG_FUNCTION_ARGS)
{
	return cycle_days(fcinfo, 1);
}

Datum
kpi_cycle_days_inv(PG_FUNCTION_ARGS)
{
	return cycle_days(fcinfo, -1);
}

static void
check_window(DateADT from, DateADT until)
{
	if (DATE_NOT_FINITE(until))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("until_date must be a date"),
				 errhint("Open opportunities are at risk until that day; it is often the day of the data.")));
	if (from > until)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("from_date must not be after until_date")));
}

/* Is anything seen of the opportunity in the window [from, until)? */
static inline bool
window_sees(DateADT from, DateADT until, DateADT started, DateADT ended)
{
	return started < until && ended >= from && ended >= started &&
		!DATE_NOT_FINITE(started);
}

/* Counts what is seen in the window; the end of one still open is DATEVAL_NOEND. */
static void
window_count(Cycle **cycle, DateADT from, DateADT until,
			 DateADT started, DateADT ended, CycleEnd end, int sign)
{
	int32		entered = from > started ? from - started : 0;

	if (ended >= until)
		cycle_count(cycle, entered, until - started, CYCLE_OPEN, sign);
	else
		cycle_count(cycle, entered, ended - started, end, sign);
}

/*
 * cycle_agg(started, ended, won, from_date, until_date): what is seen of the
 * opportunity in the window [from, until).  An unknown outcome means open, so
 * the day it ended is not looked at: else the opportunity would leave a window
 * that it must enter the next one from.
 */
static Datum
cycle_window(FunctionCallInfo fcinfo, int sign)
{
	Cycle	   *cycle;
	DateADT		started;
	DateADT		ended = DATEVAL_NOEND;
	DateADT		from = DATEVAL_NOBEGIN;
	DateADT		until;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(4))
		from = PG_GETARG_DATEADT(4);
	until = PG_ARGISNULL(5) ? DATEVAL_NOEND : PG_GETARG_DATEADT(5);
	check_window(from, until);

	if (PG_ARGISNULL(1))
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	started = PG_GETARG_DATEADT(1);
	if (!PG_ARGISNULL(2) && !PG_ARGISNULL(3))
		ended = PG_GETARG_DATEADT(2);
	if (!window_sees(from, until, started, ended))
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));

	cycle = cycle_state(fcinfo);
	window_count(&cycle, from, until, started, ended,
				 PG_GETARG_BOOL(3) ? CYCLE_WON : CYCLE_LOST, sign);
	return cycle_result(fcinfo, cycle);
}

Datum
kpi_cycle_window_trans(PG_FUNCTION_ARGS)
{
	return cycle_window(fcinfo, 1);
}

Datum
kpi_cycle_window_inv(PG_FUNCTION_ARGS)
{
	return cycle_window(fcinfo, -1);
}

/* The canonical value of a state */
Datum
kpi_cycle_final(PG_FUNCTION_ARGS)
{
	/* Without the empty days, which do not count */
	Cycle	   *cycle = cycle_copy(PG_GETARG_CYCLE_P(0), 0);

	cycle_check(cycle, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, NULL);
	PG_RETURN_POINTER(cycle);
}

/*
 * mart_cycles(started, ended, won, from_dates, until_dates): the cycle of each
 * of several windows.  Its state is no summary: what is seen is kept as it
 * comes, some thousands at a time, and then counted window by window, in plain
 * arrays by day.  Several tables at once would not stay in the processor's
 * cache, and would grow cell by cell.
 */
typedef struct Seen
{
	DateADT		started;
	DateADT		ended;			/* DATEVAL_NOEND: open */
	CycleEnd	end;
} Seen;

typedef struct CycleWindow
{
	DateADT		from;
	DateADT		until;
	Cycle	   *cycle;
} CycleWindow;

/* All of it, and what it points to, lies in the context of the aggregate. */
typedef struct CycleWindows
{
	struct varlena *from_dates; /* arrays, as they were given */
	struct varlena *until_dates;
	int			count;
	CycleWindow *window;
	DateADT		from;			/* the window that holds all */
	DateADT		until;
	int			nseen;			/* not counted yet */
	int			room;
	Seen	   *seen;
} CycleWindows;

/* A window takes up to 640 kB, with room to spare 2 MB, and a batch 24 kB. */
#define MAX_WINDOWS		1000
#define MAX_SEEN		2048	/* 16 doubled */

/* The dates of an array, where NULL is 'unknown', which become 'count' */
static DateADT *
array_dates(struct varlena *value, DateADT unknown, int *count)
{
	ArrayType  *array = DatumGetArrayTypeP(PointerGetDatum(value));
	Datum	   *values;
	bool	   *nulls;
	DateADT    *dates;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("from_dates and until_dates must have one dimension")));
	deconstruct_array(array, DATEOID, sizeof(DateADT), true, TYPALIGN_INT, &values, &nulls, count);
	if (*count > MAX_WINDOWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("mart_cycles takes up to %d windows", MAX_WINDOWS),
				 errdetail("There are %d.", *count)));
	dates = palloc(*count * sizeof(DateADT));
	for (int i = 0; i < *count; i++)
		dates[i] = nulls[i] ? unknown : DatumGetDateADT(values[i]);
	return dates;
}

/* Windows in which nothing was seen yet, in a context */
static CycleWindows *
windows_make(MemoryContext context, struct varlena *from_dates, struct varlena *until_dates)
{
	CycleWindows *windows;
	int			count;
	int			nuntil;
	DateADT    *from = array_dates(from_dates, DATEVAL_NOBEGIN, &count);
	DateADT    *until = array_dates(until_dates, DATEVAL_NOEND, &nuntil);
	MemoryContext before;

	if (count != nuntil)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("from_dates and until_dates must be of equal length"),
				 errdetail("They hold %d and %d dates.", count, nuntil)));

	before = MemoryContextSwitchTo(context);
	windows = palloc0(sizeof(CycleWindows));
	windows->from_dates = (struct varlena *) DatumGetPointer(datumCopy(PointerGetDatum(from_dates), false, -1));
	windows->until_dates = (struct varlena *) DatumGetPointer(datumCopy(PointerGetDatum(until_dates), false, -1));
	windows->count = count;
	windows->from = DATEVAL_NOEND;
	windows->until = DATEVAL_NOBEGIN;
	windows->window = palloc(count * sizeof(CycleWindow));
	for (int i = 0; i < count; i++)
	{
		check_window(from[i], until[i]);
		windows->window[i] = (CycleWindow) {from[i], until[i], cycle_make(0)};
		windows->from = Min(windows->from, from[i]);
		windows->until = Max(windows->until, until[i]);
	}
	windows->room = 16;
	windows->seen = palloc(windows->room * sizeof(Seen));
	MemoryContextSwitchTo(before);
	return windows;
}

static bool
same_bytes(const void *one, const void *other)
{
	return VARSIZE_ANY_EXHDR(one) == VARSIZE_ANY_EXHDR(other) &&
		memcmp(VARDATA_ANY(one), VARDATA_ANY(other), VARSIZE_ANY_EXHDR(one)) == 0;
}

static void
check_same_windows(const CycleWindows *windows, const struct varlena *from_dates,
				   const struct varlena *until_dates)
{
	if (!same_bytes(windows->from_dates, from_dates) ||
		!same_bytes(windows->until_dates, until_dates))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("from_dates and until_dates must be the same in all rows of a group")));
}

/* Adds to the table of a window; where it grows it stays in its context. */
static void
window_combine(CycleWindow *window, const Cycle *other)
{
	Cycle	   *sum = window->cycle;

	cycle_combine(&sum, other, day_add);
	if (sum != window->cycle)
	{
		Cycle	   *kept = MemoryContextAlloc(GetMemoryChunkContext(window->cycle), VARSIZE(sum));

		memcpy(kept, sum, VARSIZE(sum));
		pfree(window->cycle);
		pfree(sum);
		window->cycle = kept;
	}
}

/*
 * What is seen of the batch in the window, by day of age, added to its table.
 */
static void
window_add(CycleWindow *window, const Seen *seen, int nseen)
{
	DateADT		first = window->until;
	int			last;
	CycleDay   *day;
	Cycle	   *cycle;

	for (int i = 0; i < nseen; i++)
	{
		if (window_sees(window->from, window->until, seen[i].started, seen[i].ended))
			first = Min(first, seen[i].started);
	}
	last = window->until - first;
	if (last >= MAX_CELLS || last / 16 > nseen)
	{
		/* Few among many days, or ages of dates that are likely wrong: looked up */
		cycle = cycle_make(4);
		for (int i = 0; i < nseen; i++)
		{
			if (window_sees(window->from, window->until, seen[i].started, seen[i].ended))
				window_count(&cycle, window->from, window->until,
							 seen[i].started, seen[i].ended, seen[i].end, 1);
		}
	}
	else
	{
		cycle = cycle_make(last + 1);
		day = cycle->day;
		for (int i = 0; i < nseen; i++)
		{
			const Seen *s = &seen[i];
			int32		entered;

			if (!window_sees(window->from, window->until, s->started, s->ended))
				continue;
			entered = window->from > s->started ? window->from - s->started : 0;
			day[entered].net++;
			if (s->ended >= window->until)
				day[window->until - s->started].net--;
			else if (s->end == CYCLE_WON)
				day[s->ended - s->started].won++;
			else
				day[s->ended - s->started].lost++;
		}
		for (int i = 0; i <= last; i++)
		{
			if (!day_is_empty(&day[i]))
			{
				day[cycle->ndays] = day[i];
				day[cycle->ndays++].day = i;
			}
		}
	}
	window_combine(window, cycle);
	pfree(cycle);
}

/* Counts what was seen since the last time. */
static void
windows_count(CycleWindows *windows)
{
	for (int i = 0; i < windows->count && windows->nseen > 0; i++)
		window_add(&windows->window[i], windows->seen, windows->nseen);
	windows->nseen = 0;
}

static void
windows_see(CycleWindows *windows, const Seen *seen)
{
	if (!window_sees(windows->from, windows->until, seen->started, seen->ended))
		return;
	if (windows->nseen == windows->room)
	{
		if (windows->room == MAX_SEEN)
			windows_count(windows);
		else
		{
			windows->room *= 2;
			windows->seen = repalloc(windows->seen, windows->room * sizeof(Seen));
		}
	}
	windows->seen[windows->nseen++] = *seen;
}

static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "called outside of an aggregate");
	return context;
}

Datum
kpi_mart_cycles_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	CycleWindows *windows;
	struct varlena *from_dates;
	struct varlena *until_dates;
	Seen		seen = {0, DATEVAL_NOEND, CYCLE_OPEN};

	if (PG_ARGISNULL(4) || PG_ARGISNULL(5))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("from_dates and until_dates must not be NULL"),
				 errhint("Without from_date is a window whose element of from_dates is NULL.")));
	from_dates = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(4));
	until_dates = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(5));
	if (PG_ARGISNULL(0))
		windows = windows_make(context, from_dates, until_dates);
	else
	{
		windows = (CycleWindows *) PG_GETARG_POINTER(0);
		check_same_windows(windows, from_dates, until_dates);
	}
	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(windows);
	seen.started = PG_GETARG_DATEADT(1);
	if (!PG_ARGISNULL(2) && !PG_ARGISNULL(3))
	{
		seen.ended = PG_GETARG_DATEADT(2);
		seen.end = PG_GETARG_BOOL(3) ? CYCLE_WON : CYCLE_LOST;
	}
	windows_see(windows, &seen);
	PG_RETURN_POINTER(windows);
}

Datum
kpi_mart_cycles_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	CycleWindows *windows;
	CycleWindows *other;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	other = (CycleWindows *) PG_GETARG_POINTER(1);
	if (PG_ARGISNULL(0))
		windows = windows_make(context, other->from_dates, other->until_dates);
	else
	{
		windows = (CycleWindows *) PG_GETARG_POINTER(0);
		check_same_windows(windows, other->from_dates, other->until_dates);
	}
	for (int i = 0; i < other->nseen; i++)
		windows_see(windows, &other->seen[i]);
	for (int i = 0; i < windows->count; i++)
		window_combine(&windows->window[i], other->window[i].cycle);
	PG_RETURN_POINTER(windows);
}

/* A value as it lies in memory: only another process of this server reads it. */
static void
send_value(StringInfo buf, const void *value)
{
	pq_sendint32(buf, VARSIZE_ANY(value));
	pq_sendbytes(buf, value, VARSIZE_ANY(value));
}

static void *
receive_value(StringInfo buf)
{
	int			size = pq_getmsgint(buf, sizeof(int32));
	void	   *value = palloc(size);

	pq_copymsgbytes(buf, value, size);
	return value;
}

Datum
kpi_mart_cycles_serialize(PG_FUNCTION_ARGS)
{
	CycleWindows *windows = (CycleWindows *) PG_GETARG_POINTER(0);
	StringInfoData buf;

	aggregate_context(fcinfo);
	windows_count(windows);
	pq_begintypsend(&buf);
	send_value(&buf, windows->from_dates);
	send_value(&buf, windows->until_dates);
	for (int i = 0; i < windows->count; i++)
		send_value(&buf, cycle_copy(windows->window[i].cycle, 0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
kpi_mart_cycles_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes;
	StringInfoData buf;
	struct varlena *from_dates;
	CycleWindows *windows;

	aggregate_context(fcinfo);
	bytes = PG_GETARG_BYTEA_PP(0);
	initStringInfo(&buf);
	appendBinaryStringInfo(&buf, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	from_dates = receive_value(&buf);
	windows = windows_make(CurrentMemoryContext, from_dates, receive_value(&buf));
	for (int i = 0; i < windows->count; i++)
		windows->window[i].cycle = receive_value(&buf);
	pq_getmsgend(&buf);
	PG_RETURN_POINTER(windows);
}

/* An array of cycles; of no rows, which told no windows, an empty one */
Datum
kpi_mart_cycles_final(PG_FUNCTION_ARGS)
{
	Oid			type = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
	CycleWindows *windows;
	Datum	   *cycles;

	aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(type));
	windows = (CycleWindows *) PG_GETARG_POINTER(0);
	windows_count(windows);
	cycles = palloc(windows->count * sizeof(Datum));
	for (int i = 0; i < windows->count; i++)
	{
		/* The combined tables may hold empty days. */
		Cycle	   *cycle = cycle_copy(windows->window[i].cycle, 0);

		cycle_check(cycle, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, NULL);
		cycles[i] = PointerGetDatum(cycle);
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(cycles, windows->count, type, -1, false, TYPALIGN_DOUBLE));
}
