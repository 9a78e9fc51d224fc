/*
 * calendar.c
 *	  Weeks cut at month ends, and the local day of a time.
 *
 * The Gregorian calendar repeats after 400 years, which are 146097 days and
 * exactly 20871 weeks: so one table of the weeks of 400 years numbers the
 * cells of all time.  It is computed when it is first needed.
 *
 * The offset of a zone changes a few times a year.  Time is cut into slots of
 * 25 days; of each slot met, the change in it, if any, is kept in a direct
 * mapped cache.  Both are caches only: nothing depends on what they hold.
 */
#include "postgres.h"

#include "datatype/timestamp.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "calendar.h"
#include "kpi.h"

PG_FUNCTION_INFO_V1(kpi_local_date);
PG_FUNCTION_INFO_V1(kpi_known_date);
PG_FUNCTION_INFO_V1(kpi_week_part);

#define DAYS_PER_WEEK		7
#define ERA_DAYS			146097	/* 400 years */
#define ERA_WEEKS			(ERA_DAYS / DAYS_PER_WEEK)

typedef struct Week
{
	uint16		first;			/* cells of the era before this week */
	uint8		split;			/* day, 1 to 6, on which a month begins, or 7 */
} Week;

static Week era[ERA_WEEKS];
static int32 era_cells = 0;		/* 0: not computed yet */

/* Computes the table of weeks unless that was done. */
void
calendar_start(void)
{
	int32		cells = 0;

	if (era_cells > 0)
		return;
	for (int week = 0; week < ERA_WEEKS; week++)
	{
		int			year;
		int			month;
		int			day;

		/* The Sunday of a week that a month begins in is at most the 7th. */
		j2date(POSTGRES_EPOCH_JDATE + calendar_date(week * DAYS_PER_WEEK + 6),
			   &year, &month, &day);
		era[week].first = cells;
		era[week].split = day < DAYS_PER_WEEK ? DAYS_PER_WEEK - day : DAYS_PER_WEEK;
		cells += day < DAYS_PER_WEEK ? 2 : 1;
	}
	era_cells = cells;
}

/* Splits a number into whole eras and what is left, which is not negative. */
static inline int32
split_era(int32 *number, int32 size)
{
	int32		eras;

	if ((uint32) *number < (uint32) size)
		return 0;
	eras = *number / size - (*number % size < 0);
	*number -= eras * size;
	return eras;
}

/* The cell that holds a day */
int32
calendar_cell(int32 day)
{
	int32		eras = split_era(&day, ERA_DAYS);
	const Week *week = &era[day / DAYS_PER_WEEK];

	return eras * era_cells + week->first + (day % DAYS_PER_WEEK >= week->split);
}

/* The cell of a week before (part 0) or after (part 1) the end of a month */
bool
calendar_cell_of(int32 week, int part, int32 *cell)
{
	int32		eras = split_era(&week, ERA_WEEKS);

	if (part == 1 && era[week].split == DAYS_PER_WEEK)
		return false;
	*cell = eras * era_cells + era[week].first + part;
	return true;
}

/*
 * The week of a cell, the part of the week, and the day on which its month
 * begins.
 */
void
calendar_locate(int32 cell, int32 *week, int *part, int32 *month)
{
	int32		eras = split_era(&cell, era_cells);
	int			low = 0;
	int			high = ERA_WEEKS - 1;
	int			year;
	int			month_of_year;
	int			day_of_month;
	int32		day;

	while (low < high)
	{
		int			middle = (low + high + 1) / 2;

		if (era[middle].first <= cell)
			low = middle;
		else
			high = middle - 1;
	}
	*part = cell - era[low].first;
	*week = eras * ERA_WEEKS + low;
	day = *week * DAYS_PER_WEEK + (*part ? era[low].split : 0);
	j2date(POSTGRES_EPOCH_JDATE + calendar_date(day),
		   &year, &month_of_year, &day_of_month);
	*month = day - (day_of_month - 1);
}

/* 1 December 4714 BC: before it a week or month begins before the first date */
#define FIRST_DAY			(7 - POSTGRES_EPOCH_JDATE - CALENDAR_EPOCH)

/* The day of a finite date as the server counts it */
int32
calendar_day(int32 date)
{
	int32		day = date - CALENDAR_EPOCH;

	if (unlikely(day < FIRST_DAY || day / DAYS_PER_WEEK >= CALENDAR_MAX_WEEK))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date out of range")));
	return day;
}

/* week_part(day): the first day of the cell that holds it */
Datum
kpi_week_part(PG_FUNCTION_ARGS)
{
	DateADT		date = PG_GETARG_DATEADT(0);
	int32		day;
	int32		day_of_era;
	int			day_of_week;
	int			split;

	if (DATE_NOT_FINITE(date))
		PG_RETURN_DATEADT(date);
	calendar_start();
	day_of_era = day = calendar_day(date);
	(void) split_era(&day_of_era, ERA_DAYS);
	day_of_week = day_of_era % DAYS_PER_WEEK;
	split = era[day_of_era / DAYS_PER_WEEK].split;
	PG_RETURN_DATEADT(calendar_date(day - day_of_week +
									(day_of_week >= split ? split : 0)));
}

/* ----------
 * Zones
 * ----------
 */

#define SLOT_BITS			41	/* 2^41 microseconds are 25.45 days */
#define SLOTS				128 /* that cover nine years */
#define NO_SLOT				PG_INT64_MIN

#define UNIX_EPOCH_SECONDS	((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)

typedef struct Slot
{
	int64		number;			/* time >> SLOT_BITS */
	TimestampTz change;			/* from here on 'after' holds */
	int64		before;			/* offsets in microseconds, less the epoch */
	int64		after;
} Slot;

static struct
{
	char		given[TZ_STRLEN_MAX + 1];	/* the name as it was given */
	int			given_len;
	pg_tz	   *tz;
	Slot		slot[SLOTS];
} zone;

/* Makes a zone the one in force and returns its name as the server spells it. */
const char *
zone_use(const char *name, int len)
{
	char		given[TZ_STRLEN_MAX + 1];
	pg_tz	   *tz = NULL;

	if (zone.tz != NULL && len == zone.given_len &&
		memcmp(name, zone.given, len) == 0)
		return pg_get_timezone_name(zone.tz);

	if (len <= TZ_STRLEN_MAX)
	{
		memcpy(given, name, len);
		given[len] = '\0';
		if (len > 0 && strlen(given) == (size_t) len)
			tz = pg_tzset(given);
	}
	if (tz == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%.*s\" not recognized", len, name),
				 errhint("View pg_timezone_names lists the names.")));
	if (tz != zone.tz)
	{
		for (int i = 0; i < SLOTS; i++)
			zone.slot[i].number = NO_SLOT;
	}
	zone.tz = tz;
	memcpy(zone.given, given, len);
	zone.given_len = len;
	return pg_get_timezone_name(tz);
}

pg_noreturn
static void
timestamp_out_of_range(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("timestamp out of range")));
}

/* The offset in microseconds at a time in seconds, less the epoch */
static int64
zone_offset(pg_time_t seconds)
{
	struct pg_tm *tm = pg_localtime(&seconds, zone.tz);

	if (tm == NULL)
		timestamp_out_of_range();
	return tm->tm_gmtoff * USECS_PER_SEC - CALENDAR_EPOCH * USECS_PER_DAY;
}

/* The first change of the zone after a time, or the end of time */
static pg_time_t
zone_change(pg_time_t seconds)
{
	long		offset;
	int			isdst;
	pg_time_t	change;

	if (pg_next_dst_boundary(&seconds, &offset, &isdst, &change,
							 &offset, &isdst, zone.tz) != 1)
		return PG_INT64_MAX;
	return change;
}

/* Learns about the slot of a time; returns the offset at that time. */
static int64
zone_learn(TimestampTz time)
{
	int64		number = time >> SLOT_BITS;
	Slot	   *slot = &zone.slot[number & (SLOTS - 1)];
	int64		begins = number * (INT64CONST(1) << SLOT_BITS);
	int64		seconds = begins / USECS_PER_SEC - (begins % USECS_PER_SEC < 0);
	int64		end = seconds + ((INT64CONST(1) << SLOT_BITS) / USECS_PER_SEC) + 2;
	pg_time_t	first;

	slot->number = NO_SLOT;
	seconds += UNIX_EPOCH_SECONDS;
	end += UNIX_EPOCH_SECONDS;
	first = zone_change(seconds);
	if (first >= end || zone_change(first) >= end)
	{
		slot->before = slot->after = zone_offset(seconds);
		slot->change = DT_NOEND;
		if (first < end)
		{
			slot->after = zone_offset(first);
			slot->change = (first - UNIX_EPOCH_SECONDS) * USECS_PER_SEC;
		}
		slot->number = number;
		return time < slot->change ? slot->before : slot->after;
	}
	/* Two changes within 25 days are too rare to be kept. */
	return zone_offset(time / USECS_PER_SEC - (time % USECS_PER_SEC < 0) +
					   UNIX_EPOCH_SECONDS);
}

/* The local day of a finite time, in the zone in force */
int32
zone_day(TimestampTz time)
{
	int64		number = time >> SLOT_BITS;
	const Slot *slot = &zone.slot[number & (SLOTS - 1)];
	int32		day;

	if (likely(slot->number == number))
		time += time < slot->change ? slot->before : slot->after;
	else
		time += zone_learn(time);
	day = time / USECS_PER_DAY - (time % USECS_PER_DAY < 0);
	if (unlikely(day < FIRST_DAY))
		timestamp_out_of_range();
	return day;
}

/* local_date(at, time_zone) */
Datum
kpi_local_date(PG_FUNCTION_ARGS)
{
	TimestampTz time = PG_GETARG_TIMESTAMPTZ(0);
	text	   *name = PG_GETARG_TEXT_PP(1);

	zone_use(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	if (TIMESTAMP_IS_NOBEGIN(time))
		PG_RETURN_DATEADT(DATEVAL_NOBEGIN);
	if (TIMESTAMP_IS_NOEND(time))
		PG_RETURN_DATEADT(DATEVAL_NOEND);
	PG_RETURN_DATEADT(calendar_date(zone_day(time)));
}

/* The local day of a time; NULL where it is infinite or later than as_of */
Datum
kpi_known_date(PG_FUNCTION_ARGS)
{
	TimestampTz time = PG_GETARG_TIMESTAMPTZ(0);
	text	   *name = PG_GETARG_TEXT_PP(1);

	if (TIMESTAMP_NOT_FINITE(time) || time > PG_GETARG_TIMESTAMPTZ(2))
		PG_RETURN_NULL();
	zone_use(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	PG_RETURN_DATEADT(calendar_date(zone_day(time)));
}
