/*
 * history.h
 *	  What history.c, history_io.c and weekly.c share: how a history lies in
 *	  memory.
 */
#ifndef KPI_HISTORY_H
#define KPI_HISTORY_H

#include "kpi.h"

#include "pgtime.h"

#pragma GCC visibility push(hidden)

/* Gateways, as bits of a set */
#define APPOINTMENT		1
#define PROPOSAL		2
#define CLOSING			4
#define GATEWAYS		3
#define ALL_GATEWAYS	(APPOINTMENT | PROPOSAL | CLOSING)

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

#define COUNTERS	(LOST_WITH_DAYS + 1)

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

#define DatumGetHistoryP(datum)	((History *) PG_DETOAST_DATUM(datum))
#define PG_GETARG_HISTORY_P(n)	DatumGetHistoryP(PG_GETARG_DATUM(n))

extern const char *const gateway_names[GATEWAYS];
extern const HistoryScope no_scope;

extern uint8 gateway_bit(const char *name, int len);
extern void scope_set_zone(HistoryScope *scope, const char *zone);
extern HistoryScope scope_of(const History *history);
extern History *history_make(const HistoryScope *scope, int room, bool wide);
extern History *history_copy(const History *history, int spare, bool wide);
extern History *history_canonical(const History *history);
extern bool history_next(const History *history, int *i, int32 *number,
						 HistoryCell *cell);
extern int	history_search(const History *history, int32 number);
extern char *history_require(History **history, int32 number);
extern void history_put(History **history, int32 number, const HistoryCell *cell);
extern void history_combine(History **history, const History *other, bool subtract);
extern History *history_state(FunctionCallInfo fcinfo);
extern Datum history_result(FunctionCallInfo fcinfo, History *history);
extern void check_scope(const History *history, const char *zone,
						TimestampTz as_of, uint8 gateways);
extern void check_cells(int ncells);
extern bool cell_check(const HistoryCell *cell, uint8 gateways, int sqlstate,
					   Node *escontext);
pg_noreturn extern void count_overflow(void);

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

#pragma GCC visibility pop

#endif							/* KPI_HISTORY_H */
