/*
 * mart.c
 *	  What the procedures of the mart cannot ask in SQL.
 */
#include "postgres.h"

#include "access/heaptoast.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "kpi.h"

PG_FUNCTION_INFO_V1(kpi_mart_may_commit);
PG_FUNCTION_INFO_V1(kpi_mart_row_hash);
PG_FUNCTION_INFO_V1(kpi_mart_table_hash);

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
static uint64
row_hash(HeapTupleHeader row, uint32 size)
{
	int			data = row->t_hoff;
	uint64		hash = 0;

	if (row->t_infomask & HEAP_HASNULL)
		hash = hash_bytes_extended((const unsigned char *) row->t_bits,
								   BITMAPLEN(HeapTupleHeaderGetNatts(row)), 0);
	return hash_bytes_extended((const unsigned char *) row + data, size - data, hash);
}

Datum
kpi_mart_row_hash(PG_FUNCTION_ARGS)
{
	HeapTupleHeader row = PG_GETARG_HEAPTUPLEHEADER(0);

	PG_RETURN_INT64((int64) row_hash(row, HeapTupleHeaderGetDatumLength(row)));
}

/*
 * The sum of the hashes of all rows of a table, whatever their order.  They are
 * read as they are stored: to make a value of each row takes five times as long.
 * So it is for tables whose columns are still those that the rows were written
 * with: of one that was added the default is not in the rows.
 */
Datum
kpi_mart_table_hash(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	Relation	relation = table_open(relid, AccessShareLock);
	TableScanDesc scan;
	TupleTableSlot *slot;
	uint64		hash = 0;

	if (relation->rd_rel->relkind != RELKIND_RELATION)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a table", RelationGetRelationName(relation))));
	if (pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) != ACLCHECK_OK ||
		check_enable_rls(relid, InvalidOid, true) == RLS_ENABLED)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, RelationGetRelationName(relation));

	scan = table_scan_begin(relation, GetActiveSnapshot());
	slot = table_slot_create(relation, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool		is_copy;
		HeapTuple	row = ExecFetchSlotHeapTuple(slot, false, &is_copy);

		CHECK_FOR_INTERRUPTS();
		if (HeapTupleHasExternal(row))
		{
			HeapTuple	flat = toast_flatten_tuple(row, RelationGetDescr(relation));

			hash += row_hash(flat->t_data, flat->t_len);
			heap_freetuple(flat);
		}
		else
			hash += row_hash(row->t_data, row->t_len);
		if (is_copy)
			heap_freetuple(row);
	}
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	table_close(relation, AccessShareLock);
	PG_RETURN_INT64((int64) hash);
}
