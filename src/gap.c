/*
 * gap.c
 *	  The gap in expected revenue between own and peers, split into parts.
 *
 * Expected revenue is a product of four factors: opportunities, proposal
 * ratio, closing ratio, average sale.  With x own and y the peers', the part
 * of factor i is its Shapley value: the gain from changing y[i] to x[i], over
 * all orders in which the four could be changed one after the other,
 *
 *		(x[i] - y[i]) * sum over the sets S of other factors of
 *			|S|! * (3 - |S|)! / 4! * (product of x in S) * (product of y not in S)
 *
 * (L. S. Shapley, A Value for n-Person Games, Contributions to the Theory of
 * Games II, Annals of Mathematics Studies 28, 1953, 307-317).  The parts add
 * up to the gap, equal factors have no part in it, factors that differ alike
 * have equal parts, and own and peers exchanged change the sign of all.
 *
 * Factors are exact fractions, on one divisor for own and peers, so all of
 * this holds exactly until the parts are rounded to the decimals of money.
 */
#include "postgres.h"

#include "common/shortest_dec.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "kpi.h"

#define FACTORS			4

PG_FUNCTION_INFO_V1(kpi_gap_parts);

static const char *const part_name[FACTORS] = {
	"opportunities", "proposal ratio", "closing ratio", "average sale"
};

/* |S|! * (3 - |S|)! / 4! in twelfths, by |S| */
static const int64 weight[FACTORS] = {3, 1, 1, 3};

/* A factor of own or of the peers; numbers are numeric. */
typedef struct Factor
{
	bool		known;
	double		value;
	Datum		dividend;
	Datum		divisor;
} Factor;

/* Both on one divisor */
typedef struct FactorPair
{
	Datum		own;
	Datum		peers;
	Datum		divisor;
} FactorPair;

/* A part of the gap: whole + rest / divisor ten-thousandths */
typedef struct Part
{
	Datum		whole;
	Datum		rest;			/* with the sign of the part */
} Part;

/* ----------
 * Arithmetic
 * ----------
 */

static Datum
number(int64 value)
{
	return NumericGetDatum(int64_to_numeric(value));
}

static Datum
add(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_add, a, b);
}

static Datum
subtract(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_sub, a, b);
}

static Datum
multiply(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_mul, a, b);
}

static int
compare(Datum a, Datum b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, a, b));
}

/* The shortest decimal number that reads as the double */
static Datum
shortest_decimal(double value)
{
	char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

	double_to_shortest_decimal_buf(value, digits);
	return DirectFunctionCall3(numeric_in, CStringGetDatum(digits),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

/* ----------
 * Factors
 * ----------
 */

static Factor
number_factor(double value)
{
	Factor		factor;

	factor.known = true;
	factor.value = value;
	factor.dividend = shortest_decimal(value);
	factor.divisor = number(1);
	return factor;
}

static Factor
rate_factor(const Rate *rate)
{
	Factor		factor;

	factor.value = 0;
	factor.known = rate_ratio(rate, &factor.value);
	factor.dividend = number(rate->passed);
	factor.divisor = number(rate->decided);
	return factor;
}

static Factor
sales_factor(const Sales *sales)
{
	Factor		factor;

	factor.value = 0;
	factor.known = sales_mean(sales, &factor.value);
	factor.dividend = wide_to_numeric(wide_from_int128(sales->amounts.total),
									  AMOUNT_SCALE);
	factor.divisor = number(sales->count);
	return factor;
}

/* What is not known takes the other's value, and 0 if neither is known. */
static FactorPair
pair_factors(Factor own, Factor peers)
{
	FactorPair	pair;

	if (!own.known && !peers.known)
		own = number_factor(0);
	if (!own.known)
		own = peers;
	if (!peers.known)
		peers = own;
	pair.own = multiply(own.dividend, peers.divisor);
	pair.peers = multiply(peers.dividend, own.divisor);
	pair.divisor = multiply(own.divisor, peers.divisor);
	return pair;
}

/* ----------
 * Parts
 * ----------
 */

/* The Shapley value of a factor, times twelve and the divisors of all */
static Datum
shapley_value(const FactorPair *pair, int factor)
{
	Datum		sum = number(0);

	for (int set = 0; set < 1 << FACTORS; set++)
	{
		Datum		product;
		int			size = 0;

		if (set & 1 << factor)
			continue;
		for (int i = 0; i < FACTORS; i++)
			size += set >> i & 1;
		product = number(weight[size]);
		for (int i = 0; i < FACTORS; i++)
		{
			if (i != factor)
				product = multiply(product, set >> i & 1 ? pair[i].own : pair[i].peers);
		}
		sum = add(sum, product);
	}
	return multiply(subtract(pair[factor].own, pair[factor].peers), sum);
}

/* dividend / divisor, cut off to a whole number, and what is left */
static Part
divide(Datum dividend, Datum divisor)
{
	Part		part;

	part.whole = DirectFunctionCall2(numeric_div_trunc, dividend, divisor);
	part.rest = DirectFunctionCall2(numeric_mod, dividend, divisor);
	return part;
}

/*
 * Rounds the parts so that their sum is the gap rounded half away from zero.
 * What the cut-off parts miss of it goes to those that lost most, a
 * ten-thousandth to each.  None goes to a part that lost nothing: what is
 * missing is at most a half more than all rests together, and a rest is less
 * than one, so there are as many rests of its sign.
 */
static void
round_parts(Part *part, Datum gap, Datum divisor)
{
	Part		total = divide(gap, divisor);
	int			sign = compare(gap, number(0));
	int			missing;

	if (compare(multiply(total.rest, number(2 * sign)), divisor) >= 0)
		total.whole = add(total.whole, number(sign));
	for (int i = 0; i < FACTORS; i++)
		total.whole = subtract(total.whole, part[i].whole);
	missing = DatumGetInt32(DirectFunctionCall1(numeric_int4, total.whole));
	sign = missing < 0 ? -1 : 1;

	for (; missing != 0; missing -= sign)
	{
		Part	   *most = part;

		for (int i = 1; i < FACTORS; i++)
		{
			if (compare(part[i].rest, most->rest) * sign > 0)
				most = &part[i];
		}
		most->whole = add(most->whole, number(sign));
		most->rest = subtract(most->rest, multiply(divisor, number(sign)));
	}
}

/* Splits the gap; money is in ten-thousandths. */
static void
split_gap(const FactorPair *pair, Part *part)
{
	Datum		divisor = number(12);
	Datum		gap = number(0);

	for (int i = 0; i < FACTORS; i++)
		divisor = multiply(divisor, pair[i].divisor);
	for (int i = 0; i < FACTORS; i++)
	{
		Datum		value = multiply(shapley_value(pair, i), number(AMOUNT_UNIT));

		part[i] = divide(value, divisor);
		gap = add(gap, value);
	}
	round_parts(part, gap, divisor);
}

/*
 * gap_parts(own_opportunities, own_proposal, own_closing, own_sales,
 *			 peers_opportunities, peers_proposal, peers_closing, peers_sales)
 * as rows: part, own, peers, revenue
 */
Datum
kpi_gap_parts(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	double		own_opportunities = PG_GETARG_FLOAT8(0);
	double		peers_opportunities = PG_GETARG_FLOAT8(4);
	Datum		ten_thousandth = NumericGetDatum(int64_div_fast_to_numeric(1, AMOUNT_SCALE));
	Factor		own[FACTORS];
	Factor		peers[FACTORS];
	FactorPair	pair[FACTORS];
	Part		part[FACTORS];

	check_at_least_0(own_opportunities, "own opportunities");
	check_at_least_0(peers_opportunities, "peers' opportunities");

	own[0] = number_factor(own_opportunities);
	own[1] = rate_factor(PG_GETARG_RATE_P(1));
	own[2] = rate_factor(PG_GETARG_RATE_P(2));
	own[3] = sales_factor(PG_GETARG_SALES_P(3));
	peers[0] = number_factor(peers_opportunities);
	peers[1] = rate_factor(PG_GETARG_RATE_P(5));
	peers[2] = rate_factor(PG_GETARG_RATE_P(6));
	peers[3] = sales_factor(PG_GETARG_SALES_P(7));
	for (int i = 0; i < FACTORS; i++)
		pair[i] = pair_factors(own[i], peers[i]);
	split_gap(pair, part);

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < FACTORS; i++)
	{
		Datum		values[] = {
			CStringGetTextDatum(part_name[i]),
			Float8GetDatum(own[i].value),
			Float8GetDatum(peers[i].value),
			multiply(part[i].whole, ten_thousandth)
		};
		bool		nulls[] = {false, !own[i].known, !peers[i].known, false};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
