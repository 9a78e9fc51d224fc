/*
 * stats.c
 *	  The mathematics of kpi, on plain numbers.
 */
#include "postgres.h"

#include <math.h>

#include "port/pg_bitutils.h"

#include "kpi.h"

/* ----------
 * Exact sums of doubles
 *
 * Each finite double is a whole number of 2^-1074, and below 2^2098 of them.
 * A sum is therefore one wide integer in two's complement (Kulisch, Computer
 * Arithmetic and Validity, 2013): no rounding, no overflow, and the order of
 * the terms cannot show.  2^2098 times 2^63 terms leave 15 bits to spare.
 * ----------
 */
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

/* ----------
 * The normal distribution
 * ----------
 */

/* The polynomial of degree 7, its highest coefficient first */
static double
polynomial(const double *coefficient, double x)
{
	double		result = coefficient[0];

	for (int i = 1; i < 8; i++)
		result = result * x + coefficient[i];
	return result;
}

/*
 * The quantile of the standard normal distribution, 0 < p < 1, good to 16
 * digits: M. J. Wichura, Algorithm AS 241, Applied Statistics 37 (1988),
 * 477-484, routine PPND16.  The quantile of 0.5 is 0 itself.
 */
double
normal_quantile(double p)
{
	/* |p - 0.5| <= 0.425 */
	static const double central[2][8] = {
		{2.5090809287301226727e+3, 3.3430575583588128105e+4,
			6.7265770927008700853e+4, 4.5921953931549871457e+4,
			1.3731693765509461125e+4, 1.9715909503065514427e+3,
		1.3314166789178437745e+2, 3.3871328727963666080e+0},
		{5.2264952788528545610e+3, 2.8729085735721942674e+4,
			3.9307895800092710610e+4, 2.1213794301586595867e+4,
			5.3941960214247511077e+3, 6.8718700749205790830e+2,
		4.2313330701600911252e+1, 1.0}
	};

	/* sqrt(-ln(the tail)) <= 5 */
	static const double near_tail[2][8] = {
		{7.74545014278341407640e-4, 2.27238449892691845833e-2,
			2.41780725177450611770e-1, 1.27045825245236838258e+0,
			3.64784832476320460504e+0, 5.76949722146069140550e+0,
		4.63033784615654529590e+0, 1.42343711074968357734e+0},
		{1.05075007164441684324e-9, 5.47593808499534494600e-4,
			1.51986665636164571966e-2, 1.48103976427480074590e-1,
			6.89767334985100004550e-1, 1.67638483018380384940e+0,
		2.05319162663775882187e+0, 1.0}
	};

	/* and beyond */
	static const double far_tail[2][8] = {
		{2.01033439929228813265e-7, 2.71155556874348757815e-5,
			1.24266094738807843860e-3, 2.65321895265761230930e-2,
			2.96560571828504891230e-1, 1.78482653991729133580e+0,
		5.46378491116411436990e+0, 6.65790464350110377720e+0},
		{2.04426310338993978564e-15, 1.42151175831644588870e-7,
			1.84631831751005468180e-5, 7.86869131145613259100e-4,
			1.48753612908506148525e-2, 1.36929880922735805310e-1,
		5.99832206555887937690e-1, 1.0}
	};
	double		q = p - 0.5;
	double		r;
	double		size;

	if (fabs(q) <= 0.425)
	{
		r = 0.180625 - q * q;
		return q * polynomial(central[0], r) / polynomial(central[1], r);
	}
	r = sqrt(-log(q < 0 ? p : 1 - p));
	if (r <= 5)
	{
		r -= 1.6;
		size = polynomial(near_tail[0], r) / polynomial(near_tail[1], r);
	}
	else
	{
		r -= 5;
		size = polynomial(far_tail[0], r) / polynomial(far_tail[1], r);
	}
	return q < 0 ? -size : size;
}
