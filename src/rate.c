/*
 * rate.c
 *	  rate: how many passed of how many were decided.
 *
 * The two counts, and not their quotient, are kept: an average of ratios is
 * not the ratio of the whole, and only the counts add up.  An undecided
 * opportunity is in neither count.  Invariant: 0 <= passed <= decided.
 *
 * The type is 16 bytes for ever.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"

#include "kpi.h"

PG_FUNCTION_INFO_V1(kpi_rate_in);
PG_FUNCTION_INFO_V1(kpi_rate_out);
PG_FUNCTION_INFO_V1(kpi_rate_recv);
PG_FUNCTION_INFO_V1(kpi_rate_send);
PG_FUNCTION_INFO_V1(kpi_rate);
PG_FUNCTION_INFO_V1(kpi_rate_passed);
PG_FUNCTION_INFO_V1(kpi_rate_decided);
PG_FUNCTION_INFO_V1(kpi_rate_ratio);
PG_FUNCTION_INFO_V1(kpi_rate_eq);
PG_FUNCTION_INFO_V1(kpi_rate_ne);
PG_FUNCTION_INFO_V1(kpi_rate_hash);
PG_FUNCTION_INFO_V1(kpi_rate_hash_extended);
PG_FUNCTION_INFO_V1(kpi_rate_pl);
PG_FUNCTION_INFO_V1(kpi_rate_mi);
PG_FUNCTION_INFO_V1(kpi_rate_trans);
PG_FUNCTION_INFO_V1(kpi_rate_inv);
PG_FUNCTION_INFO_V1(kpi_funnel_ratio_trans);
PG_FUNCTION_INFO_V1(kpi_funnel_ratio_inv);

/* The invariant; a breach is reported with the SQLSTATE given. */
static bool
rate_check(const Rate *rate, int sqlstate, Node *escontext)
{
	if (rate->passed < 0 || rate->passed > rate->decided)
		ereturn(escontext, false,
				(errcode(sqlstate),
				 errmsg("passed must be between 0 and decided"),
				 errdetail("Passed is " INT64_FORMAT ", decided is " INT64_FORMAT ".",
						   rate->passed, rate->decided)));
	return true;
}

Rate *
rate_make(int64 passed, int64 decided)
{
	Rate	   *rate = palloc_object(Rate);

	rate->passed = passed;
	rate->decided = decided;
	rate_check(rate, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, NULL);
	return rate;
}

/* passed / decided; false where nothing was decided */
bool
rate_ratio(const Rate *rate, double *ratio)
{
	if (rate->decided == 0)
		return false;
	*ratio = (double) rate->passed / (double) rate->decided;
	return true;
}

void
rate_add(Rate *rate, const Rate *other)
{
	/* passed <= decided, so passed fits when decided does */
	rate->decided = checked_add(rate->decided, other->decided, "decided");
	rate->passed += other->passed;
}

void
rate_subtract(Rate *rate, const Rate *other)
{
	/* Both are at least 0, so a difference always fits. */
	rate->passed -= other->passed;
	rate->decided -= other->decided;
	rate_check(rate, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, NULL);
}

/* The first argument to write to: the state of an aggregate, or a copy. */
static Rate *
rate_state(FunctionCallInfo fcinfo)
{
	Rate	   *rate = PG_GETARG_RATE_P(0);

	if (AggCheckCallContext(fcinfo, NULL))
		return rate;
	return memcpy(palloc_object(Rate), rate, sizeof(Rate));
}

/* One opportunity more or, with sign -1, less. */
static Rate *
rate_count(FunctionCallInfo fcinfo, bool passed, int sign)
{
	Rate	   *rate = rate_state(fcinfo);
	Rate		one = {passed, 1};

	if (sign > 0)
		rate_add(rate, &one);
	else
		rate_subtract(rate, &one);
	return rate;
}

/* Input: passed/decided */
Datum
kpi_rate_in(PG_FUNCTION_ARGS)
{
	TextScan		scan = scan_start(fcinfo, "rate");
	Rate	   *rate = palloc_object(Rate);

	if (!scan_int64(&scan, &rate->passed) ||
		!scan_char(&scan, '/') ||
		!scan_int64(&scan, &rate->decided) ||
		!scan_end(&scan))
	{
		scan_syntax_error(&scan);
		PG_RETURN_NULL();
	}
	if (!rate_check(rate, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, scan.escontext))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(rate);
}

Datum
kpi_rate_out(PG_FUNCTION_ARGS)
{
	Rate	   *rate = PG_GETARG_RATE_P(0);

	PG_RETURN_CSTRING(psprintf(INT64_FORMAT "/" INT64_FORMAT,
							   rate->passed, rate->decided));
}

/* Binary: version, passed, decided */
Datum
kpi_rate_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	Rate	   *rate = palloc_object(Rate);

	receive_version(buf, "rate");
	rate->passed = pq_getmsgint64(buf);
	rate->decided = pq_getmsgint64(buf);
	rate_check(rate, ERRCODE_INVALID_BINARY_REPRESENTATION, NULL);
	PG_RETURN_POINTER(rate);
}

Datum
kpi_rate_send(PG_FUNCTION_ARGS)
{
	Rate	   *rate = PG_GETARG_RATE_P(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint8(&buf, SUMMARY_VERSION);
	pq_sendint64(&buf, rate->passed);
	pq_sendint64(&buf, rate->decided);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* Constructor */
Datum
kpi_rate(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(rate_make(PG_GETARG_INT64(0), PG_GETARG_INT64(1)));
}

Datum
kpi_rate_passed(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(PG_GETARG_RATE_P(0)->passed);
}

Datum
kpi_rate_decided(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(PG_GETARG_RATE_P(0)->decided);
}

Datum
kpi_rate_ratio(PG_FUNCTION_ARGS)
{
	double		ratio;

	if (!rate_ratio(PG_GETARG_RATE_P(0), &ratio))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(ratio);
}

Datum
kpi_rate_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(memcmp(PG_GETARG_POINTER(0), PG_GETARG_POINTER(1),
						  sizeof(Rate)) == 0);
}

Datum
kpi_rate_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(memcmp(PG_GETARG_POINTER(0), PG_GETARG_POINTER(1),
						  sizeof(Rate)) != 0);
}

Datum
kpi_rate_hash(PG_FUNCTION_ARGS)
{
	return hash_any((unsigned char *) PG_GETARG_POINTER(0), sizeof(Rate));
}

Datum
kpi_rate_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_any_extended((unsigned char *) PG_GETARG_POINTER(0),
							 sizeof(Rate), PG_GETARG_INT64(1));
}

/* Operator +, and the transition and combine function of rollup */
Datum
kpi_rate_pl(PG_FUNCTION_ARGS)
{
	Rate	   *rate = rate_state(fcinfo);

	rate_add(rate, PG_GETARG_RATE_P(1));
	PG_RETURN_POINTER(rate);
}

/* Operator -, and the inverse transition function of rollup */
Datum
kpi_rate_mi(PG_FUNCTION_ARGS)
{
	Rate	   *rate = rate_state(fcinfo);

	rate_subtract(rate, PG_GETARG_RATE_P(1));
	PG_RETURN_POINTER(rate);
}

/* rate_agg(passed): strict, so that the undecided are not counted */
Datum
kpi_rate_trans(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(rate_count(fcinfo, PG_GETARG_BOOL(1), 1));
}

Datum
kpi_rate_inv(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(rate_count(fcinfo, PG_GETARG_BOOL(1), -1));
}

/* funnel_ratio(entered, passed): the rate of those that entered */
Datum
kpi_funnel_ratio_trans(PG_FUNCTION_ARGS)
{
	if (!PG_GETARG_BOOL(1))
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	PG_RETURN_POINTER(rate_count(fcinfo, PG_GETARG_BOOL(2), 1));
}

Datum
kpi_funnel_ratio_inv(PG_FUNCTION_ARGS)
{
	if (!PG_GETARG_BOOL(1))
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	PG_RETURN_POINTER(rate_count(fcinfo, PG_GETARG_BOOL(2), -1));
}
