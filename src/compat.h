/*
 * compat.h
 *	  Everything that differs between PostgreSQL versions, or that a server
 *	  header does not export.
 *
 * No other file of kpi has an #if on PG_VERSION_NUM.
 */
#ifndef KPI_COMPAT_H
#define KPI_COMPAT_H

#include "postgres.h"

#include "fmgr.h"

#if PG_VERSION_NUM < 150000
#error "kpi needs PostgreSQL 15 or later"
#endif

#ifndef HAVE_INT128
#error "kpi needs a compiler and a platform with 128-bit integers"
#endif

/*
 * Soft errors (PostgreSQL 16): an input function reports bad input to the
 * caller where that asked for it.  Before 16 every error is hard.
 */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#include "varatt.h"
#else
#define ereturn(escontext, dummy_value, ...) \
	do { \
		(void) (escontext); \
		ereport(ERROR, __VA_ARGS__); \
		return dummy_value; \
	} while (0)
#define SOFT_ERROR_OCCURRED(escontext)	((void) (escontext), false)
#endif

/* PostgreSQL 18 renamed it, and it now stands before the declaration. */
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

/* PostgreSQL 19 asks for more flags of a scan. */
#if PG_VERSION_NUM >= 190000
#define table_scan_begin(relation, snapshot)	table_beginscan(relation, snapshot, 0, NULL, SO_NONE)
#else
#define table_scan_begin(relation, snapshot)	table_beginscan(relation, snapshot, 0, NULL)
#endif

/*
 * The on-disk layout of numeric, which utils/adt/numeric.c keeps to itself.
 * It cannot change while pg_upgrade keeps data files; test/sql/sales.sql holds
 * it against numeric_out all the same.  A value is
 * sign * sum of digit[i] * 10000 ^ (weight - i).
 */
#define NUMERIC_HEAD_KIND		0xC000
#define NUMERIC_HEAD_NEGATIVE	0x4000
#define NUMERIC_HEAD_SHORT		0x8000
#define NUMERIC_HEAD_SPECIAL	0xC000	/* NaN and the infinities */
#define NUMERIC_SHORT_NEGATIVE	0x2000
#define NUMERIC_SHORT_WEIGHT_SIGN	0x0040
#define NUMERIC_SHORT_WEIGHT	0x003F
#define NUMERIC_BASE			10000

#endif							/* KPI_COMPAT_H */
