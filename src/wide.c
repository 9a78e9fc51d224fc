/*
 * wide.c
 *	  Exact integers of 256 bits.
 *
 * Only what the summaries need: the largest sums, and the products that decide
 * whether a sum of squares can belong to a total.  Negative numbers are in
 * two's complement, so that sums, differences and products need not look at
 * the sign; what reads a number says whether it does.
 */
#include "postgres.h"

#include <math.h>

#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "kpi.h"

/* Digits that one division peels off: 10^19 is the most that 64 bits hold. */
#define CHUNK_DIGITS	19
#define CHUNK			UINT64CONST(10000000000000000000)

Wide
wide_from_int128(int128 value)
{
	uint64		sign = value < 0 ? PG_UINT64_MAX : 0;
	Wide		result = {{(uint64) value, (uint64) (value >> 64), sign, sign}};

	return result;
}

Wide
wide_from_uint128(uint128 value)
{
	Wide		result = {{(uint64) value, (uint64) (value >> 64), 0, 0}};

	return result;
}

/* The caller knows that it fits. */
int128
wide_to_int128(Wide value)
{
	return (int128) ((uint128) value.word[1] << 64 | value.word[0]);
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

/* a -= b */
void
wide_subtract(Wide *a, Wide b)
{
	bool		borrow = false;

	for (int i = 0; i < WIDE_WORDS; i++)
	{
		uint128		difference = (uint128) a->word[i] - b.word[i] - borrow;

		a->word[i] = (uint64) difference;
		borrow = (difference >> 64) != 0;
	}
}

/* Less than, equal to or greater than 0 as a is to b; neither is negative. */
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

bool
wide_is_negative(Wide value)
{
	return value.word[WIDE_WORDS - 1] >> 63 != 0;
}

void
wide_negate(Wide *value)
{
	Wide		result = {{0, 0, 0, 0}};

	wide_subtract(&result, *value);
	*value = result;
}

/* value = value * 10 + digit, unsigned; false when that does not fit. */
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

/* The value is not negative. */
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
wide_print(StringInfo buf, Wide value, int scale)
{
	bool		negative = wide_is_negative(value);
	char		digits[5 * CHUNK_DIGITS];	/* 2^256 has 78 digits */
	char	   *first = digits + sizeof(digits);
	char	   *end = digits + sizeof(digits);
	int			count;

	if (negative)
		wide_negate(&value);
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
	} while (!wide_is_zero(value) || end - first <= scale);

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
wide_to_numeric(Wide value, int scale)
{
	StringInfoData buf;

	initStringInfo(&buf);
	wide_print(&buf, value, scale);
	return DirectFunctionCall3(numeric_in, CStringGetDatum(buf.data),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

/* Sends the lowest words, which hold the value, the most significant first. */
void
wide_send(StringInfo buf, Wide value, int words)
{
	while (words-- > 0)
		pq_sendint64(buf, value.word[words]);
}

/* Receives a value with a sign. */
Wide
wide_receive(StringInfo buf, int words)
{
	Wide		value;

	for (int i = words - 1; i >= 0; i--)
		value.word[i] = pq_getmsgint64(buf);
	for (int i = words; i < WIDE_WORDS; i++)
		value.word[i] = (int64) value.word[words - 1] < 0 ? PG_UINT64_MAX : 0;
	return value;
}
