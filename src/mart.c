/*
 * mart.c
 *	  What the procedures of the mart cannot ask in SQL.
 */
#include "postgres.h"

#include "executor/spi.h"

#include "kpi.h"

PG_FUNCTION_INFO_V1(kpi_mart_may_commit);

/*
 * Whether the procedure that asks may end its transaction: not inside a
 * transaction block, a function or a block that catches errors.
 */
Datum
kpi_mart_may_commit(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(SPI_inside_nonatomic_context());
}
