/*
 * calendar.h
 *	  Weeks cut at month ends, and the local day of a time.
 *
 * The finest calendar unit that adds up to weeks and to months, quarters and
 * years is the ISO week cut where a month ends.  Such cells are numbered in
 * time, without gaps.
 */
#ifndef KPI_CALENDAR_H
#define KPI_CALENDAR_H

#include "postgres.h"

#include "utils/timestamp.h"

#pragma GCC visibility push(hidden)

/* Days and weeks are counted from Monday 2000-01-03. */
#define CALENDAR_EPOCH		2	/* its date, as the server counts dates */

/* No timestamp lies further from the epoch, in weeks. */
#define CALENDAR_MAX_WEEK	16000000

static inline int32
calendar_date(int32 day)
{
	return day + CALENDAR_EPOCH;
}

extern void calendar_start(void);
extern int32 calendar_day(int32 date);
extern int32 calendar_cell(int32 day);
extern bool calendar_cell_of(int32 week, int part, int32 *cell);
extern void calendar_locate(int32 cell, int32 *week, int *part, int32 *month);

/* The zone in force for zone_day() */
extern const char *zone_use(const char *name, int len);
extern int32 zone_day(TimestampTz time);

#pragma GCC visibility pop

#endif							/* KPI_CALENDAR_H */
