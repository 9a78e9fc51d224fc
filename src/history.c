/*
 * history.c
 *	  history: what happened to opportunities, by ISO week cut at month ends.
 *
 * For each cell of the calendar (see calendar.c) the history counts the new
 * opportunities, the decisions at the three gateways (appointment, proposal,
 * closing), and the sales and the days of the won and the lost that were
 * closed in it; weekly.c has the rules.  The recorded appointments are the new
 * opportunities, so they are counted once and the passed are derived from them.
 *
 * Cells lie in blocks of neighbours.  The blocks are sorted by time, and a
 * directory before them tells their numbers, so that one stray date costs one
 * block and not the years between; where no block is missing, which is nearly
 * always, the directory need not be read.  A history in which nothing was
 * counted is the empty one, without a zone.
 *
 * What a build costs is mostly waiting for memory, so cells are narrow until
 * something does not fit; then all cells of the history become wide.
 *
 * In the canonical form no block is empty, there is no spare room and the
 * cells are narrow if they can be; inside an aggregate that may be otherwise.
 * Equal histories are equal bytes.
 *
 * Every value is valid, that of a state too: what is taken out is checked
 * where it is taken from.
 */
#include "postgres.h"

#include "funcapi.h"
#include "utils/date.h"
#include "utils/tuplestore.h"

#include "calendar.h"
#include "history.h"

PG_FUNCTION_INFO_V1(kpi_history_weeks);
PG_FUNCTION_INFO_V1(kpi_history_pl);
PG_FUNCTION_INFO_V1(kpi_history_mi);
PG_FUNCTION_INFO_V1(kpi_history_final);

const char *const gateway_names[GATEWAYS] = {"appointment", "proposal", "closing"};

const HistoryScope no_scope = {0, 0, 0, ""};

static bool
block_is_empty(const History *history, char *block)
{
	for (int i = 0; i < BLOCK_CELLS; i++)
	{
		if (!cell_is_empty(block_cell(history, block, i), history->wide))
			return false;
	}
	return true;
}

/* The bit of a gateway, or 0 */
uint8
gateway_bit(const char *name, int len)
{
	for (int i = 0; i < GATEWAYS; i++)
	{
		if (strlen(gateway_names[i]) == (size_t) len &&
			memcmp(gateway_names[i], name, len) == 0)
			return 1 << i;
	}
	return 0;
}

void
scope_set_zone(HistoryScope *scope, const char *zone)
{
	scope->zone_words = TYPEALIGN(8, strlen(zone) + 1) / 8;
	memset(scope->zone, 0, scope->zone_words * 8);
	strcpy(scope->zone, zone);
}

HistoryScope
scope_of(const History *history)
{
	HistoryScope scope;

	scope.as_of = history->as_of;
	scope.gateways = history->gateways;
	scope.zone_words = history->zone_words;
	memcpy(scope.zone, history->zone, history->zone_words * 8);
	return scope;
}

/* A history without blocks; the blocks that it has room for are not cleared. */
History *
history_make(const HistoryScope *scope, int room, bool wide)
{
	Size		head = offsetof(History, zone) + scope->zone_words * 8 +
		TYPEALIGN(2, room) * sizeof(int32);
	Size		size = head + room * block_size(wide);
	History    *history = palloc(size);

	memset(history, 0, head);
	SET_VARSIZE(history, size);
	history->version = SUMMARY_VERSION;
	history->gateways = scope->gateways;
	history->wide = wide;
	history->zone_words = scope->zone_words;
	history->as_of = scope->as_of;
	history->room = room;
	memcpy(history->zone, scope->zone, scope->zone_words * 8);
	return history;
}

/*
 * Puts an empty block at an index that keeps the order; there is room for it.
 */
static char *
history_insert(History *history, int at, int32 number)
{
	int32	   *numbers = history_numbers(history) + at;
	char	   *block = history_block_at(history, at);
	Size		size = block_size(history->wide);
	int			after = history->nblocks - at;

	memmove(numbers + 1, numbers, after * sizeof(int32));
	memmove(block + size, block, after * size);
	memset(block, 0, size);
	*numbers = number;
	history->nblocks++;
	history->first = history_numbers(history)[0];
	history->last = history_numbers(history)[history->nblocks - 1];
	return block;
}

/* Appends a copy of a block, of which the cells are known to fit. */
static void
history_append_block(History *history, const History *from, int at)
{
	char	   *block = history_block_at(from, at);
	char	   *copy = history_insert(history, history->nblocks,
									  history_numbers(from)[at]);

	if (history->wide == from->wide)
	{
		memcpy(copy, block, block_size(history->wide));
		return;
	}
	for (int i = 0; i < BLOCK_CELLS; i++)
	{
		HistoryCell cell;

		cell_load(from, block_cell(from, block, i), &cell);
		cell_store(history, block_cell(history, copy, i), &cell);
	}
}

/*
 * A copy with room for 'spare' more blocks.  It keeps the empty blocks, in
 * which something may be about to be counted.
 */
History *
history_copy(const History *history, int spare, bool wide)
{
	HistoryScope scope = scope_of(history);
	History    *copy = history_make(&scope, history->nblocks + spare, wide);

	for (int i = 0; i < history->nblocks; i++)
		history_append_block(copy, history, i);
	return copy;
}

void
check_cells(int ncells)
{
	if (ncells > MAX_CELLS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a history cannot hold more than %d different weeks", MAX_CELLS),
				 errhint("Look for dates that are wrong.")));
}

/*
 * The next cell that is not empty, from *i = 0: its number and its value, or
 * false at the end.
 */
bool
history_next(const History *history, int *i, int32 *number, HistoryCell *cell)
{
	while (*i < history->nblocks * BLOCK_CELLS)
	{
		int			at = *i / BLOCK_CELLS;
		int			of_block = *i % BLOCK_CELLS;
		void	   *from = block_cell(history, history_block_at(history, at), of_block);

		(*i)++;
		if (!cell_is_empty(from, history->wide))
		{
			*number = history_numbers(history)[at] * BLOCK_CELLS + of_block;
			cell_load(history, from, cell);
			return true;
		}
	}
	return false;
}

/* The canonical form, in which no more than MAX_CELLS cells may be counted in */
History *
history_canonical(const History *history)
{
	HistoryScope scope = scope_of(history);
	History    *copy;
	HistoryCell cell;
	bool		wide = false;
	int			ncells = 0;
	int			nblocks = 0;
	int32		number;

	for (int i = 0; history_next(history, &i, &number, &cell); ncells++)
		wide = wide || !cell_is_narrow(&cell);
	check_cells(ncells);
	for (int i = 0; i < history->nblocks; i++)
		nblocks += !block_is_empty(history, history_block_at(history, i));

	copy = history_make(nblocks > 0 ? &scope : &no_scope, nblocks, wide);
	for (int i = 0; i < history->nblocks; i++)
	{
		if (!block_is_empty(history, history_block_at(history, i)))
			history_append_block(copy, history, i);
	}
	return copy;
}

/* The first block of that number or of a later one */
int
history_search(const History *history, int32 number)
{
	const int32 *numbers = history_numbers(history);
	int			low = 0;
	int			high = history->nblocks;

	/*
	 * Numbers ascend, mostly without gaps: a block lies at most as far behind
	 * the first as its number does, and as far before another.
	 */
	if (high > 0 && number >= numbers[0])
	{
		int64		n = Min((int64) number - numbers[0], high - 1);
		int64		beyond = (int64) numbers[n] - number;

		if (beyond == 0)
			return n;
		if (beyond < 0)
			return high;
		high = n;
		low = Max(n - beyond, 0);
	}
	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (numbers[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Adds an empty block unless it is there; '*history' may then be another. */
char *
history_require(History **history, int32 number)
{
	char	   *block = history_block(*history, number);

	if (block != NULL)
		return block;
	if ((*history)->nblocks == (*history)->room)
	{
		/* One week and month at least is counted in each block. */
		check_cells((*history)->nblocks + 1);
		*history = history_copy(*history, Max((*history)->nblocks, 1), (*history)->wide);
	}
	return history_insert(*history, history_search(*history, number), number);
}

/* Sets a cell; '*history' may then be another. */
void
history_put(History **history, int32 number, const HistoryCell *cell)
{
	history_require(history, number >> BLOCK_BITS);
	if (!cell_store(*history, history_cell(*history, number), cell))
	{
		*history = history_copy(*history, (*history)->nblocks, true);
		cell_store(*history, history_cell(*history, number), cell);
	}
}

/*
 * Can this cell be?  What each count is bound by holds for the sum of cells
 * too.  A breach is reported with the SQLSTATE given.
 */
bool
cell_check(const HistoryCell *cell, uint8 gateways, int sqlstate, Node *escontext)
{
	const uint32 *count = cell->count;
	uint64		won = count[CLOSING_PASSED];
	uint64		lost = (uint64) count[APPOINTMENT_FAILED] +
		count[PROPOSAL_FAILED] + count[CLOSING_FAILED];
	bool		valid = true;

	/* Where closings are not recorded, others are not bound by them. */
	if (!(gateways & CLOSING))
	{
		valid = won == 0 && count[CLOSING_FAILED] == 0;
		won = lost = PG_UINT32_MAX;
	}
	if (!(gateways & APPOINTMENT))
		valid = valid && count[APPOINTMENT_IMPUTED] == 0 &&
			count[APPOINTMENT_FAILED] == 0;
	if (!(gateways & PROPOSAL))
		valid = valid && count[PROPOSAL_RECORDED] == 0 &&
			count[PROPOSAL_IMPUTED] == 0 && count[PROPOSAL_FAILED] == 0;
	valid = valid &&
		count[COUNTERS] == 0 &&
		count[APPOINTMENT_IMPUTED] <= won + count[PROPOSAL_RECORDED] &&
		count[PROPOSAL_IMPUTED] <= won &&
		count[SALES] <= won &&
		count[WON_WITH_DAYS] <= won &&
		count[LOST_WITH_DAYS] <= lost &&
		cell->won_days >= 0 &&
		cell->won_days <= (int64) count[WON_WITH_DAYS] * PG_INT32_MAX &&
		cell->lost_days >= 0 &&
		cell->lost_days <= (int64) count[LOST_WITH_DAYS] * PG_INT32_MAX &&
		amounts_valid(count[SALES], &cell->amounts);
	if (!valid)
		ereturn(escontext, false,
				(errcode(sqlstate),
				 errmsg("no opportunities have the counts and sums of this week of a history")));
	return true;
}

void
count_overflow(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("a week of a history cannot count more than %u", PG_UINT32_MAX)));
}

static inline void
count_add(uint32 *count, uint32 more)
{
	if (unlikely(pg_add_u32_overflow(*count, more, count)))
		count_overflow();
}

static inline void
count_subtract(uint32 *count, uint32 less)
{
	if (unlikely(pg_sub_u32_overflow(*count, less, count)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("a history cannot count less than nothing"),
				 errdetail("The history does not hold what is taken out of it.")));
}

static void
cell_add(HistoryCell *cell, const HistoryCell *other)
{
	for (size_t i = 0; i < COUNTERS; i++)
		count_add(&cell->count[i], other->count[i]);
	/* The counts bound the sums: nothing overflows. */
	cell->won_days += other->won_days;
	cell->lost_days += other->lost_days;
	amounts_add(&cell->amounts, &other->amounts);
}

static void
cell_subtract(HistoryCell *cell, const HistoryCell *other, uint8 gateways)
{
	for (size_t i = 0; i < COUNTERS; i++)
		count_subtract(&cell->count[i], other->count[i]);
	cell->won_days -= other->won_days;
	cell->lost_days -= other->lost_days;
	amounts_subtract(&cell->amounts, &other->amounts);
	cell_check(cell, gateways, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, NULL);
}

/* ----------
 * Adding and subtracting histories
 * ----------
 */

/* Histories of different scopes do not add. */
void
check_scope(const History *history, const char *zone, TimestampTz as_of, uint8 gateways)
{
	if (strcmp(history->zone, zone) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zones within a history must not differ"),
				 errdetail("One is \"%s\", another \"%s\".", history->zone, zone)));
	if (history->as_of != as_of)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("as_of must not differ within a history")));
	if (history->gateways != gateways)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("gateways must not differ within a history")));
}

/* Adds another history, or takes it out; '*history' may then be another. */
void
history_combine(History **history, const History *other, bool subtract)
{
	HistoryCell cell;
	int32		number;
	int			missing = 0;

	if (other->zone_words == 0)
		return;
	if ((*history)->zone_words == 0)
	{
		HistoryScope scope = scope_of(other);

		*history = history_make(&scope, other->nblocks, other->wide);
	}
	check_scope(*history, other->zone, other->as_of, other->gateways);

	/* Make the room once. */
	for (int i = 0; i < other->nblocks; i++)
		missing += history_block(*history, history_numbers(other)[i]) == NULL;
	if (missing > (*history)->room - (*history)->nblocks)
		*history = history_copy(*history, Max((*history)->nblocks, missing),
								(*history)->wide);

	for (int i = 0; history_next(other, &i, &number, &cell);)
	{
		void	   *at = history_cell(*history, number);
		HistoryCell sum = {0};

		if (at != NULL)
			cell_load(*history, at, &sum);
		if (subtract)
			cell_subtract(&sum, &cell, other->gateways);
		else
			cell_add(&sum, &cell);
		history_put(history, number, &sum);
	}
}

/*
 * The first argument to write to: the state of an aggregate where it lies, or
 * a copy of the value.
 */
History *
history_state(FunctionCallInfo fcinfo)
{
	History    *history;

	if (summary_is_state(fcinfo))
		return (History *) PG_GETARG_POINTER(0);
	history = PG_GETARG_HISTORY_P(0);
	return history_copy(history, 0, history->wide);
}

/* What to return of it: the state as it is, or the canonical value. */
Datum
history_result(FunctionCallInfo fcinfo, History *history)
{
	if (AggCheckCallContext(fcinfo, NULL))
		PG_RETURN_POINTER(history);
	PG_RETURN_POINTER(history_canonical(history));
}

/* Operator +, and the transition and combine function of rollup */
Datum
kpi_history_pl(PG_FUNCTION_ARGS)
{
	History    *history = history_state(fcinfo);

	history_combine(&history, PG_GETARG_HISTORY_P(1), false);
	return history_result(fcinfo, history);
}

/* Operator -, and the inverse transition function of rollup */
Datum
kpi_history_mi(PG_FUNCTION_ARGS)
{
	History    *history = history_state(fcinfo);

	history_combine(&history, PG_GETARG_HISTORY_P(1), true);
	return history_result(fcinfo, history);
}

Datum
kpi_history_final(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(history_canonical(PG_GETARG_HISTORY_P(0)));
}

/* ----------
 * weeks
 * ----------
 */

static Datum
rate_of(Rate *rate, uint64 passed, uint64 failed, bool recorded)
{
	rate->passed = recorded ? passed : 0;
	rate->decided = recorded ? passed + failed : 0;
	return PointerGetDatum(rate);
}

/* The cells as rows, in the order of time */
Datum
kpi_history_weeks(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	History    *history = PG_GETARG_HISTORY_P(0);
	uint8		gateways = history->gateways;
	HistoryCell cell;
	uint32	   *count = cell.count;
	int32		number;

	calendar_start();
	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; history_next(history, &i, &number, &cell);)
	{
		Datum		values[13];
		bool		nulls[lengthof(values)] = {false};
		Rate		rates[3];
		Sales		sales;
		int32		week;
		int			part;
		int32		month;

		calendar_locate(number, &week, &part, &month);
		sales.count = count[SALES];
		sales.amounts = cell.amounts;

		values[0] = DateADTGetDatum(calendar_date(week * 7));
		values[1] = DateADTGetDatum(calendar_date(month));
		values[2] = Int64GetDatum(count[NEW]);
		values[3] = rate_of(&rates[0],
							(uint64) count[NEW] + count[APPOINTMENT_IMPUTED],
							count[APPOINTMENT_FAILED], gateways & APPOINTMENT);
		values[4] = rate_of(&rates[1],
							(uint64) count[PROPOSAL_RECORDED] + count[PROPOSAL_IMPUTED],
							count[PROPOSAL_FAILED], gateways & PROPOSAL);
		values[5] = rate_of(&rates[2], count[CLOSING_PASSED],
							count[CLOSING_FAILED], gateways & CLOSING);
		values[6] = Int64GetDatum(count[APPOINTMENT_IMPUTED]);
		values[7] = Int64GetDatum(count[PROPOSAL_IMPUTED]);
		values[8] = PointerGetDatum(&sales);
		values[9] = Int64GetDatum(cell.won_days);
		values[10] = Int64GetDatum(count[WON_WITH_DAYS]);
		values[11] = Int64GetDatum(cell.lost_days);
		values[12] = Int64GetDatum(count[LOST_WITH_DAYS]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
