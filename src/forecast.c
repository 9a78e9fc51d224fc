/*
 * forecast.c
 *	  forecast: what a set of open deals is expected to bring.
 *
 * A deal of amount a that is won with probability p brings a * p on average,
 * with variance a^2 * p * (1 - p).  Deals are won or lost each by itself, so
 * both add up.  Their luck averages out, but an error of the ratio that all
 * the probabilities rest on does not: with u, its relative standard error,
 *
 *		sd^2 = sum of a^2 * p * (1 - p) + (u * sum of a * p)^2
 *
 * and in the normal approximation the deals bring at least a goal G with
 *
 *		1 - Phi((G - sum of a * p) / sd)
 *
 * What comes in lies between the sum of the negative amounts and that of the
 * positive ones, for certain.
 *
 * Sums are exact.  Amounts are integers of ten-thousandths below 10^18 in
 * size, probabilities integers of millionths up to 10^6, deals below 2^63, so
 *
 *		least, most		2^63 * 10^18 < 2^123		fit 128 bits,
 *		expected		2^63 * 10^24 < 2^143		does not,
 *		variance		2^63 * 10^36 * 10^12 / 4 < 2^221
 *
 * and the last two are kept in 256.  Invariant: the five numbers can belong to
 * some deals, as far as that can be told at once; see forecast_valid().
 */
#include "postgres.h"

#include <math.h>

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "kpi.h"

#define PROBABILITY_SCALE	6
#define PROBABILITY_UNIT	1000000

/* Decimals of an amount times a probability, and of its square */
#define EXPECTED_SCALE		(AMOUNT_SCALE + PROBABILITY_SCALE)
#define VARIANCE_SCALE		(2 * EXPECTED_SCALE)

PG_FUNCTION_INFO_V1(kpi_forecast_in);
PG_FUNCTION_INFO_V1(kpi_forecast_out);
PG_FUNCTION_INFO_V1(kpi_forecast_recv);
PG_FUNCTION_INFO_V1(kpi_forecast_send);
PG_FUNCTION_INFO_V1(kpi_forecast_count);
PG_FUNCTION_INFO_V1(kpi_forecast_total);
PG_FUNCTION_INFO_V1(kpi_forecast_expected);
PG_FUNCTION_INFO_V1(kpi_forecast_stddev);
PG_FUNCTION_INFO_V1(kpi_forecast_low);
PG_FUNCTION_INFO_V1(kpi_forecast_high);
PG_FUNCTION_INFO_V1(kpi_forecast_chance);
PG_FUNCTION_INFO_V1(kpi_forecast_eq);
PG_FUNCTION_INFO_V1(kpi_forecast_ne);
PG_FUNCTION_INFO_V1(kpi_forecast_hash);
PG_FUNCTION_INFO_V1(kpi_forecast_hash_extended);
PG_FUNCTION_INFO_V1(kpi_forecast_pl);
PG_FUNCTION_INFO_V1(kpi_forecast_mi);
PG_FUNCTION_INFO_V1(kpi_forecast_numeric_trans);
PG_FUNCTION_INFO_V1(kpi_forecast_numeric_inv);
PG_FUNCTION_INFO_V1(kpi_forecast_float8_trans);
PG_FUNCTION_INFO_V1(kpi_forecast_float8_inv);

typedef struct Forecast
{
	int64		count;			/* of deals */
	int128		least;			/* sum of the negative amounts */
	int128		most;			/* sum of the positive amounts */
	Wide		expected;		/* with a sign */
	Wide		variance;
} Forecast;

/* Equal forecasts must be equal bytes: no padding. */
StaticAssertDecl(sizeof(Forecast) == 104, "a forecast must have 104 bytes");

#define DatumGetForecastP(datum)	((Forecast *) DatumGetPointer(datum))
#define PG_GETARG_FORECAST_P(n)		DatumGetForecastP(PG_GETARG_DATUM(n))

/* What is read from a forecast, in units of the currency */
typedef struct Outlook
{
	double		least;
	double		most;
	double		expected;
	double		deviation;
} Outlook;

/* ----------
 * Exact sums
 * ----------
 */

/* The forecast of one deal */
static Forecast
forecast_of(int64 amount, int64 probability)
{
	Forecast	forecast;
	uint64		size = amount < 0 ? -(uint64) amount : (uint64) amount;
	uint128		square = (uint128) size * size;
	uint64		spread = (uint64) probability * (PROBABILITY_UNIT - probability);
	uint128		low = (uint128) (uint64) square * spread;
	uint128		high = (uint128) (uint64) (square >> 64) * spread + (low >> 64);

	forecast.count = 1;
	forecast.least = Min(amount, 0);
	forecast.most = Max(amount, 0);
	forecast.expected = wide_from_int128((int128) amount * probability);
	forecast.variance.word[0] = (uint64) low;
	forecast.variance.word[1] = (uint64) high;
	forecast.variance.word[2] = (uint64) (high >> 64);
	forecast.variance.word[3] = 0;
	return forecast;
}

/* sum * 10^6, to hold it against what is expected */
static Wide
at_certainty(int128 sum)
{
	return wide_multiply(wide_from_int128(sum),
						 wide_from_int128(PROBABILITY_UNIT));
}

/*
 * Can 'count' deals have these sums?
 *
 * With b = a * p above the least that a deal can bring and c below the most,
 * all of b and c are at least 0, b + c is the size of the deal, and its
 * variance is b * c.  So for all deals together the variance is at most the
 * sum of b times the sum of c, and at most the lesser of these times the
 * largest size.  In its units it is odd exactly when what is expected is.
 */
static bool
forecast_valid(const Forecast *forecast)
{
	Wide		largest = wide_from_int128(AMOUNT_LIMIT - 1);
	Wide		size = wide_from_int128(forecast->most);
	Wide		above = forecast->expected;
	Wide		below = at_certainty(forecast->most);
	Wide		lesser;
	Wide		greater;

	if (forecast->count < 0 || forecast->least > 0 || forecast->most < 0)
		return false;
	wide_subtract(&size, wide_from_int128(forecast->least));
	if (wide_compare(size, wide_multiply(wide_from_int128(forecast->count),
										 largest)) > 0)
		return false;

	wide_subtract(&above, at_certainty(forecast->least));
	wide_subtract(&below, forecast->expected);
	if (wide_is_negative(above) || wide_is_negative(below))
		return false;
	if (((forecast->variance.word[0] ^ forecast->expected.word[0]) & 1) != 0)
		return false;

	/* One deal is its amount and probability. */
	if (forecast->count == 1)
	{
		int128		amount = forecast->least + forecast->most;
		int128		expected = wide_to_int128(forecast->expected);
		Forecast	one;

		if (forecast->least != 0 && forecast->most != 0)
			return false;
		one = forecast_of(amount, amount == 0 ? 0 : expected / amount);
		return memcmp(&one, forecast, sizeof(one)) == 0;
	}

	lesser = above;
	greater = below;
	if (wide_compare(above, below) > 0)
	{
		lesser = below;
		greater = above;
	}
	largest = at_certainty(AMOUNT_LIMIT - 1);
	if (wide_compare(greater, largest) > 0)
		greater = largest;
	return wide_compare(forecast->variance, wide_multiply(lesser, greater)) <= 0;
}

static void
forecast_print(StringInfo buf, const Forecast *forecast)
{
	appendStringInfo(buf, "n=" INT64_FORMAT " least=", forecast->count);
	wide_print(buf, wide_from_int128(forecast->least), AMOUNT_SCALE);
	appendStringInfoString(buf, " most=");
	wide_print(buf, wide_from_int128(forecast->most), AMOUNT_SCALE);
	appendStringInfoString(buf, " expected=");
	wide_print(buf, forecast->expected, EXPECTED_SCALE);
	appendStringInfoString(buf, " variance=");
	wide_print(buf, forecast->variance, VARIANCE_SCALE);
}

/* The invariant; a breach is reported with the SQLSTATE given. */
static bool
forecast_check(const Forecast *forecast, int sqlstate, Node *escontext)
{
	StringInfoData buf;

	if (forecast_valid(forecast))
		return true;
	initStringInfo(&buf);
	forecast_print(&buf, forecast);
	ereturn(escontext, false,
			(errcode(sqlstate),
			 errmsg("no deals have this number, range, expectation and variance"),
			 errdetail_internal("%s", buf.data)));
}

static void
forecast_add(Forecast *forecast, const Forecast *other)
{
	forecast->count = checked_add(forecast->count, other->count,
								  "number of deals");
	forecast->least += other->least;
	forecast->most += other->most;
	wide_add(&forecast->expected, other->expected);
	wide_add(&forecast->variance, other->variance);
}

static void
forecast_subtract(Forecast *forecast, const Forecast *other)
{
	forecast->count -= other->count;
	forecast->least -= other->least;
	forecast->most -= other->most;
	wide_subtract(&forecast->expected, other->expected);
	wide_subtract(&forecast->variance, other->variance);
	forecast_check(forecast, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, NULL);
}

/* The first argument to write to: the state of an aggregate, or a copy. */
static Forecast *
forecast_state(FunctionCallInfo fcinfo)
{
	Forecast   *forecast = PG_GETARG_FORECAST_P(0);

	if (AggCheckCallContext(fcinfo, NULL))
		return forecast;
	return memcpy(palloc_object(Forecast), forecast, sizeof(Forecast));
}

/* The deal of an amount and the second argument, a probability */
static Forecast
deal_argument(FunctionCallInfo fcinfo, int64 amount)
{
	double		probability = PG_GETARG_FLOAT8(2);

	check_fraction(probability, "probability");
	return forecast_of(amount, round_product(probability, PROBABILITY_UNIT));
}

/* One deal more */
static Datum
forecast_trans(FunctionCallInfo fcinfo, int64 amount)
{
	Forecast   *forecast = forecast_state(fcinfo);
	Forecast	one = deal_argument(fcinfo, amount);

	forecast_add(forecast, &one);
	PG_RETURN_POINTER(forecast);
}

/* One deal less */
static Datum
forecast_inv(FunctionCallInfo fcinfo, int64 amount)
{
	Forecast   *forecast = forecast_state(fcinfo);
	Forecast	one = deal_argument(fcinfo, amount);

	forecast_subtract(forecast, &one);
	PG_RETURN_POINTER(forecast);
}

/* ----------
 * What is to be expected
 * ----------
 */

static Datum
forecast_total(const Forecast *forecast)
{
	return wide_to_numeric(wide_from_int128(forecast->least + forecast->most),
						   AMOUNT_SCALE);
}

/* The nearest double, so that it equals what a cast of the numeric gives */
static double
nearest_double(Wide value, int scale)
{
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8,
											  wide_to_numeric(value, scale)));
}

/*
 * The forecast in doubles, with the relative standard error of the ratio that
 * all the probabilities rest on.  False where there is no deal.
 */
static bool
forecast_outlook(const Forecast *forecast, double uncertainty,
				 Outlook *outlook)
{
	double		variance;

	check_at_least_0(uncertainty, "uncertainty");
	if (forecast->count == 0)
		return false;
	outlook->least = nearest_double(wide_from_int128(forecast->least),
									AMOUNT_SCALE);
	outlook->most = nearest_double(wide_from_int128(forecast->most),
								   AMOUNT_SCALE);
	outlook->expected = nearest_double(forecast->expected, EXPECTED_SCALE);
	variance = nearest_double(forecast->variance, VARIANCE_SCALE);
	outlook->deviation = checked_result(hypot(sqrt(variance),
											  outlook->expected * uncertainty),
										"standard deviation");
	return true;
}

/* So many standard deviations from what is expected, if that can come in */
static double
outlook_at(const Outlook *outlook, double z)
{
	return Max(outlook->least,
			   Min(outlook->most, outlook->expected + z * outlook->deviation));
}

/* Probability that the deals bring at least the goal */
static double
outlook_chance(const Outlook *outlook, double goal)
{
	if (goal <= outlook->least)
		return 1;
	if (goal > outlook->most)
		return 0;
	if (outlook->deviation == 0)
		return outlook->expected >= goal ? 1 : 0;
	return erfc((goal - outlook->expected) / outlook->deviation * M_SQRT1_2) / 2;
}

/* ----------
 * Entry points
 * ----------
 */

/* Input: n=2 least=0 most=4000 expected=1300 variance=2130000 */
Datum
kpi_forecast_in(PG_FUNCTION_ARGS)
{
	TextScan	scan = scan_start(fcinfo, "forecast");
	Forecast   *forecast = palloc_object(Forecast);
	Wide		least;
	Wide		most;

	if (!scan_word(&scan, "n=") ||
		!scan_int64(&scan, &forecast->count) ||
		!scan_word(&scan, " least=") ||
		!scan_number(&scan, AMOUNT_SCALE, 2, &least) ||
		!scan_word(&scan, " most=") ||
		!scan_number(&scan, AMOUNT_SCALE, 2, &most) ||
		!scan_word(&scan, " expected=") ||
		!scan_number(&scan, EXPECTED_SCALE, WIDE_WORDS, &forecast->expected) ||
		!scan_word(&scan, " variance=") ||
		!scan_number(&scan, VARIANCE_SCALE, WIDE_WORDS, &forecast->variance) ||
		!scan_end(&scan))
	{
		scan_syntax_error(&scan);
		PG_RETURN_NULL();
	}
	forecast->least = wide_to_int128(least);
	forecast->most = wide_to_int128(most);
	if (!forecast_check(forecast, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, scan.escontext))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(forecast);
}

Datum
kpi_forecast_out(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	initStringInfo(&buf);
	forecast_print(&buf, PG_GETARG_FORECAST_P(0));
	PG_RETURN_CSTRING(buf.data);
}

/* Binary: version, count, least and most in 128 bits, the rest in 256 */
Datum
kpi_forecast_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	Forecast   *forecast = palloc_object(Forecast);

	receive_version(buf, "forecast");
	forecast->count = pq_getmsgint64(buf);
	forecast->least = wide_to_int128(wide_receive(buf, 2));
	forecast->most = wide_to_int128(wide_receive(buf, 2));
	forecast->expected = wide_receive(buf, WIDE_WORDS);
	forecast->variance = wide_receive(buf, WIDE_WORDS);
	forecast_check(forecast, ERRCODE_INVALID_BINARY_REPRESENTATION, NULL);
	PG_RETURN_POINTER(forecast);
}

Datum
kpi_forecast_send(PG_FUNCTION_ARGS)
{
	Forecast   *forecast = PG_GETARG_FORECAST_P(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint8(&buf, SUMMARY_VERSION);
	pq_sendint64(&buf, forecast->count);
	wide_send(&buf, wide_from_int128(forecast->least), 2);
	wide_send(&buf, wide_from_int128(forecast->most), 2);
	wide_send(&buf, forecast->expected, WIDE_WORDS);
	wide_send(&buf, forecast->variance, WIDE_WORDS);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
kpi_forecast_count(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(PG_GETARG_FORECAST_P(0)->count);
}

Datum
kpi_forecast_total(PG_FUNCTION_ARGS)
{
	Forecast   *forecast = PG_GETARG_FORECAST_P(0);

	if (forecast->count == 0)
		PG_RETURN_NULL();
	return forecast_total(forecast);
}

Datum
kpi_forecast_expected(PG_FUNCTION_ARGS)
{
	Forecast   *forecast = PG_GETARG_FORECAST_P(0);

	if (forecast->count == 0)
		PG_RETURN_NULL();
	return wide_to_numeric(forecast->expected, EXPECTED_SCALE);
}

/* stddev(forecast, uncertainty) */
Datum
kpi_forecast_stddev(PG_FUNCTION_ARGS)
{
	Outlook		outlook;

	if (!forecast_outlook(PG_GETARG_FORECAST_P(0), PG_GETARG_FLOAT8(1), &outlook))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(outlook.deviation);
}

/* The limit of the range on the side of the sign */
static Datum
forecast_limit(FunctionCallInfo fcinfo, int sign)
{
	double		confidence = PG_GETARG_FLOAT8(1);
	Outlook		outlook;

	check_confidence(confidence);
	if (!forecast_outlook(PG_GETARG_FORECAST_P(0), PG_GETARG_FLOAT8(2), &outlook))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(outlook_at(&outlook,
								-sign * normal_quantile((1 - confidence) / 2)));
}

/* forecast_low(forecast, confidence, uncertainty) */
Datum
kpi_forecast_low(PG_FUNCTION_ARGS)
{
	return forecast_limit(fcinfo, -1);
}

Datum
kpi_forecast_high(PG_FUNCTION_ARGS)
{
	return forecast_limit(fcinfo, 1);
}

/* chance(forecast, goal, uncertainty) */
Datum
kpi_forecast_chance(PG_FUNCTION_ARGS)
{
	double		goal = PG_GETARG_FLOAT8(1);
	Outlook		outlook;

	check_finite(goal, "goal");
	if (!forecast_outlook(PG_GETARG_FORECAST_P(0), PG_GETARG_FLOAT8(2), &outlook))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(outlook_chance(&outlook, goal));
}

Datum
kpi_forecast_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(memcmp(PG_GETARG_POINTER(0), PG_GETARG_POINTER(1),
						  sizeof(Forecast)) == 0);
}

Datum
kpi_forecast_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(memcmp(PG_GETARG_POINTER(0), PG_GETARG_POINTER(1),
						  sizeof(Forecast)) != 0);
}

Datum
kpi_forecast_hash(PG_FUNCTION_ARGS)
{
	return hash_any((unsigned char *) PG_GETARG_POINTER(0), sizeof(Forecast));
}

Datum
kpi_forecast_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_any_extended((unsigned char *) PG_GETARG_POINTER(0),
							 sizeof(Forecast), PG_GETARG_INT64(1));
}

/* Operator +, and the transition and combine function of rollup */
Datum
kpi_forecast_pl(PG_FUNCTION_ARGS)
{
	Forecast   *forecast = forecast_state(fcinfo);

	forecast_add(forecast, PG_GETARG_FORECAST_P(1));
	PG_RETURN_POINTER(forecast);
}

/* Operator -, and the inverse transition function of rollup */
Datum
kpi_forecast_mi(PG_FUNCTION_ARGS)
{
	Forecast   *forecast = forecast_state(fcinfo);

	forecast_subtract(forecast, PG_GETARG_FORECAST_P(1));
	PG_RETURN_POINTER(forecast);
}

/* forecast_agg(amount, probability) */
Datum
kpi_forecast_numeric_trans(PG_FUNCTION_ARGS)
{
	return forecast_trans(fcinfo, amount_from_numeric(PG_GETARG_DATUM(1)));
}

Datum
kpi_forecast_numeric_inv(PG_FUNCTION_ARGS)
{
	return forecast_inv(fcinfo, amount_from_numeric(PG_GETARG_DATUM(1)));
}

Datum
kpi_forecast_float8_trans(PG_FUNCTION_ARGS)
{
	return forecast_trans(fcinfo, amount_from_float8(PG_GETARG_FLOAT8(1)));
}

Datum
kpi_forecast_float8_inv(PG_FUNCTION_ARGS)
{
	return forecast_inv(fcinfo, amount_from_float8(PG_GETARG_FLOAT8(1)));
}
