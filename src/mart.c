/*
 * mart.c
 *	  What the procedures of the mart cannot ask in SQL.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "common/hashfn.h"
#include "executor/spi.h"

#include "kpi.h"

PG_FUNCTION_INFO_V1(kpi_mart_may_commit);
PG_FUNCTION_INFO_V1(kpi_mart_row_hash);

/*
 * Whether the procedure that asks may end its transaction: not inside a
 * transaction block, a function or a block that catches errors.
 */
Datum
kpi_mart_may_commit(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(SPI_inside_nonatomic_context());
}

/*
 * A hash of the bytes of a row and of which of its columns are NULL.  Of equal
 * values stored in different ways it may differ, which costs a refresh.
 */
Datum
kpi_mart_row_hash(PG_FUNCTION_ARGS)
{
	HeapTupleHeader row = PG_GETARG_HEAPTUPLEHEADER(0);
	int			nulls = 0;
	int			data = row->t_hoff;
	uint64		hash = 0;

	if (row->t_infomask & HEAP_HASNULL)
	{
		nulls = BITMAPLEN(HeapTupleHeaderGetNatts(row));
		hash = hash_bytes_extended((const unsigned char *) row->t_bits, nulls, 0);
	}
	hash = hash_bytes_extended((const unsigned char *) row + data,
							   HeapTupleHeaderGetDatumLength(row) - data, hash);
	PG_RETURN_INT64((int64) hash);
}
