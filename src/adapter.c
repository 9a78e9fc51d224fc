/*
 * adapter.c
 *	  What the views of an adapter ask of every row and SQL is slow at.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "kpi.h"

PG_FUNCTION_INFO_V1(kpi_adapter_utc);

/*
 * A timestamp that is UTC as the moment that it is.  Both types count
 * microseconds from the same midnight in UTC, and share their infinities;
 * AT TIME ZONE 'UTC' looks the zone up first.
 */
Datum
kpi_adapter_utc(PG_FUNCTION_ARGS)
{
	PG_RETURN_TIMESTAMPTZ((TimestampTz) PG_GETARG_TIMESTAMP(0));
}
