/*
 * gauge.c
 *	  Bars and lines of text, for psql.
 *
 * Where the database is in UTF-8 a bar is drawn in eighths of a character and
 * a line in eight heights; elsewhere both make do with ASCII.
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "kpi.h"

#define MAX_GAUGE_WIDTH		1000
#define LINE_HEIGHTS		8

PG_FUNCTION_INFO_V1(kpi_gauge);
PG_FUNCTION_INFO_V1(kpi_sparkline);

/* How a database draws */
typedef struct Brush
{
	int			parts;			/* of one character of a bar */
	const char *bar[9];			/* none of the parts, one, … all of them */
	const char *line[LINE_HEIGHTS]; /* lowest first */
} Brush;

static const Brush unicode_brush = {
	8,
	{"·", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"},
	{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
};

static const Brush ascii_brush = {
	1,
	{".", "#"},
	{"_", ".", "-", "=", "+", "*", "#", "@"}
};

static const Brush *
database_brush(void)
{
	return GetDatabaseEncoding() == PG_UTF8 ? &unicode_brush : &ascii_brush;
}

static void
check_width(int width)
{
	if (width < 1 || width > MAX_GAUGE_WIDTH)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("width must be between 1 and %d, not %d",
						MAX_GAUGE_WIDTH, width)));
}

static void
check_dimensions(int dimensions)
{
	if (dimensions > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("series must have one dimension, not %d", dimensions)));
}

static char *
draw_bar(const Brush *brush, double value, int width)
{
	int			parts = round_product(Min(Max(value, 0), 1),
									  width * brush->parts);
	StringInfoData bar;

	initStringInfo(&bar);
	for (int i = 0; i < width; i++)
	{
		int			here = Min(Max(parts - i * brush->parts, 0), brush->parts);

		if (value < 0 && i == 0)
			appendStringInfoChar(&bar, '-');
		else if (value > 1 && i == width - 1)
			appendStringInfoChar(&bar, '+');
		else
			appendStringInfoString(&bar, brush->bar[here]);
	}
	return bar.data;
}

/* Each value at the nearest of the heights, the halves upwards. */
static char *
draw_line(const Brush *brush, const Datum *series,
		  const bool *isnull, int length)
{
	double		least = INFINITY;
	double		greatest = -INFINITY;
	double		scale;
	StringInfoData line;

	for (int i = 0; i < length; i++)
	{
		if (isnull[i])
			continue;
		check_finite(DatumGetFloat8(series[i]), "value");
		least = Min(least, DatumGetFloat8(series[i]));
		greatest = Max(greatest, DatumGetFloat8(series[i]));
	}
	/* so that no distance, nor its multiple below, overflows */
	scale = greatest - least > DBL_MAX / LINE_HEIGHTS ? 1.0 / 16 : 1;

	initStringInfo(&line);
	for (int i = 0; i < length; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (isnull[i])
			appendStringInfoChar(&line, ' ');
		else if (least == greatest)
			appendStringInfoString(&line, brush->line[(LINE_HEIGHTS - 1) / 2]);
		else
		{
			double		value = DatumGetFloat8(series[i]);
			double		above = value * scale - least * scale;
			double		range = greatest * scale - least * scale;
			double		height = round((LINE_HEIGHTS - 1) * above / range);

			appendStringInfoString(&line, brush->line[(int) height]);
		}
	}
	return line.data;
}

/* gauge(value, width) */
Datum
kpi_gauge(PG_FUNCTION_ARGS)
{
	double		value = PG_GETARG_FLOAT8(0);
	int			width = PG_GETARG_INT32(1);

	check_finite(value, "value");
	check_width(width);
	PG_RETURN_TEXT_P(cstring_to_text(draw_bar(database_brush(),
											  value, width)));
}

/* sparkline(series) */
Datum
kpi_sparkline(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	Datum	   *series;
	bool	   *isnull;
	int			length;

	check_dimensions(ARR_NDIM(array));
	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL,
					  TYPALIGN_DOUBLE, &series, &isnull, &length);
	PG_RETURN_TEXT_P(cstring_to_text(draw_line(database_brush(), series,
											   isnull, length)));
}
