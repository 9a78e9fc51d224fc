/*
 * weekly.c
 *	  weekly_agg: the history of opportunities, one a row, in one pass.
 *
 * Of each opportunity it counts
 *
 *	- a gateway passed, at its own time; where that is not recorded but a later
 *	  gateway is passed, at the earliest later time known (imputed);
 *	- a gateway failed, when the opportunity was lost: the first one that it
 *	  had not passed;
 *	- nothing at a gateway that is not decided.
 *
 * Nothing after as_of is seen.  A gateway that the CRM does not record is left
 * out, and the next one then begins at the one before.
 *
 * A sale and its days belong to the closing.  Days are those of the calendar
 * from creation to the end; an opportunity that ended before it was created
 * has none.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"

#include "calendar.h"
#include "history.h"

PG_FUNCTION_INFO_V1(kpi_history_trans);
PG_FUNCTION_INFO_V1(kpi_history_inv);
PG_FUNCTION_INFO_V1(kpi_history_date_trans);
PG_FUNCTION_INFO_V1(kpi_history_date_inv);

/* One opportunity, its times in local days */
typedef struct Opportunity
{
	int32		created;
	int32		appointment;
	int32		proposal;
	int32		closed;			/* only if won or lost */
	bool		won;
	bool		lost;
	bool		has_amount;
	int64		amount;
} Opportunity;

#define UNKNOWN			PG_INT32_MAX
#define KNOWN(day)		((day) != UNKNOWN)

/* One row: an opportunity, and what the rows of a group must have in common */
typedef struct Row
{
	Opportunity opportunity;
	TimestampTz as_of;
	uint8		gateways;
	const char *zone_name;
} Row;

/* Three gateways, or two and a new one, a sale, and a cycle with its days */
#define MAX_MARKS	5

/* What an opportunity adds to */
typedef struct Marks
{
	int			n;
	int			sums;			/* the mark whose cell takes the sums, or -1 */
	int32		days;			/* from creation to closing, or negative */
	struct
	{
		int32		cell;
		HistoryCounter counter;
	}			mark[MAX_MARKS];
} Marks;

static inline void
mark(Marks *marks, int32 day, HistoryCounter counter)
{
	marks->mark[marks->n].cell = calendar_cell(day);
	marks->mark[marks->n].counter = counter;
	marks->n++;
}

/* Where the opportunity counts: the rules at the head of this file. */
static inline void
opportunity_mark(const Opportunity *o, uint8 gateways, Marks *marks)
{
	int32		proposal = gateways & PROPOSAL ? o->proposal : UNKNOWN;
	bool		failed = false;

	marks->n = 0;
	marks->sums = -1;
	marks->days = -1;

	if (!(gateways & APPOINTMENT))
	{
		if (KNOWN(o->created))
			mark(marks, o->created, NEW);
	}
	else if (KNOWN(o->appointment))
		mark(marks, o->appointment, NEW);
	else if (KNOWN(proposal) && (!o->won || proposal < o->closed))
		mark(marks, proposal, APPOINTMENT_IMPUTED);
	else if (o->won)
		mark(marks, o->closed, APPOINTMENT_IMPUTED);
	else if (o->lost)
	{
		mark(marks, o->closed, APPOINTMENT_FAILED);
		failed = true;
	}

	if (!(gateways & PROPOSAL))
		;
	else if (KNOWN(proposal))
		mark(marks, proposal, PROPOSAL_RECORDED);
	else if (o->won)
		mark(marks, o->closed, PROPOSAL_IMPUTED);
	else if (o->lost && !failed)
	{
		mark(marks, o->closed, PROPOSAL_FAILED);
		failed = true;
	}

	if (gateways & CLOSING)
	{
		if (o->won)
			mark(marks, o->closed, CLOSING_PASSED);
		else if (o->lost && !failed)
			mark(marks, o->closed, CLOSING_FAILED);
	}

	if (o->has_amount)
	{
		marks->sums = marks->n;
		mark(marks, o->closed, SALES);
	}
	if (KNOWN(o->closed) && KNOWN(o->created))
	{
		marks->days = o->closed - o->created;
		if (marks->days >= 0)
		{
			marks->sums = marks->n;
			mark(marks, o->closed, o->won ? WON_WITH_DAYS : LOST_WITH_DAYS);
		}
	}
}

/* Is a count at the most that its cell holds? */
static inline bool
count_is_full(const History *history, const void *cell, HistoryCounter counter)
{
	return history->wide ?
		((const HistoryCell *) cell)->count[counter] == PG_UINT32_MAX :
		((const NarrowCell *) cell)->count[counter] == PG_UINT16_MAX;
}

static inline void
count_one(const History *history, void *cell, HistoryCounter counter)
{
	if (history->wide)
		((HistoryCell *) cell)->count[counter]++;
	else
		((NarrowCell *) cell)->count[counter]++;
}

/* Adds amount and days to their cell; false where they do not fit. */
static bool
sums_add(const History *history, void *to, const Opportunity *o, int32 days)
{
	HistoryCell cell;

	cell_load(history, to, &cell);
	if (o->has_amount)
		amounts_add_one(&cell.amounts, o->amount);
	if (days >= 0 && o->won)
		cell.won_days += days;
	else if (days >= 0)
		cell.lost_days += days;
	return cell_store(history, to, &cell);
}

/* One opportunity more; '*history' may then be another. */
static void
history_count(History **history, const Opportunity *o, const Marks *marks)
{
	void	   *cells[MAX_MARKS];
	bool		fits = true;

	for (int i = 0; i < marks->n; i++)
	{
		cells[i] = history_cell(*history, marks->mark[i].cell);
		if (unlikely(cells[i] == NULL))
		{
			/* The blocks move, so look for all of them again. */
			history_require(history, marks->mark[i].cell >> BLOCK_BITS);
			i = -1;
		}
		else if (unlikely(count_is_full(*history, cells[i], marks->mark[i].counter)))
			fits = false;
	}
	if (fits && marks->sums >= 0)
		fits = sums_add(*history, cells[marks->sums], o, marks->days);
	if (unlikely(!fits))
	{
		if ((*history)->wide)
			count_overflow();
		*history = history_copy(*history, (*history)->nblocks, true);
		history_count(history, o, marks);
		return;
	}
	for (int i = 0; i < marks->n; i++)
		count_one(*history, cells[i], marks->mark[i].counter);
}

/* The set of an array of gateways.  The last array read is kept, as a cache. */
static uint8
gateways_of(struct varlena *value)
{
	static char last[128];
	static Size last_size;
	static uint8 last_gateways;
	Size		size = VARSIZE_ANY_EXHDR(value);
	uint8		gateways = 0;
	Datum	   *names;
	bool	   *nulls;
	int			n;

	if (size == last_size && memcmp(VARDATA_ANY(value), last, size) == 0)
		return last_gateways;

	deconstruct_array(DatumGetArrayTypeP(PointerGetDatum(value)), TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		text	   *name;
		uint8		bit;

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("a gateway must not be null")));
		name = DatumGetTextPP(names[i]);
		bit = gateway_bit(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
		if (bit == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown gateway \"%s\"", text_to_cstring(name)),
					 errhint("Gateways are appointment, proposal and closing.")));
		gateways |= bit;
	}
	if (size <= sizeof(last))
	{
		memcpy(last, VARDATA_ANY(value), size);
		last_size = size;
		last_gateways = gateways;
	}
	return gateways;
}

/* The day of a milestone; infinite and later than as_of it is unknown. */
static inline int32
time_milestone(FunctionCallInfo fcinfo, int n, TimestampTz as_of)
{
	TimestampTz time;

	if (PG_ARGISNULL(n))
		return UNKNOWN;
	time = PG_GETARG_TIMESTAMPTZ(n);
	return time > as_of || TIMESTAMP_NOT_FINITE(time) ? UNKNOWN : zone_day(time);
}

static inline int32
date_milestone(FunctionCallInfo fcinfo, int n)
{
	DateADT		date;

	if (PG_ARGISNULL(n))
		return UNKNOWN;
	date = PG_GETARG_DATEADT(n);
	return DATE_NOT_FINITE(date) ? UNKNOWN : calendar_day(date);
}

static void
require_argument(FunctionCallInfo fcinfo, int n, const char *name)
{
	if (PG_ARGISNULL(n))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", name)));
}

static uint8
gateways_argument(FunctionCallInfo fcinfo, int n)
{
	require_argument(fcinfo, n, "gateways");
	return gateways_of(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n)));
}

/* The outcome, from the arguments won and amount, which follow closed */
static inline void
read_outcome(FunctionCallInfo fcinfo, Opportunity *o)
{
	if (PG_ARGISNULL(5))
		o->closed = UNKNOWN;
	o->won = KNOWN(o->closed) && PG_GETARG_BOOL(5);
	o->lost = KNOWN(o->closed) && !o->won;
	o->has_amount = o->won && !PG_ARGISNULL(6);
	o->amount = o->has_amount ? amount_from_numeric(PG_GETARG_DATUM(6)) : 0;
}

/*
 * weekly_agg(created_at, appointment_at, proposal_at, closed_at, won, amount,
 * time_zone, as_of, gateways)
 */
static void
read_times(FunctionCallInfo fcinfo, Row *row)
{
	Opportunity *o = &row->opportunity;
	text	   *zone;

	require_argument(fcinfo, 7, "time_zone");
	zone = PG_GETARG_TEXT_PP(7);
	row->zone_name = zone_use(VARDATA_ANY(zone), VARSIZE_ANY_EXHDR(zone));
	row->as_of = PG_ARGISNULL(8) ? DT_NOEND : PG_GETARG_TIMESTAMPTZ(8);
	row->gateways = PG_NARGS() > 9 ? gateways_argument(fcinfo, 9) : ALL_GATEWAYS;

	o->created = time_milestone(fcinfo, 1, row->as_of);
	o->appointment = time_milestone(fcinfo, 2, row->as_of);
	o->proposal = time_milestone(fcinfo, 3, row->as_of);
	o->closed = time_milestone(fcinfo, 4, row->as_of);
	read_outcome(fcinfo, o);
}

/*
 * weekly_agg(created_on, appointment_on, proposal_on, closed_on, won, amount,
 * gateways): the days are taken for those of UTC.
 */
static void
read_dates(FunctionCallInfo fcinfo, Row *row)
{
	Opportunity *o = &row->opportunity;

	row->zone_name = "UTC";
	row->as_of = DT_NOEND;
	row->gateways = gateways_argument(fcinfo, 7);

	o->created = date_milestone(fcinfo, 1);
	o->appointment = date_milestone(fcinfo, 2);
	o->proposal = date_milestone(fcinfo, 3);
	o->closed = date_milestone(fcinfo, 4);
	read_outcome(fcinfo, o);
}

/* One row more, or taken out */
static inline Datum
history_row(FunctionCallInfo fcinfo, void (*read) (FunctionCallInfo, Row *),
			bool subtract)
{
	History    *history;
	Row			row;
	HistoryScope scope;
	Marks		marks;

	calendar_start();

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();

	/*
	 * With many groups the state is seldom in a cache: it is fetched while the
	 * opportunity, which does not need it, is read.
	 */
	__builtin_prefetch(PG_GETARG_POINTER(0));
	__builtin_prefetch((const char *) PG_GETARG_POINTER(0) + 64);

	read(fcinfo, &row);
	opportunity_mark(&row.opportunity, row.gateways, &marks);

	history = history_state(fcinfo);
	if (unlikely(history->zone_words == 0))
	{
		scope.as_of = row.as_of;
		scope.gateways = row.gateways;
		scope_set_zone(&scope, row.zone_name);
		history = history_make(&scope, 1, false);
	}
	else
		check_scope(history, row.zone_name, row.as_of, row.gateways);

	if (subtract)
	{
		History    *one;

		scope = scope_of(history);
		one = history_make(&scope, MAX_MARKS, false);
		history_count(&one, &row.opportunity, &marks);
		history_combine(&history, one, true);
	}
	else
		history_count(&history, &row.opportunity, &marks);
	return history_result(fcinfo, history);
}

Datum
kpi_history_trans(PG_FUNCTION_ARGS)
{
	return history_row(fcinfo, read_times, false);
}

Datum
kpi_history_inv(PG_FUNCTION_ARGS)
{
	return history_row(fcinfo, read_times, true);
}

Datum
kpi_history_date_trans(PG_FUNCTION_ARGS)
{
	return history_row(fcinfo, read_dates, false);
}

Datum
kpi_history_date_inv(PG_FUNCTION_ARGS)
{
	return history_row(fcinfo, read_dates, true);
}
