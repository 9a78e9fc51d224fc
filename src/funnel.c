/*
 * funnel.c
 *	  funnel: how many reached each step of a funnel of up to 32 steps.
 *
 * Whoever reached a step reached the ones before it too: a row has one number,
 * its furthest step, and the counts cannot grow from step to step.  Invariant:
 * reached[0] >= reached[1] >= ... >= 0.
 *
 * A funnel in which nothing was counted has no steps, whatever it was built
 * from: it is the empty funnel, the identity of +, and prints "empty".  The
 * state of an aggregate alone knows its steps from the first row on, though
 * nothing has reached one, so that rows, and states to be combined, that
 * disagree about the number of steps are found; the final function forgets it.
 *
 * The value is flat: a varlena of 8 bytes and 8 more for each step.
 */
#include "postgres.h"

#include "access/tupmacs.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/tuplestore.h"

#include "kpi.h"

typedef struct Funnel
{
	int32		vl_len_;		/* varlena header, do not touch */
	uint8		version;
	uint8		nsteps;			/* up to MAX_STEPS; 0: the empty funnel */
	uint16		unused;			/* 0 */
	int64		reached[FLEXIBLE_ARRAY_MEMBER];
} Funnel;

#define FUNNEL_SIZE(nsteps) \
	(offsetof(Funnel, reached) + (nsteps) * sizeof(int64))

#define DatumGetFunnelP(datum)	((Funnel *) PG_DETOAST_DATUM(datum))
#define PG_GETARG_FUNNEL_P(n)	DatumGetFunnelP(PG_GETARG_DATUM(n))

PG_FUNCTION_INFO_V1(kpi_funnel_in);
PG_FUNCTION_INFO_V1(kpi_funnel_out);
PG_FUNCTION_INFO_V1(kpi_funnel_recv);
PG_FUNCTION_INFO_V1(kpi_funnel_send);
PG_FUNCTION_INFO_V1(kpi_funnel_steps);
PG_FUNCTION_INFO_V1(kpi_funnel_step_rate);
PG_FUNCTION_INFO_V1(kpi_funnel_pl);
PG_FUNCTION_INFO_V1(kpi_funnel_mi);
PG_FUNCTION_INFO_V1(kpi_funnel_level_trans);
PG_FUNCTION_INFO_V1(kpi_funnel_level_inv);
PG_FUNCTION_INFO_V1(kpi_funnel_array_trans);
PG_FUNCTION_INFO_V1(kpi_funnel_array_inv);
PG_FUNCTION_INFO_V1(kpi_funnel_final);

/* A funnel that nothing has entered */
static Funnel *
funnel_make(int nsteps)
{
	Funnel	   *funnel = palloc0(FUNNEL_SIZE(nsteps));

	SET_VARSIZE(funnel, FUNNEL_SIZE(nsteps));
	funnel->version = SUMMARY_VERSION;
	funnel->nsteps = nsteps;
	return funnel;
}

/* The same funnel, without steps if nothing has entered it */
static Funnel *
funnel_canonical(Funnel *funnel)
{
	if (funnel->nsteps > 0 && funnel->reached[0] == 0)
		return funnel_make(0);
	return funnel;
}

/* The invariant; a breach is reported with the SQLSTATE given. */
static bool
funnel_check(const Funnel *funnel, int sqlstate, Node *escontext)
{
	int64		bound = PG_INT64_MAX;

	for (int i = 0; i < funnel->nsteps; i++)
	{
		int64		reached = funnel->reached[i];

		if (reached < 0 || reached > bound)
			ereturn(escontext, false,
					(errcode(sqlstate),
					 errmsg("number that reached step %d must be between 0 and "
							INT64_FORMAT ", not " INT64_FORMAT,
							i + 1, bound, reached)));
		bound = reached;
	}
	return true;
}

/* What input and receive end in: the funnel of the counts that were read */
static Datum
funnel_read(const int64 *reached, int nsteps, int sqlstate, Node *escontext)
{
	Funnel	   *funnel = funnel_make(nsteps);

	memcpy(funnel->reached, reached, nsteps * sizeof(int64));
	if (!funnel_check(funnel, sqlstate, escontext))
		return (Datum) 0;
	PG_RETURN_POINTER(funnel_canonical(funnel));
}

/* Adds to the first 'nsteps' steps. */
static void
funnel_add(Funnel *funnel, const int64 *reached, int nsteps)
{
	if (nsteps == 0)
		return;
	/* No step exceeds the first, so all fit when the first does. */
	funnel->reached[0] = checked_add(funnel->reached[0], reached[0],
									 "number that reached step 1");
	for (int i = 1; i < nsteps; i++)
		funnel->reached[i] += reached[i];
}

static void
funnel_subtract(Funnel *funnel, const int64 *reached, int nsteps)
{
	/* Both are at least 0, so a difference always fits. */
	for (int i = 0; i < nsteps; i++)
		funnel->reached[i] -= reached[i];
	funnel_check(funnel, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, NULL);
}

/*
 * The first argument to write to, with as many steps as what it is to take in:
 * the state of an aggregate where it lies, or a copy of the value.
 */
static Funnel *
funnel_state(FunctionCallInfo fcinfo, int nsteps)
{
	Funnel	   *funnel = summary_is_state(fcinfo) ?
		(Funnel *) PG_GETARG_POINTER(0) :
		(Funnel *) PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0));

	if (funnel->nsteps == nsteps || nsteps == 0)
		return funnel;
	if (funnel->nsteps > 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("funnels must have the same number of steps"),
				 errdetail("One has %d, the other %d.",
						   funnel->nsteps, nsteps)));
	/* The executor copies what is not in the aggregate's memory. */
	return funnel_make(nsteps);
}

/* One row more or, with sign -1, less, that reached the level given. */
static Datum
funnel_count(FunctionCallInfo fcinfo, int level, int nsteps, int sign)
{
	Funnel	   *funnel;
	int64		reached[MAX_STEPS];

	if (nsteps < 1 || nsteps > MAX_STEPS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("steps must be between %d and %d, not %d",
						1, MAX_STEPS, nsteps)));
	if (level < 0 || level > nsteps)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("level must be between %d and %d, not %d",
						0, nsteps, level)));

	for (int i = 0; i < level; i++)
		reached[i] = 1;
	funnel = funnel_state(fcinfo, nsteps);
	if (sign > 0)
		funnel_add(funnel, reached, level);
	else
		funnel_subtract(funnel, reached, level);

	/* Only the state of an aggregate may have steps that nothing reached. */
	if (!AggCheckCallContext(fcinfo, NULL))
		funnel = funnel_canonical(funnel);
	PG_RETURN_POINTER(funnel);
}

/* The furthest step that a row reached, and the number of steps */
static int
array_level(ArrayType *array, int *nsteps)
{
	const uint8 *nulls = ARR_NULLBITMAP(array);
	const bool *reached;
	int			level = 0;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("reached must have one dimension, not %d",
						ARR_NDIM(array))));

	/*
	 * The elements are of one byte, and a NULL takes no room among them.
	 * ARR_DATA_PTR() mixes signs, which -Wextra warns of.
	 */
	reached = (const bool *) array +
		(nulls != NULL ? (Size) array->dataoffset :
		 ARR_OVERHEAD_NONULLS(ARR_NDIM(array)));
	*nsteps = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	for (int i = 0; i < *nsteps; i++)
	{
		if (nulls != NULL && att_isnull(i, nulls))
			continue;
		if (*reached++)
			level = i + 1;
	}
	return level;
}

/* Takes the counts of a funnel that is not empty, reached>reached>... */
static bool
scan_reached(TextScan *scan, int64 *reached, int *nsteps)
{
	do
	{
		if (*nsteps == MAX_STEPS)
			ereturn(scan->escontext, false,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("a funnel must have at most %d steps", MAX_STEPS)));
		if (!scan_int64(scan, &reached[(*nsteps)++]))
			return false;
	} while (scan_char(scan, '>'));
	return true;
}

/* Input: 13087>7367>5113, or empty */
Datum
kpi_funnel_in(PG_FUNCTION_ARGS)
{
	TextScan	scan = scan_start(fcinfo, "funnel");
	int64		reached[MAX_STEPS];
	int			nsteps = 0;

	if ((!scan_word(&scan, "empty") &&
		 !scan_reached(&scan, reached, &nsteps)) ||
		!scan_end(&scan))
	{
		scan_syntax_error(&scan);
		PG_RETURN_NULL();
	}
	return funnel_read(reached, nsteps,
					   ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, scan.escontext);
}

Datum
kpi_funnel_out(PG_FUNCTION_ARGS)
{
	Funnel	   *funnel = funnel_canonical(PG_GETARG_FUNNEL_P(0));
	StringInfoData buf;

	if (funnel->nsteps == 0)
		PG_RETURN_CSTRING(pstrdup("empty"));
	initStringInfo(&buf);
	for (int i = 0; i < funnel->nsteps; i++)
	{
		if (i > 0)
			appendStringInfoChar(&buf, '>');
		appendStringInfo(&buf, INT64_FORMAT, funnel->reached[i]);
	}
	PG_RETURN_CSTRING(buf.data);
}

/* Binary: version, number of steps, reached of each */
Datum
kpi_funnel_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int64		reached[MAX_STEPS];
	int			nsteps;

	receive_version(buf, "funnel");
	nsteps = pq_getmsgbyte(buf);
	if (nsteps > MAX_STEPS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("a funnel must have at most %d steps, not %d",
						MAX_STEPS, nsteps)));
	receive_count(buf, nsteps, sizeof(int64), "funnel");
	for (int i = 0; i < nsteps; i++)
		reached[i] = pq_getmsgint64(buf);
	return funnel_read(reached, nsteps,
					   ERRCODE_INVALID_BINARY_REPRESENTATION, NULL);
}

Datum
kpi_funnel_send(PG_FUNCTION_ARGS)
{
	Funnel	   *funnel = funnel_canonical(PG_GETARG_FUNNEL_P(0));
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint8(&buf, SUMMARY_VERSION);
	pq_sendint8(&buf, funnel->nsteps);
	for (int i = 0; i < funnel->nsteps; i++)
		pq_sendint64(&buf, funnel->reached[i]);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* steps(funnel): step, reached, of_first, of_previous, dropped */
Datum
kpi_funnel_steps(PG_FUNCTION_ARGS)
{
	Funnel	   *funnel = PG_GETARG_FUNNEL_P(0);
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < funnel->nsteps; i++)
	{
		int64		reached = funnel->reached[i];
		int64		first = funnel->reached[0];
		int64		previous = i > 0 ? funnel->reached[i - 1] : 0;
		Datum		values[] = {
			Int32GetDatum(i + 1), Int64GetDatum(reached),
			Float8GetDatum((double) reached / (double) first),
			Float8GetDatum(previous > 0 ? (double) reached / (double) previous : 0),
			Int64GetDatum(previous - reached)
		};
		bool		nulls[lengthof(values)] = {false, false, false, previous == 0, i == 0};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* step_rate(funnel, step): those that went on from the step before */
Datum
kpi_funnel_step_rate(PG_FUNCTION_ARGS)
{
	Funnel	   *funnel = PG_GETARG_FUNNEL_P(0);
	int			step = PG_GETARG_INT32(1);
	int			last = funnel->nsteps > 0 ? funnel->nsteps : MAX_STEPS;

	if (step < 1 || step > last)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("step must be between %d and %d, not %d",
						1, last, step)));
	if (step == 1 || funnel->nsteps == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(rate_make(funnel->reached[step - 1],
								funnel->reached[step - 2]));
}

/* Operator +, the transition function of rollup, and all combine functions */
Datum
kpi_funnel_pl(PG_FUNCTION_ARGS)
{
	Funnel	   *other = PG_GETARG_FUNNEL_P(1);
	Funnel	   *funnel = funnel_state(fcinfo, other->nsteps);

	funnel_add(funnel, other->reached, other->nsteps);
	PG_RETURN_POINTER(funnel);
}

/*
 * Operator -, and the inverse transition function of rollup.  When the last
 * funnel with steps leaves a window, only empty ones are left in it, so its
 * steps are forgotten even there.
 */
Datum
kpi_funnel_mi(PG_FUNCTION_ARGS)
{
	Funnel	   *other = PG_GETARG_FUNNEL_P(1);
	Funnel	   *funnel = funnel_state(fcinfo, other->nsteps);

	funnel_subtract(funnel, other->reached, other->nsteps);
	PG_RETURN_POINTER(funnel_canonical(funnel));
}

/* funnel_agg(level, steps): strict, so that an unknown row is not counted */
Datum
kpi_funnel_level_trans(PG_FUNCTION_ARGS)
{
	return funnel_count(fcinfo, PG_GETARG_INT32(1), PG_GETARG_INT32(2), 1);
}

Datum
kpi_funnel_level_inv(PG_FUNCTION_ARGS)
{
	return funnel_count(fcinfo, PG_GETARG_INT32(1), PG_GETARG_INT32(2), -1);
}

/* funnel_agg(VARIADIC reached) */
Datum
kpi_funnel_array_trans(PG_FUNCTION_ARGS)
{
	int			nsteps;
	int			level = array_level(PG_GETARG_ARRAYTYPE_P(1), &nsteps);

	return funnel_count(fcinfo, level, nsteps, 1);
}

Datum
kpi_funnel_array_inv(PG_FUNCTION_ARGS)
{
	int			nsteps;
	int			level = array_level(PG_GETARG_ARRAYTYPE_P(1), &nsteps);

	return funnel_count(fcinfo, level, nsteps, -1);
}

/* The state as a value: without steps if no row reached one */
Datum
kpi_funnel_final(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(funnel_canonical(PG_GETARG_FUNNEL_P(0)));
}
