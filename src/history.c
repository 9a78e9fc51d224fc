/*
 * history.c
 *	  history: what happened to opportunities, by ISO week cut at month ends.
 *
 * For each cell of the calendar (see calendar.c) the history counts the new
 * opportunities, the decisions at the three gateways (appointment, proposal,
 * closing), and the sales and the days of the won and the lost that were
 * closed in it.  Of each opportunity it counts
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
 * The recorded appointments are the new opportunities, so they are counted
 * once and the passed are derived from them.
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

#include <ctype.h>

#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/tuplestore.h"

#include "calendar.h"
#include "kpi.h"

PG_FUNCTION_INFO_V1(kpi_history_in);
PG_FUNCTION_INFO_V1(kpi_history_out);
PG_FUNCTION_INFO_V1(kpi_history_recv);
PG_FUNCTION_INFO_V1(kpi_history_send);
PG_FUNCTION_INFO_V1(kpi_history_weeks);
PG_FUNCTION_INFO_V1(kpi_history_pl);
PG_FUNCTION_INFO_V1(kpi_history_mi);
PG_FUNCTION_INFO_V1(kpi_history_trans);
PG_FUNCTION_INFO_V1(kpi_history_inv);
PG_FUNCTION_INFO_V1(kpi_history_final);

/* Gateways, as bits of a set */
#define APPOINTMENT		1
#define PROPOSAL		2
#define CLOSING			4
#define ALL_GATEWAYS	(APPOINTMENT | PROPOSAL | CLOSING)

static const char *const gateway_names[] = {"appointment", "proposal", "closing"};

/* What a cell counts; the names are those of the text form. */
typedef enum HistoryCounter
{
	NEW,
	APPOINTMENT_IMPUTED,
	APPOINTMENT_FAILED,
	PROPOSAL_RECORDED,
	PROPOSAL_IMPUTED,
	PROPOSAL_FAILED,
	CLOSING_PASSED,
	CLOSING_FAILED,
	SALES,
	WON_WITH_DAYS,
	LOST_WITH_DAYS
} HistoryCounter;

static const char *const counter_names[] = {
	"new",
	"appointment_imputed", "appointment_failed",
	"proposal_recorded", "proposal_imputed", "proposal_failed",
	"closing_passed", "closing_failed",
	"sales", "won_with_days", "lost_with_days"
};

#define COUNTERS	lengthof(counter_names)

/* The working form of a cell, and a wide one as it lies in a history */
typedef struct HistoryCell
{
	uint32		count[COUNTERS + 1];	/* the last one is always 0 */
	int64		won_days;
	int64		lost_days;
	Amounts		amounts;		/* of the sales */
} HistoryCell;

/* A narrow cell, as nearly all are */
typedef struct NarrowCell
{
	uint16		count[COUNTERS + 1];
	uint32		won_days;
	uint32		lost_days;
	int64		total;
	uint64		squares[2];
} NarrowCell;

/* 4 cells, about a month: small, because many groups are sparse */
#define BLOCK_BITS	2
#define BLOCK_CELLS (1 << BLOCK_BITS)

/* What belongs to the whole history */
typedef struct HistoryScope
{
	TimestampTz as_of;			/* DT_NOEND: no limit */
	uint8		gateways;		/* those that are recorded */
	uint8		zone_words;		/* 8 bytes each; 0: no zone */
	char		zone[TZ_STRLEN_MAX + 1];
} HistoryScope;

static const HistoryScope no_scope = {0, 0, 0, ""};

typedef struct History
{
	int32		vl_len_;		/* varlena header, do not touch */
	uint8		version;
	uint8		gateways;
	uint8		wide;			/* are the cells wide? */
	uint8		zone_words;		/* zone_size / 8 */
	TimestampTz as_of;
	int32		nblocks;
	int32		room;			/* for how many blocks */
	int32		first;			/* number of the first block */
	int32		last;			/* number of the last block */
	char		zone[FLEXIBLE_ARRAY_MEMBER];	/* padded with 0 */
	/* here follow the numbers of the blocks, int32, aligned, then the blocks */
} History;

/* One opportunity */
typedef struct Opportunity
{
	TimestampTz created;
	TimestampTz appointment;
	TimestampTz proposal;
	TimestampTz closed;			/* only if won or lost */
	bool		won;
	bool		lost;
	bool		has_amount;
	int64		amount;
} Opportunity;

#define UNKNOWN			DT_NOEND
#define KNOWN(time)		((time) != UNKNOWN)

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

#define DatumGetHistoryP(datum)	((History *) PG_DETOAST_DATUM(datum))
#define PG_GETARG_HISTORY_P(n)	DatumGetHistoryP(PG_GETARG_DATUM(n))

/* ----------
 * Cells and blocks
 * ----------
 */

/* The number of a block is that of its first cell / BLOCK_CELLS. */
static inline int32 *
history_numbers(const History *history)
{
	return (int32 *) (history->zone + history->zone_words * 8);
}

static inline Size
block_size(bool wide)
{
	return BLOCK_CELLS * (wide ? sizeof(HistoryCell) : sizeof(NarrowCell));
}

static inline char *
history_block_at(const History *history, int at)
{
	return (char *) (history_numbers(history) + TYPEALIGN(2, history->room)) +
		at * block_size(history->wide);
}

/* A cell as it lies in a block */
static inline void *
block_cell(const History *history, char *block, int cell)
{
	return block + cell * (block_size(history->wide) / BLOCK_CELLS);
}

/* Without a count there is no sum either, so the counts, which come first, tell. */
static inline bool
cell_is_empty(const void *cell, bool wide)
{
	const uint64 *counts = cell;
	int			words = (COUNTERS + 1) / (wide ? 2 : 4);
	uint64		any = 0;

	for (int i = 0; i < words; i++)
		any |= counts[i];
	return any == 0;
}

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

static inline void
cell_load(const History *history, const void *from, HistoryCell *cell)
{
	const NarrowCell *narrow = from;

	if (history->wide)
	{
		memcpy(cell, from, sizeof(HistoryCell));
		return;
	}
	for (size_t i = 0; i <= COUNTERS; i++)
		cell->count[i] = narrow->count[i];
	cell->won_days = narrow->won_days;
	cell->lost_days = narrow->lost_days;
	cell->amounts.total = narrow->total;
	cell->amounts.squares[0] = narrow->squares[0];
	cell->amounts.squares[1] = narrow->squares[1];
	cell->amounts.squares[2] = 0;
}

static inline bool
cell_is_narrow(const HistoryCell *cell)
{
	uint32		any = 0;

	for (size_t i = 0; i < COUNTERS; i++)
		any |= cell->count[i];
	return any <= PG_UINT16_MAX &&
		cell->won_days <= PG_UINT32_MAX &&
		cell->lost_days <= PG_UINT32_MAX &&
		cell->amounts.total == (int64) cell->amounts.total &&
		cell->amounts.squares[2] == 0;
}

/* False, and nothing done, when the cell does not fit. */
static inline bool
cell_store(const History *history, void *to, const HistoryCell *cell)
{
	NarrowCell *narrow = to;

	if (history->wide)
	{
		memcpy(to, cell, sizeof(HistoryCell));
		return true;
	}
	if (!cell_is_narrow(cell))
		return false;
	for (size_t i = 0; i <= COUNTERS; i++)
		narrow->count[i] = cell->count[i];
	narrow->won_days = cell->won_days;
	narrow->lost_days = cell->lost_days;
	narrow->total = (int64) cell->amounts.total;
	narrow->squares[0] = cell->amounts.squares[0];
	narrow->squares[1] = cell->amounts.squares[1];
	return true;
}

/* ----------
 * Histories
 * ----------
 */

static void
scope_set_zone(HistoryScope *scope, const char *zone)
{
	scope->zone_words = TYPEALIGN(8, strlen(zone) + 1) / 8;
	memset(scope->zone, 0, scope->zone_words * 8);
	strcpy(scope->zone, zone);
}

static HistoryScope
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
static History *
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
static History *
history_copy(const History *history, int spare, bool wide)
{
	HistoryScope scope = scope_of(history);
	History    *copy = history_make(&scope, history->nblocks + spare, wide);

	for (int i = 0; i < history->nblocks; i++)
		history_append_block(copy, history, i);
	return copy;
}

static void
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
static bool
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
static History *
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
static int
history_search(const History *history, int32 number)
{
	const int32 *numbers = history_numbers(history);
	int			low = 0;
	int			high = history->nblocks;

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

/* The block of that number, or NULL */
static inline char *
history_block(const History *history, int32 number)
{
	int			at;

	if (history->nblocks == 0 || number < history->first || number > history->last)
		return NULL;
	if (history->last - history->first == history->nblocks - 1)
		at = number - history->first;
	else
	{
		at = history_search(history, number);
		if (history_numbers(history)[at] != number)
			return NULL;
	}
	return history_block_at(history, at);
}

/* The cell of that number as it lies in its block, or NULL */
static inline void *
history_cell(const History *history, int32 number)
{
	char	   *block = history_block(history, number >> BLOCK_BITS);

	return block ? block_cell(history, block, number & (BLOCK_CELLS - 1)) : NULL;
}

/* Adds an empty block unless it is there; '*history' may then be another. */
static char *
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
static void
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
static bool
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

pg_attribute_noreturn()
static void
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
 * One opportunity
 * ----------
 */

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
	TimestampTz proposal = gateways & PROPOSAL ? o->proposal : UNKNOWN;
	int32		closed = KNOWN(o->closed) ? zone_day(o->closed) : 0;
	bool		failed = false;

	marks->n = 0;
	marks->sums = -1;
	marks->days = -1;

	if (!(gateways & APPOINTMENT))
	{
		if (KNOWN(o->created))
			mark(marks, zone_day(o->created), NEW);
	}
	else if (KNOWN(o->appointment))
		mark(marks, zone_day(o->appointment), NEW);
	else if (KNOWN(proposal) && (!o->won || proposal < o->closed))
		mark(marks, zone_day(proposal), APPOINTMENT_IMPUTED);
	else if (o->won)
		mark(marks, closed, APPOINTMENT_IMPUTED);
	else if (o->lost)
	{
		mark(marks, closed, APPOINTMENT_FAILED);
		failed = true;
	}

	if (!(gateways & PROPOSAL))
		;
	else if (KNOWN(proposal))
		mark(marks, zone_day(proposal), PROPOSAL_RECORDED);
	else if (o->won)
		mark(marks, closed, PROPOSAL_IMPUTED);
	else if (o->lost && !failed)
	{
		mark(marks, closed, PROPOSAL_FAILED);
		failed = true;
	}

	if (gateways & CLOSING)
	{
		if (o->won)
			mark(marks, closed, CLOSING_PASSED);
		else if (o->lost && !failed)
			mark(marks, closed, CLOSING_FAILED);
	}

	if (o->has_amount)
	{
		marks->sums = marks->n;
		mark(marks, closed, SALES);
	}
	if (KNOWN(o->closed) && KNOWN(o->created))
	{
		marks->days = closed - zone_day(o->created);
		if (marks->days >= 0)
		{
			marks->sums = marks->n;
			mark(marks, closed, o->won ? WON_WITH_DAYS : LOST_WITH_DAYS);
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

/* ----------
 * Adding and subtracting histories
 * ----------
 */

/* Histories of different scopes do not add. */
static void
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
static void
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
static History *
history_state(FunctionCallInfo fcinfo)
{
	History    *history;

	if (summary_is_state(fcinfo))
		return (History *) PG_GETARG_POINTER(0);
	history = PG_GETARG_HISTORY_P(0);
	return history_copy(history, 0, history->wide);
}

/* What to return of it: the state as it is, or the canonical value. */
static Datum
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
 * weekly_agg
 * ----------
 */

/* The bit of a gateway, or 0 */
static uint8
gateway_bit(const char *name, int len)
{
	for (size_t i = 0; i < lengthof(gateway_names); i++)
	{
		if (strlen(gateway_names[i]) == (size_t) len &&
			memcmp(gateway_names[i], name, len) == 0)
			return 1 << i;
	}
	return 0;
}

/* The set of an array of gateways.  The last array read is kept, as a cache. */
static uint8
gateways_of(ArrayType *array)
{
	static char last[128];
	static uint8 last_gateways;
	uint8		gateways = 0;
	Datum	   *names;
	bool	   *nulls;
	int			n;

	if (VARSIZE(array) <= sizeof(last) &&
		memcmp(array, last, VARSIZE(array)) == 0)
		return last_gateways;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		uint8		bit;

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("a gateway must not be null")));
		bit = gateway_bit(VARDATA_ANY(names[i]), VARSIZE_ANY_EXHDR(names[i]));
		if (bit == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown gateway \"%s\"", TextDatumGetCString(names[i])),
					 errhint("Gateways are appointment, proposal and closing.")));
		gateways |= bit;
	}
	if (VARSIZE(array) <= sizeof(last))
	{
		memcpy(last, array, VARSIZE(array));
		last_gateways = gateways;
	}
	return gateways;
}

/* A milestone; infinite and later than as_of it is unknown. */
static inline TimestampTz
milestone(FunctionCallInfo fcinfo, int n, TimestampTz as_of)
{
	TimestampTz time;

	if (PG_ARGISNULL(n))
		return UNKNOWN;
	time = PG_GETARG_TIMESTAMPTZ(n);
	return time > as_of || time == DT_NOBEGIN ? UNKNOWN : time;
}

static void
require_argument(FunctionCallInfo fcinfo, int n, const char *name)
{
	if (PG_ARGISNULL(n))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", name)));
}

/*
 * weekly_agg(created_at, appointment_at, proposal_at, closed_at, won, amount,
 * time_zone, as_of, gateways): one row more, or taken out.
 */
static Datum
history_row(FunctionCallInfo fcinfo, bool subtract)
{
	History    *history;
	Opportunity o;
	TimestampTz as_of = DT_NOEND;
	uint8		gateways = ALL_GATEWAYS;
	text	   *zone;
	const char *zone_name;
	Marks		marks;

	calendar_start();

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();

	/*
	 * With many groups the state is seldom in a cache: it is fetched while the
	 * opportunity, which does not need it, is read.
	 */
	__builtin_prefetch(PG_GETARG_POINTER(0));
	__builtin_prefetch(PG_GETARG_POINTER(0) + 64);

	require_argument(fcinfo, 7, "time_zone");
	zone = PG_GETARG_TEXT_PP(7);
	zone_name = zone_use(VARDATA_ANY(zone), VARSIZE_ANY_EXHDR(zone));
	if (!PG_ARGISNULL(8))
		as_of = PG_GETARG_TIMESTAMPTZ(8);
	if (PG_NARGS() > 9)
	{
		require_argument(fcinfo, 9, "gateways");
		gateways = gateways_of(PG_GETARG_ARRAYTYPE_P(9));
	}

	o.created = milestone(fcinfo, 1, as_of);
	o.appointment = milestone(fcinfo, 2, as_of);
	o.proposal = milestone(fcinfo, 3, as_of);
	o.closed = PG_ARGISNULL(5) ? UNKNOWN : milestone(fcinfo, 4, as_of);
	o.won = KNOWN(o.closed) && PG_GETARG_BOOL(5);
	o.lost = KNOWN(o.closed) && !o.won;
	o.has_amount = o.won && !PG_ARGISNULL(6);
	o.amount = o.has_amount ? amount_from_numeric(PG_GETARG_DATUM(6)) : 0;
	opportunity_mark(&o, gateways, &marks);

	history = history_state(fcinfo);
	if (unlikely(history->zone_words == 0))
	{
		HistoryScope scope;

		scope.as_of = as_of;
		scope.gateways = gateways;
		scope_set_zone(&scope, zone_name);
		history = history_make(&scope, 1, false);
	}
	else
		check_scope(history, zone_name, as_of, gateways);

	if (subtract)
	{
		HistoryScope scope = scope_of(history);
		History    *row = history_make(&scope, MAX_MARKS, false);

		history_count(&row, &o, &marks);
		history_combine(&history, row, true);
	}
	else
		history_count(&history, &o, &marks);
	return history_result(fcinfo, history);
}

Datum
kpi_history_trans(PG_FUNCTION_ARGS)
{
	return history_row(fcinfo, false);
}

Datum
kpi_history_inv(PG_FUNCTION_ARGS)
{
	return history_row(fcinfo, true);
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

/* ----------
 * Text and binary form
 * ----------
 *
 *	zone=Europe/Oslo gateways=proposal+closing as_of=2026-11-24T00:00:00Z;
 *	2026-03-30/03 new=2 proposal_recorded=1; 2026-03-30/04 new=1 ...
 *
 * A week is named by its Monday and the month that it is cut to.  as_of is in
 * UTC and is left out where there is no limit.  Dates have the year 0.
 */

static void
print_date(StringInfo buf, int year, int month, int day)
{
	appendStringInfo(buf, "%s%04d-%02d-%02d", year < 0 ? "-" : "",
					 year < 0 ? -year : year, month, day);
}

/* Reads exactly two digits. */
static bool
scan_two(TextScan *scan, int *value)
{
	if (!isdigit((unsigned char) scan->at[0]) || !isdigit((unsigned char) scan->at[1]))
		return false;
	*value = (scan->at[0] - '0') * 10 + (scan->at[1] - '0');
	scan->at += 2;
	return true;
}

static bool
scan_date(TextScan *scan, int *year, int *month, int *day)
{
	int64		value;

	if (!scan_int64(scan, &value) || value < -10000 || value > 300000)
		return false;
	*year = (int) value;
	if (!scan_char(scan, '-') || !scan_two(scan, month) ||
		!scan_char(scan, '-') || !scan_two(scan, day))
		return false;
	return *month >= 1 && *month <= MONTHS_PER_YEAR &&
		*day >= 1 && *day <= day_tab[isleap(*year)][*month - 1] &&
		IS_VALID_JULIAN(*year, *month, *day);
}

static void
print_time(StringInfo buf, TimestampTz time)
{
	struct pg_tm tm;
	fsec_t		fraction;

	if (timestamp2tm(time, NULL, &tm, &fraction, NULL, NULL) != 0)
		elog(ERROR, "as_of is out of range");
	print_date(buf, tm.tm_year, tm.tm_mon, tm.tm_mday);
	appendStringInfo(buf, "T%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
	if (fraction != 0)
		appendStringInfo(buf, ".%06d", (int) fraction);
	appendStringInfoChar(buf, 'Z');
}

static bool
scan_time(TextScan *scan, TimestampTz *time)
{
	struct pg_tm tm = {0};
	fsec_t		fraction = 0;

	if (!scan_date(scan, &tm.tm_year, &tm.tm_mon, &tm.tm_mday) ||
		!scan_char(scan, 'T') || !scan_two(scan, &tm.tm_hour) ||
		!scan_char(scan, ':') || !scan_two(scan, &tm.tm_min) ||
		!scan_char(scan, ':') || !scan_two(scan, &tm.tm_sec))
		return false;
	if (scan_char(scan, '.'))
	{
		for (int i = 0; i < 3; i++)
		{
			int			two;

			if (!scan_two(scan, &two))
				return false;
			fraction = fraction * 100 + two;
		}
	}
	return scan_char(scan, 'Z') &&
		tm.tm_hour < HOURS_PER_DAY && tm.tm_min < MINS_PER_HOUR &&
		tm.tm_sec < SECS_PER_MINUTE &&
		tm2timestamp(&tm, fraction, NULL, time) == 0;
}

/* A zone is any name without blanks: it need not be known to this server. */
static bool
zone_name_is_valid(const char *name, size_t len)
{
	if (len == 0 || len > TZ_STRLEN_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
	{
		if (name[i] <= ' ' || name[i] > '~' || name[i] == ';')
			return false;
	}
	return true;
}

static bool
scan_scope(TextScan *scan, HistoryScope *scope)
{
	char		name[TZ_STRLEN_MAX + 1];
	size_t		len;

	if (!scan_word(scan, "zone="))
		return false;
	len = strcspn(scan->at, " ;");
	if (!zone_name_is_valid(scan->at, len))
		return false;
	memcpy(name, scan->at, len);
	name[len] = '\0';
	scan->at += len;
	scope_set_zone(scope, name);

	scope->gateways = 0;
	if (!scan_word(scan, " gateways="))
		return false;
	do
	{
		uint8		bit;

		len = strspn(scan->at, "abcdefghijklmnopqrstuvwxyz");
		bit = gateway_bit(scan->at, len);
		if (bit == 0 && !(len == 4 && memcmp(scan->at, "none", len) == 0))
			return false;
		scope->gateways |= bit;
		scan->at += len;
	} while (scan_char(scan, '+'));

	scope->as_of = DT_NOEND;
	return !scan_word(scan, " as_of=") || scan_time(scan, &scope->as_of);
}

/* Reads a count or a sum if it is the next; its name is followed by =. */
static bool
scan_item(TextScan *scan, const char *name, int64 most, int64 *value)
{
	size_t		len = strlen(name);

	*value = 0;
	if (scan->at[0] != ' ' || strncmp(scan->at + 1, name, len) != 0 ||
		scan->at[1 + len] != '=')
		return true;
	scan->at += len + 2;
	if (!scan_int64(scan, value) || *value < 0)
		return false;
	if (*value > most)
		ereturn(scan->escontext, false,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s=" INT64_FORMAT " is out of range for type %s",
						name, *value, scan->type),
				 errdetail("It must be between 0 and " INT64_FORMAT ".", most)));
	return true;
}

static bool
scan_cell(TextScan *scan, int32 *number, HistoryCell *cell)
{
	int			year;
	int			month;
	int			day;
	int			cut;
	int32		monday;
	int			part;
	int64		value;

	memset(cell, 0, sizeof(HistoryCell));
	if (!scan_date(scan, &year, &month, &day) ||
		!scan_char(scan, '/') || !scan_two(scan, &cut))
		return false;
	monday = date2j(year, month, day) - POSTGRES_EPOCH_JDATE - CALENDAR_EPOCH;
	part = cut != month;
	if (monday % 7 != 0 ||
		(part == 1 && cut != month % MONTHS_PER_YEAR + 1) ||
		!calendar_cell_of(monday / 7, part, number))
		return false;

	for (size_t i = 0; i < COUNTERS; i++)
	{
		if (!scan_item(scan, counter_names[i], PG_UINT32_MAX, &value))
			return false;
		cell->count[i] = (uint32) value;
	}
	if (!scan_item(scan, "won_days", PG_INT64_MAX, &cell->won_days) ||
		!scan_item(scan, "lost_days", PG_INT64_MAX, &cell->lost_days))
		return false;
	if (cell->count[SALES] > 0)
		return scan_char(scan, ' ') && amounts_scan(scan, &cell->amounts);
	return true;
}

Datum
kpi_history_in(PG_FUNCTION_ARGS)
{
	TextScan	scan = scan_start(fcinfo, "history");
	History    *history;
	HistoryScope scope;
	HistoryCell cell;
	int32		number;
	int32		last = PG_INT32_MIN;

	calendar_start();
	if (scan_word(&scan, "empty"))
		history = history_make(&no_scope, 0, false);
	else
	{
		if (!scan_scope(&scan, &scope))
		{
			scan_syntax_error(&scan);
			PG_RETURN_NULL();
		}
		history = history_make(&scope, 1, false);
		while (scan_word(&scan, "; "))
		{
			if (!scan_cell(&scan, &number, &cell) ||
				number <= last || cell_is_empty(&cell, true))
			{
				scan_syntax_error(&scan);
				PG_RETURN_NULL();
			}
			if (!cell_check(&cell, scope.gateways,
							ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, scan.escontext))
				PG_RETURN_NULL();
			history_put(&history, number, &cell);
			last = number;
		}
	}
	if (!scan_end(&scan))
	{
		scan_syntax_error(&scan);
		PG_RETURN_NULL();
	}
	PG_RETURN_POINTER(history_canonical(history));
}

Datum
kpi_history_out(PG_FUNCTION_ARGS)
{
	History    *history = history_canonical(PG_GETARG_HISTORY_P(0));
	const char *separator = " gateways=";
	HistoryCell cell;
	int32		number;
	StringInfoData buf;

	if (history->nblocks == 0)
		PG_RETURN_CSTRING(pstrdup("empty"));

	calendar_start();
	initStringInfo(&buf);
	appendStringInfo(&buf, "zone=%s", history->zone);
	for (size_t i = 0; i < lengthof(gateway_names); i++)
	{
		if (!(history->gateways & (1 << i)))
			continue;
		appendStringInfo(&buf, "%s%s", separator, gateway_names[i]);
		separator = "+";
	}
	if (history->gateways == 0)
		appendStringInfo(&buf, "%snone", separator);
	if (history->as_of != DT_NOEND)
	{
		appendStringInfoString(&buf, " as_of=");
		print_time(&buf, history->as_of);
	}

	for (int i = 0; history_next(history, &i, &number, &cell);)
	{
		int32		week;
		int32		month;
		int			part;
		int			y;
		int			m;
		int			d;

		calendar_locate(number, &week, &part, &month);
		appendStringInfoString(&buf, "; ");
		j2date(calendar_date(week * 7) + POSTGRES_EPOCH_JDATE, &y, &m, &d);
		print_date(&buf, y, m, d);
		j2date(calendar_date(month) + POSTGRES_EPOCH_JDATE, &y, &m, &d);
		appendStringInfo(&buf, "/%02d", m);
		for (size_t j = 0; j < COUNTERS; j++)
		{
			if (cell.count[j] != 0)
				appendStringInfo(&buf, " %s=%u", counter_names[j], cell.count[j]);
		}
		if (cell.won_days != 0)
			appendStringInfo(&buf, " won_days=" INT64_FORMAT, cell.won_days);
		if (cell.lost_days != 0)
			appendStringInfo(&buf, " lost_days=" INT64_FORMAT, cell.lost_days);
		if (cell.count[SALES] != 0)
		{
			appendStringInfoChar(&buf, ' ');
			amounts_print(&buf, &cell.amounts);
		}
	}
	PG_RETURN_CSTRING(buf.data);
}

/* Bytes of a cell in binary: week, part, counts, days, amounts */
#define CELL_MESSAGE_SIZE \
	(sizeof(int32) + 1 + COUNTERS * sizeof(uint32) + 2 * sizeof(int64) + 5 * sizeof(int64))

/*
 * Binary: version, gateways, as_of, length and name of the zone, number of
 * cells, and the cells, each with the number of its week since Monday
 * 2000-01-03 and whether it is the part of the week before (0) or after (1)
 * the end of a month.
 */
Datum
kpi_history_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	History    *history;
	HistoryScope scope;
	const char *name;
	char		zone[TZ_STRLEN_MAX + 1];
	int			len;
	int32		ncells;
	int32		last = PG_INT32_MIN;

	calendar_start();
	receive_version(buf, "history");
	scope.gateways = pq_getmsgbyte(buf);
	scope.as_of = pq_getmsgint64(buf);
	len = pq_getmsgbyte(buf);
	name = pq_getmsgbytes(buf, len);
	ncells = pq_getmsgint(buf, 4);
	receive_count(buf, ncells, CELL_MESSAGE_SIZE, "history");
	check_cells(ncells);
	if (ncells == 0)
		PG_RETURN_POINTER(history_make(&no_scope, 0, false));

	if (scope.gateways > ALL_GATEWAYS || !zone_name_is_valid(name, len) ||
		!(IS_VALID_TIMESTAMP(scope.as_of) || scope.as_of == DT_NOEND))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("binary history has a wrong zone, as_of or set of gateways")));
	memcpy(zone, name, len);
	zone[len] = '\0';
	scope_set_zone(&scope, zone);
	history = history_make(&scope, 1, false);
	for (int i = 0; i < ncells; i++)
	{
		HistoryCell cell = {0};
		int32		number;
		int32		week = pq_getmsgint(buf, 4);
		int			part = pq_getmsgbyte(buf);

		for (size_t j = 0; j < COUNTERS; j++)
			cell.count[j] = pq_getmsgint(buf, 4);
		cell.won_days = pq_getmsgint64(buf);
		cell.lost_days = pq_getmsgint64(buf);
		amounts_receive(buf, &cell.amounts);
		if (abs(week) > CALENDAR_MAX_WEEK || part > 1 ||
			!calendar_cell_of(week, part, &number) ||
			number <= last || cell_is_empty(&cell, true))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("the weeks of a binary history must ascend and not be empty")));
		cell_check(&cell, scope.gateways, ERRCODE_INVALID_BINARY_REPRESENTATION, NULL);
		history_put(&history, number, &cell);
		last = number;
	}
	PG_RETURN_POINTER(history_canonical(history));
}

Datum
kpi_history_send(PG_FUNCTION_ARGS)
{
	History    *history = history_canonical(PG_GETARG_HISTORY_P(0));
	size_t		zone_len = history->nblocks > 0 ? strlen(history->zone) : 0;
	HistoryCell cell;
	int32		number;
	int			ncells = 0;
	StringInfoData buf;

	calendar_start();
	for (int i = 0; history_next(history, &i, &number, &cell);)
		ncells++;

	pq_begintypsend(&buf);
	pq_sendint8(&buf, SUMMARY_VERSION);
	pq_sendint8(&buf, history->gateways);
	pq_sendint64(&buf, history->as_of);
	pq_sendint8(&buf, zone_len);
	pq_sendbytes(&buf, history->zone, zone_len);
	pq_sendint32(&buf, ncells);
	for (int i = 0; history_next(history, &i, &number, &cell);)
	{
		int32		week;
		int32		month;
		int			part;

		calendar_locate(number, &week, &part, &month);
		pq_sendint32(&buf, week);
		pq_sendint8(&buf, part);
		for (size_t j = 0; j < COUNTERS; j++)
			pq_sendint32(&buf, cell.count[j]);
		pq_sendint64(&buf, cell.won_days);
		pq_sendint64(&buf, cell.lost_days);
		amounts_send(&buf, &cell.amounts);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}
