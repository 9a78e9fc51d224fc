/*
 * sales.c
 *	  sales: number, total and sum of squares of the amounts of sales.
 *
 * Amounts are integers of ten-thousandths below 10^18, so the total of up to
 * 2^63 of them fits 128 bits and the sum of their squares 192: sums are exact,
 * and the order of the rows cannot show.  The variance needs no care against
 * cancellation either, because it too is taken from exact integers:
 *
 *		s^2 = (n * sum of squares - total^2) / (n * (n - 1))
 *
 * Invariant: the three numbers can belong to some list of amounts, as far as
 * that can be told at once; see amounts_valid().
 */
#include "postgres.h"

#include <math.h>

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "kpi.h"

PG_FUNCTION_INFO_V1(kpi_sales_in);
PG_FUNCTION_INFO_V1(kpi_sales_out);
PG_FUNCTION_INFO_V1(kpi_sales_recv);
PG_FUNCTION_INFO_V1(kpi_sales_send);
PG_FUNCTION_INFO_V1(kpi_sales_count);
PG_FUNCTION_INFO_V1(kpi_sales_total);
PG_FUNCTION_INFO_V1(kpi_sales_average);
PG_FUNCTION_INFO_V1(kpi_sales_stddev);
PG_FUNCTION_INFO_V1(kpi_sales_eq);
PG_FUNCTION_INFO_V1(kpi_sales_ne);
PG_FUNCTION_INFO_V1(kpi_sales_hash);
PG_FUNCTION_INFO_V1(kpi_sales_hash_extended);
PG_FUNCTION_INFO_V1(kpi_sales_pl);
PG_FUNCTION_INFO_V1(kpi_sales_mi);
PG_FUNCTION_INFO_V1(kpi_sales_numeric_trans);
PG_FUNCTION_INFO_V1(kpi_sales_numeric_inv);
PG_FUNCTION_INFO_V1(kpi_sales_float8_trans);
PG_FUNCTION_INFO_V1(kpi_sales_float8_inv);
PG_FUNCTION_INFO_V1(kpi_sales_int8_trans);
PG_FUNCTION_INFO_V1(kpi_sales_int8_inv);

/* Equal sales must be equal bytes: no padding. */
StaticAssertDecl(sizeof(Sales) == 48, "sales must have 48 bytes");

/* ----------
 * Amounts
 * ----------
 */

pg_noreturn
static void
amount_out_of_range(const char *amount)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("amount %s is out of range", amount),
			 errdetail("An amount must have at most %d digits before the decimal point.", 14)));
}

/*
 * Reads a numeric, rounded half away from zero to ten-thousandths as the
 * server's round() does.  Its digits are read where they lie: the value may
 * have a short header, and stand at an odd address.
 */
int64
amount_from_numeric(Datum numeric)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(numeric);
	const char *data = VARDATA_ANY(value);
	int			ndigits;
	int			weight;
	bool		negative;
	uint16		head;
	int64		amount = 0;

	memcpy(&head, data, sizeof(head));
	if ((head & NUMERIC_HEAD_KIND) == NUMERIC_HEAD_SPECIAL)
		amount_out_of_range(DatumGetCString(DirectFunctionCall1(numeric_out, numeric)));
	if (head & NUMERIC_HEAD_SHORT)
	{
		negative = (head & NUMERIC_SHORT_NEGATIVE) != 0;
		weight = head & NUMERIC_SHORT_WEIGHT;
		if (head & NUMERIC_SHORT_WEIGHT_SIGN)
			weight -= NUMERIC_SHORT_WEIGHT + 1;
		data += sizeof(head);
		ndigits = (VARSIZE_ANY_EXHDR(value) - sizeof(head)) / sizeof(int16);
	}
	else
	{
		int16		long_weight;

		negative = (head & NUMERIC_HEAD_KIND) == NUMERIC_HEAD_NEGATIVE;
		memcpy(&long_weight, data + sizeof(head), sizeof(long_weight));
		weight = long_weight;
		data += sizeof(head) + sizeof(long_weight);
		ndigits = (VARSIZE_ANY_EXHDR(value) - sizeof(head) - sizeof(long_weight)) /
			sizeof(int16);
	}

	/* The group of weight -1 holds the ten-thousandths, that of -2 rounds. */
	for (int power = weight; ndigits > 0 && power >= -2; power--)
	{
		int16		digit = 0;

		if (weight - power < ndigits)
			memcpy(&digit, data + (weight - power) * sizeof(digit), sizeof(digit));
		if (power > 3 || (power == 3 && digit >= 100))
			amount_out_of_range(DatumGetCString(DirectFunctionCall1(numeric_out, numeric)));
		if (power >= -1)
			amount = amount * NUMERIC_BASE + digit;
		else if (digit >= NUMERIC_BASE / 2)
			amount++;
	}
	if (amount >= AMOUNT_LIMIT)
		amount_out_of_range(DatumGetCString(DirectFunctionCall1(numeric_out, numeric)));

	if ((Pointer) value != DatumGetPointer(numeric))
		pfree(value);
	return negative ? -amount : amount;
}

/* Reads a double, its exact value rounded once, half away from zero. */
int64
amount_from_float8(double value)
{
	double		size = fabs(value);
	int64		amount = AMOUNT_LIMIT;

	/* false for NaN too */
	if (size * AMOUNT_UNIT <= (double) AMOUNT_LIMIT)
		amount = round_product(size, AMOUNT_UNIT);
	if (amount >= AMOUNT_LIMIT)
		amount_out_of_range(DatumGetCString(DirectFunctionCall1(float8out,
																Float8GetDatum(value))));
	return value < 0 ? -amount : amount;
}

static int64
amount_from_int8(int64 value)
{
	if (value <= -AMOUNT_LIMIT / AMOUNT_UNIT || value >= AMOUNT_LIMIT / AMOUNT_UNIT)
		amount_out_of_range(psprintf(INT64_FORMAT, value));
	return value * AMOUNT_UNIT;
}

void
amounts_add(Amounts *amounts, const Amounts *other)
{
	amounts->total += other->total;
	squares_add(amounts->squares,
				other->squares[0], other->squares[1], other->squares[2]);
}

/* The result is for amounts_valid() to judge. */
void
amounts_subtract(Amounts *amounts, const Amounts *other)
{
	bool		borrow = false;

	amounts->total -= other->total;
	for (int i = 0; i < 3; i++)
	{
		uint128		difference = (uint128) amounts->squares[i] -
			other->squares[i] - borrow;

		amounts->squares[i] = (uint64) difference;
		borrow = (difference >> 64) != 0;
	}
}

static Wide
amounts_total_size(const Amounts *amounts)
{
	return wide_from_uint128(amounts->total < 0 ?
							 -(uint128) amounts->total : (uint128) amounts->total);
}

static Wide
amounts_squares(const Amounts *amounts)
{
	Wide		result = {{amounts->squares[0], amounts->squares[1], amounts->squares[2], 0}};

	return result;
}

/* n * sum of squares - total^2, at least 0 by Cauchy and Schwarz, or false */
static bool
amounts_spread(int64 count, const Amounts *amounts, Wide *spread)
{
	Wide		total = amounts_total_size(amounts);

	*spread = wide_multiply(amounts_squares(amounts), wide_from_uint128(count));
	wide_subtract(spread, wide_multiply(total, total));
	return !wide_is_negative(*spread);
}

/*
 * Can 'count' amounts have this total and this sum of squares?  The largest
 * amount bounds both, Cauchy and Schwarz bind one to the other, and a square
 * is odd exactly when its root is.
 */
bool
amounts_valid(int64 count, const Amounts *amounts)
{
	Wide		largest = wide_from_uint128(AMOUNT_LIMIT - 1);
	Wide		number = wide_from_uint128(count);
	Wide		spread;

	if (count < 0)
		return false;
	if (wide_compare(amounts_total_size(amounts),
					 wide_multiply(number, largest)) > 0)
		return false;
	if (wide_compare(amounts_squares(amounts),
					 wide_multiply(number, wide_multiply(largest, largest))) > 0)
		return false;
	if (((amounts->squares[0] ^ (uint64) amounts->total) & 1) != 0)
		return false;
	if (!amounts_spread(count, amounts, &spread))
		return false;
	return count != 1 || wide_is_zero(spread);
}

/* total=… squares=…, in units and their squares */
void
amounts_print(StringInfo buf, const Amounts *amounts)
{
	appendStringInfoString(buf, "total=");
	wide_print(buf, wide_from_int128(amounts->total), AMOUNT_SCALE);
	appendStringInfoString(buf, " squares=");
	wide_print(buf, amounts_squares(amounts), 2 * AMOUNT_SCALE);
}

/* What is too large for its field is left to amounts_valid(). */
bool
amounts_scan(TextScan *scan, Amounts *amounts)
{
	Wide		total;
	Wide		squares;

	if (!scan_word(scan, "total=") ||
		!scan_number(scan, AMOUNT_SCALE, 2, &total) ||
		!scan_word(scan, " squares=") ||
		!scan_number(scan, 2 * AMOUNT_SCALE, 3, &squares) ||
		wide_is_negative(squares))
		return false;
	amounts->total = wide_to_int128(total);
	memcpy(amounts->squares, squares.word, sizeof(amounts->squares));
	return true;
}

void
amounts_send(StringInfo buf, const Amounts *amounts)
{
	wide_send(buf, wide_from_int128(amounts->total), 2);
	wide_send(buf, amounts_squares(amounts), 3);
}

void
amounts_receive(StringInfo buf, Amounts *amounts)
{
	Wide		squares;

	amounts->total = wide_to_int128(wide_receive(buf, 2));
	squares = wide_receive(buf, 3);
	memcpy(amounts->squares, squares.word, sizeof(amounts->squares));
}

/* ----------
 * Sales
 * ----------
 */

/* The invariant; a breach is reported with the SQLSTATE given. */
static bool
sales_check(const Sales *sales, int sqlstate, Node *escontext)
{
	StringInfoData buf;

	if (amounts_valid(sales->count, &sales->amounts))
		return true;
	initStringInfo(&buf);
	amounts_print(&buf, &sales->amounts);
	ereturn(escontext, false,
			(errcode(sqlstate),
			 errmsg("no sales have this number, total and sum of squares"),
			 errdetail("n=" INT64_FORMAT " %s", sales->count, buf.data)));
}

void
sales_add(Sales *sales, const Sales *other)
{
	sales->count = checked_add(sales->count, other->count, "number of sales");
	amounts_add(&sales->amounts, &other->amounts);
}

static void
sales_subtract(Sales *sales, const Sales *other)
{
	sales->count -= other->count;
	amounts_subtract(&sales->amounts, &other->amounts);
	sales_check(sales, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, NULL);
}

/* total / count; false where there is no sale */
bool
sales_mean(const Sales *sales, double *mean)
{
	if (sales->count == 0)
		return false;
	*mean = (double) sales->amounts.total / ((double) sales->count * AMOUNT_UNIT);
	return true;
}

static Wide
sales_spread(const Sales *sales)
{
	Wide		spread;

	if (!amounts_spread(sales->count, &sales->amounts, &spread))
		elog(ERROR, "sales break their invariant");
	return spread;
}

/* Sample variance; false under two sales */
bool
sales_variance(const Sales *sales, double *variance)
{
	double		count = (double) sales->count;

	if (sales->count < 2)
		return false;
	*variance = wide_to_double(sales_spread(sales)) / (count * (count - 1)) /
		((double) AMOUNT_UNIT * AMOUNT_UNIT);
	return true;
}

/*
 * Mean of a less mean of b, neither of them empty.  The whole parts are
 * subtracted exactly, so that equal means differ by 0.
 */
double
sales_mean_difference(const Sales *a, const Sales *b)
{
	int128		whole = a->amounts.total / a->count - b->amounts.total / b->count;
	double		part = (double) (int64) (a->amounts.total % a->count) / (double) a->count -
		(double) (int64) (b->amounts.total % b->count) / (double) b->count;

	return ((double) whole + part) / AMOUNT_UNIT;
}

/* The first argument to write to: the state of an aggregate, or a copy. */
static Sales *
sales_state(FunctionCallInfo fcinfo)
{
	Sales	   *sales = PG_GETARG_SALES_P(0);

	if (AggCheckCallContext(fcinfo, NULL))
		return sales;
	return memcpy(palloc_object(Sales), sales, sizeof(Sales));
}

/* One sale more */
static Datum
sales_trans(FunctionCallInfo fcinfo, int64 amount)
{
	Sales	   *sales = sales_state(fcinfo);

	sales->count = checked_add(sales->count, 1, "number of sales");
	amounts_add_one(&sales->amounts, amount);
	PG_RETURN_POINTER(sales);
}

/* One sale less */
static Datum
sales_inv(FunctionCallInfo fcinfo, int64 amount)
{
	Sales	   *sales = sales_state(fcinfo);
	Sales		one = {1, {0, {0, 0, 0}}};

	amounts_add_one(&one.amounts, amount);
	sales_subtract(sales, &one);
	PG_RETURN_POINTER(sales);
}

/* Input: n=3 total=7500.5 squares=19731800.25 */
Datum
kpi_sales_in(PG_FUNCTION_ARGS)
{
	TextScan		scan = scan_start(fcinfo, "sales");
	Sales	   *sales = palloc_object(Sales);

	if (!scan_word(&scan, "n=") ||
		!scan_int64(&scan, &sales->count) ||
		!scan_char(&scan, ' ') ||
		!amounts_scan(&scan, &sales->amounts) ||
		!scan_end(&scan))
	{
		scan_syntax_error(&scan);
		PG_RETURN_NULL();
	}
	if (!sales_check(sales, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, scan.escontext))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(sales);
}

Datum
kpi_sales_out(PG_FUNCTION_ARGS)
{
	Sales	   *sales = PG_GETARG_SALES_P(0);
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "n=" INT64_FORMAT " ", sales->count);
	amounts_print(&buf, &sales->amounts);
	PG_RETURN_CSTRING(buf.data);
}

/* Binary: version, count, total in 128 bits, squares in 192 */
Datum
kpi_sales_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	Sales	   *sales = palloc_object(Sales);

	receive_version(buf, "sales");
	sales->count = pq_getmsgint64(buf);
	amounts_receive(buf, &sales->amounts);
	sales_check(sales, ERRCODE_INVALID_BINARY_REPRESENTATION, NULL);
	PG_RETURN_POINTER(sales);
}

Datum
kpi_sales_send(PG_FUNCTION_ARGS)
{
	Sales	   *sales = PG_GETARG_SALES_P(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint8(&buf, SUMMARY_VERSION);
	pq_sendint64(&buf, sales->count);
	amounts_send(&buf, &sales->amounts);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

Datum
kpi_sales_count(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(PG_GETARG_SALES_P(0)->count);
}

static Datum
total_numeric(const Sales *sales)
{
	return wide_to_numeric(wide_from_int128(sales->amounts.total), AMOUNT_SCALE);
}

Datum
kpi_sales_total(PG_FUNCTION_ARGS)
{
	Sales	   *sales = PG_GETARG_SALES_P(0);

	if (sales->count == 0)
		PG_RETURN_NULL();
	return total_numeric(sales);
}

Datum
kpi_sales_average(PG_FUNCTION_ARGS)
{
	Sales	   *sales = PG_GETARG_SALES_P(0);

	if (sales->count == 0)
		PG_RETURN_NULL();
	return DirectFunctionCall2(numeric_div, total_numeric(sales),
							   NumericGetDatum(int64_to_numeric(sales->count)));
}

/* Sample standard deviation, by the exact formula at the head of this file */
Datum
kpi_sales_stddev(PG_FUNCTION_ARGS)
{
	Sales	   *sales = PG_GETARG_SALES_P(0);
	Datum		variance;

	if (sales->count < 2)
		PG_RETURN_NULL();
	variance = DirectFunctionCall2(numeric_div,
								   wide_to_numeric(sales_spread(sales), 2 * AMOUNT_SCALE),
								   wide_to_numeric(wide_multiply(wide_from_uint128(sales->count),
																 wide_from_uint128(sales->count - 1)),
												   0));
	return DirectFunctionCall1(numeric_sqrt, variance);
}

Datum
kpi_sales_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(memcmp(PG_GETARG_POINTER(0), PG_GETARG_POINTER(1),
						  sizeof(Sales)) == 0);
}

Datum
kpi_sales_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(memcmp(PG_GETARG_POINTER(0), PG_GETARG_POINTER(1),
						  sizeof(Sales)) != 0);
}

Datum
kpi_sales_hash(PG_FUNCTION_ARGS)
{
	return hash_any((unsigned char *) PG_GETARG_POINTER(0), sizeof(Sales));
}

Datum
kpi_sales_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_any_extended((unsigned char *) PG_GETARG_POINTER(0),
							 sizeof(Sales), PG_GETARG_INT64(1));
}

/* Operator +, and the transition and combine function of rollup */
Datum
kpi_sales_pl(PG_FUNCTION_ARGS)
{
	Sales	   *sales = sales_state(fcinfo);

	sales_add(sales, PG_GETARG_SALES_P(1));
	PG_RETURN_POINTER(sales);
}

/* Operator -, and the inverse transition function of rollup */
Datum
kpi_sales_mi(PG_FUNCTION_ARGS)
{
	Sales	   *sales = sales_state(fcinfo);

	sales_subtract(sales, PG_GETARG_SALES_P(1));
	PG_RETURN_POINTER(sales);
}

Datum
kpi_sales_numeric_trans(PG_FUNCTION_ARGS)
{
	return sales_trans(fcinfo, amount_from_numeric(PG_GETARG_DATUM(1)));
}

Datum
kpi_sales_numeric_inv(PG_FUNCTION_ARGS)
{
	return sales_inv(fcinfo, amount_from_numeric(PG_GETARG_DATUM(1)));
}

Datum
kpi_sales_float8_trans(PG_FUNCTION_ARGS)
{
	return sales_trans(fcinfo, amount_from_float8(PG_GETARG_FLOAT8(1)));
}

Datum
kpi_sales_float8_inv(PG_FUNCTION_ARGS)
{
	return sales_inv(fcinfo, amount_from_float8(PG_GETARG_FLOAT8(1)));
}

Datum
kpi_sales_int8_trans(PG_FUNCTION_ARGS)
{
	return sales_trans(fcinfo, amount_from_int8(PG_GETARG_INT64(1)));
}

Datum
kpi_sales_int8_inv(PG_FUNCTION_ARGS)
{
	return sales_inv(fcinfo, amount_from_int8(PG_GETARG_INT64(1)));
}
