/*
 * wide.c
 *	  Exact integers of 256 bits.
 *
 * Only what the summaries need: sums of squares are kept in 192 bits, and the
 * products that decide whether a sum of squares can belong to a total take
 * 256.  Numbers are unsigned; a sign, where there is one, is kept beside them.
 */
#include "postgres.h"

#include <math.h>

#include "utils/builtins.h"

#include "kpi.h"

/* Digits that one division peels off: 10^19 is the most that 64 bits hold. */
#define CHUNK_DIGITS	19
#define CHUNK			UINT64CONST(10000000000000000000)

Wide
wide_from_uint128(uint128 value)
{
	Wide		result = {{(uint64) value, (uint64) (value >> 64), 0, 0}};

	return result;
}

/* a * b; the caller knows that the product fits. */
Wide
wide_multiply(Wide a, Wide b)
{
	Wide		result = {{0, 0, 0, 0}};

	for (int i = 0; i < WIDE_WORDS; i++)
	{
		uint128		carry = 0;

		for (int j = 0; i + j < WIDE_WORDS; j++)
		{
			carry += (uint128) a.word[i] * b.word[j] + result.word[i + j];
			result.word[i + j] = (uint64) carry;
			carry >>= 64;
		}
	}
	return result;
}

/* a -= b; false when a is less than b, and a is then meaningless. */
bool
wide_subtract(Wide *a, Wide b)
{
	bool		borrow = false;

	for (int i = 0; i < WIDE_WORDS; i++)
	{
		uint128		difference = (uint128) a->word[i] - b.word[i] - borrow;

		a->word[i] = (uint64) difference;
		borrow = (difference >> 64) != 0;
	}
	return !borrow;
}

/* Less than, equal to or greater than 0 as a is to b. */
int
wide_compare(Wide a, Wide b)
{
	for (int i = WIDE_WORDS - 1; i >= 0; i--)
	{
		if (a.word[i] != b.word[i])
			return a.word[i] < b.word[i] ? -1 : 1;
	}
	return 0;
}

bool
wide_is_zero(Wide value)
{
	return (value.word[0] | value.word[1] | value.word[2] | value.word[3]) == 0;
}

/* value = value * 10 + digit; false when that does not fit. */
bool
wide_append_digit(Wide *value, int digit)
{
	uint128		carry = digit;

	for (int i = 0; i < WIDE_WORDS; i++)
	{
		carry += (uint128) value->word[i] * 10;
		value->word[i] = (uint64) carry;
		carry >>= 64;
	}
	return carry == 0;
}

double
wide_to_double(Wide value)
{
	double		result = 0;

	for (int i = WIDE_WORDS - 1; i >= 0; i--)
		result = ldexp(result, 64) + (double) value.word[i];
	return result;
}

/* Appends value / 10^scale without trailing zeros after the point. */
void
wide_print(StringInfo buf, bool negative, Wide value, int scale)
{
	char		digits[5 * CHUNK_DIGITS];	/* 2^256 has 78 digits */
	char	   *first = digits + sizeof(digits);
	char	   *end = digits + sizeof(digits);
	int			count;

	do
	{
		uint128		rest = 0;

		for (int i = WIDE_WORDS - 1; i >= 0; i--)
		{
			rest = rest << 64 | value.word[i];
			value.word[i] = (uint64) (rest / CHUNK);
			rest %= CHUNK;
		}
		for (int i = 0; i < CHUNK_DIGITS; i++)
		{
			*--first = '0' + (int) (rest % 10);
			rest /= 10;
		}
	} while (!wide_is_zero(value));

	/* Keep one digit before the point, and as many after it as there are. */
	while (end - first > scale + 1 && *first == '0')
		first++;
	count = end - first - scale;
	while (scale > 0 && end[-1] == '0')
	{
		end--;
		scale--;
	}

	if (negative)
		appendStringInfoChar(buf, '-');
	appendBinaryStringInfo(buf, first, count);
	if (scale > 0)
	{
		appendStringInfoChar(buf, '.');
		appendBinaryStringInfo(buf, first + count, scale);
	}
}

/* value / 10^scale as the server's numeric */
Datum
wide_to_numeric(bool negative, Wide value, int scale)
{
	StringInfoData buf;

	initStringInfo(&buf);
	wide_print(&buf, negative, value, scale);
	return DirectFunctionCall3(numeric_in, CStringGetDatum(buf.data),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}
