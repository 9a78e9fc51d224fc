/*
 * exact_sum.c
 *	  Exact sums of doubles.
 *
 * Each finite double is a whole number of 2^-1074, and below 2^2098 of them.
 * A sum is therefore one wide integer in two's complement (Kulisch, Computer
 * Arithmetic and Validity, 2013): no rounding, no overflow, and the order of
 * the terms cannot show.  2^2098 times 2^63 terms leave 15 bits to spare.
 */
#include "postgres.h"

#include <math.h>

#include "port/pg_bitutils.h"

#include "kpi.h"

StaticAssertDecl(64 * EXACT_SUM_WORDS > 2098 + 63,
				 "an exact sum must not overflow");

#define DOUBLE_FRACTION_BITS	52
#define DOUBLE_EXPONENT_MASK	0x7FF
#define DOUBLE_LEAST_EXPONENT	(-1074)

/* sum += times * value; the value is finite. */
void
exact_sum_add(ExactSum *sum, double value, int64 times)
{
	uint64		bits;
	int			exponent;
	int128		product;
	uint64		piece[3];
	uint64		fill;
	int			first;
	int			shift;
	bool		carry = false;

	memcpy(&bits, &value, sizeof(bits));
	exponent = (bits >> DOUBLE_FRACTION_BITS) & DOUBLE_EXPONENT_MASK;
	bits &= (UINT64CONST(1) << DOUBLE_FRACTION_BITS) - 1;
	if (exponent > 0)
	{
		bits |= UINT64CONST(1) << DOUBLE_FRACTION_BITS;
		exponent--;
	}
	product = (int128) bits * times;
	if (value < 0)
		product = -product;

	/* product * 2^exponent, from the word it begins in; fill is its sign. */
	first = exponent / 64;
	shift = exponent % 64;
	fill = product < 0 ? PG_UINT64_MAX : 0;
	piece[0] = (uint64) product << shift;
	piece[1] = (uint64) (product >> 64) << shift |
		(uint64) product >> 1 >> (63 - shift);
	piece[2] = fill << shift | (uint64) (product >> 64) >> 1 >> (63 - shift);

	for (int i = first; i < EXACT_SUM_WORDS; i++)
	{
		uint128		total = (uint128) sum->word[i] + carry;

		if (i < first + 3)
			total += piece[i - first];
		else if (fill + carry != 0)
			total += fill;
		else
			break;				/* sign and carry leave the rest as it is */
		sum->word[i] = (uint64) total;
		carry = (total >> 64) != 0;
	}
}

/* Less than, equal to or greater than 0 as the sum is. */
int
exact_sum_sign(const ExactSum *sum)
{
	if ((int64) sum->word[EXACT_SUM_WORDS - 1] < 0)
		return -1;
	for (int i = 0; i < EXACT_SUM_WORDS; i++)
	{
		if (sum->word[i] != 0)
			return 1;
	}
	return 0;
}

/*
 * The size of the sum as leading * 2^exponent: its 64 leading bits, of which
 * the last one is set where others follow.
 */
static uint64
exact_sum_leading(const ExactSum *sum, int *exponent)
{
	ExactSum	size = *sum;
	int			top = EXACT_SUM_WORDS - 1;
	int			shift;
	uint64		leading;
	uint64		rest = 0;

	if (exact_sum_sign(sum) < 0)
	{
		bool		carry = true;

		for (int i = 0; i < EXACT_SUM_WORDS; i++)
		{
			size.word[i] = ~size.word[i] + carry;
			carry = carry && size.word[i] == 0;
		}
	}
	while (top > 0 && size.word[top] == 0)
		top--;
	if (size.word[top] == 0)
		return *exponent = 0;

	shift = 63 - pg_leftmost_one_pos64(size.word[top]);
	leading = size.word[top] << shift;
	if (top > 0)
	{
		leading |= size.word[top - 1] >> 1 >> (63 - shift);
		rest = size.word[top - 1] << shift;
	}
	for (int i = top - 2; i >= 0; i--)
		rest |= size.word[i];
	*exponent = DOUBLE_LEAST_EXPONENT + 64 * top - shift;
	return leading | (rest != 0);
}

/*
 * dividend / divisor, which is not 0, by 62 bits or more and then rounded;
 * infinity where that is no double.
 */
double
exact_sum_divide(const ExactSum *dividend, const ExactSum *divisor)
{
	int			dividend_exponent;
	int			divisor_exponent;
	uint64		a = exact_sum_leading(dividend, &dividend_exponent);
	uint64		b = exact_sum_leading(divisor, &divisor_exponent);
	double		size = ldexp((double) (uint64) (((uint128) a << 63) / b),
							 dividend_exponent - divisor_exponent - 63);

	if (a == 0 ||
		(exact_sum_sign(dividend) < 0) == (exact_sum_sign(divisor) < 0))
		return size;
	return -size;
}
