/*
 * history_io.c
 *	  The text and the binary form of history.
 *
 *	zone=Europe/Oslo gateways=proposal+closing as_of=2026-11-24T00:00:00Z;
 *	2026-03-30/03 new=2 proposal_recorded=1; 2026-03-30/04 new=1 ...
 *
 * A week is named by its Monday and the month that it is cut to.  as_of is in
 * UTC and is left out where there is no limit.  Dates have the year 0.
 */
#include "postgres.h"

#include <ctype.h>

#include "libpq/pqformat.h"
#include "utils/datetime.h"

#include "calendar.h"
#include "history.h"

PG_FUNCTION_INFO_V1(kpi_history_in);
PG_FUNCTION_INFO_V1(kpi_history_out);
PG_FUNCTION_INFO_V1(kpi_history_recv);
PG_FUNCTION_INFO_V1(kpi_history_send);

static const char *const counter_names[] = {
	"new",
	"appointment_imputed", "appointment_failed",
	"proposal_recorded", "proposal_imputed", "proposal_failed",
	"closing_passed", "closing_failed",
	"sales", "won_with_days", "lost_with_days"
};

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
	for (int i = 0; i < GATEWAYS; i++)
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
