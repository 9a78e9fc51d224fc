/*
 * kpi.h
 *	  What the families of kpi share: the limits, the summary types, the
 *	  readers of text and numbers.
 *
 * A summary holds exact sufficient statistics.  For each of them
 *
 *		agg(whole) = rollup(agg(pieces))
 *
 * bit for bit, however the rows are cut, so the arithmetic is on integers and
 * equal values are equal bytes.  The transition type of an aggregate is the
 * public type itself; it is changed in place only inside an aggregate.
 */
#ifndef KPI_H
#define KPI_H

#include "compat.h"

#include "common/int.h"
#include "lib/stringinfo.h"
#include "nodes/nodes.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

/* Libraries share one name space in a server: only the SQL functions show. */
#pragma GCC visibility push(hidden)

/* Every binary message and every variable-length value begins with it. */
#define SUMMARY_VERSION		1

/* Money is kept in ten-thousandths, below 10^14 units. */
#define AMOUNT_SCALE		4
#define AMOUNT_UNIT			10000
#define AMOUNT_LIMIT		INT64CONST(1000000000000000000)	/* 10^14 units */

/* Cells that one cycle or history may hold; beyond it lies bad data. */
#define MAX_CELLS			20000

/* Steps of a funnel. */
#define MAX_STEPS			32

/*
 * Wide integers
 *
 * Sums of squares of amounts need 192 bits, their products and the variance of
 * a forecast 256.  Negative numbers are in two's complement.
 */
#define WIDE_WORDS			4

typedef struct Wide
{
	uint64		word[WIDE_WORDS];	/* least significant first */
} Wide;

extern Wide wide_from_int128(int128 value);
extern Wide wide_from_uint128(uint128 value);
extern int128 wide_to_int128(Wide value);
extern Wide wide_multiply(Wide a, Wide b);
extern void wide_subtract(Wide *a, Wide b);
extern int	wide_compare(Wide a, Wide b);
extern bool wide_is_zero(Wide value);
extern bool wide_is_negative(Wide value);
extern void wide_negate(Wide *value);
extern bool wide_append_digit(Wide *value, int digit);
extern double wide_to_double(Wide value);
extern void wide_print(StringInfo buf, Wide value, int scale);
extern Datum wide_to_numeric(Wide value, int scale);
extern void wide_send(StringInfo buf, Wide value, int words);
extern Wide wide_receive(StringInfo buf, int words);

/* a += b */
static inline void
wide_add(Wide *a, Wide b)
{
	uint128		sum = 0;

	for (int i = 0; i < WIDE_WORDS; i++)
	{
		sum += (uint128) a->word[i] + b.word[i];
		a->word[i] = (uint64) sum;
		sum >>= 64;
	}
}

/*
 * Scanning the text form of a summary
 *
 * Each function that returns bool is false when the text is not of its form;
 * the caller then ends with scan_syntax_error().
 */
typedef struct TextScan
{
	const char *type;			/* name of the type, for messages */
	const char *text;			/* the whole input */
	const char *at;				/* what is still to be read */
	Node	   *escontext;		/* where soft errors go, or NULL */
} TextScan;

extern TextScan scan_start(FunctionCallInfo fcinfo, const char *type);
extern bool scan_char(TextScan *scan, char c);
extern bool scan_word(TextScan *scan, const char *word);
extern bool scan_number(TextScan *scan, int scale, int words, Wide *value);
extern bool scan_int64(TextScan *scan, int64 *value);
extern bool scan_end(TextScan *scan);
extern bool scan_syntax_error(TextScan *scan);

/*
 * rate: passed of decided
 */
typedef struct Rate
{
	int64		passed;
	int64		decided;		/* 0 <= passed <= decided */
} Rate;

#define DatumGetRateP(datum)	((Rate *) DatumGetPointer(datum))
#define PG_GETARG_RATE_P(n)		DatumGetRateP(PG_GETARG_DATUM(n))

extern Rate *rate_make(int64 passed, int64 decided);
extern bool rate_ratio(const Rate *rate, double *ratio);
extern void rate_add(Rate *rate, const Rate *other);
extern void rate_subtract(Rate *rate, const Rate *other);

/*
 * sales: number, sum and sum of squares of amounts
 */
typedef struct Amounts
{
	int128		total;			/* in ten-thousandths */
	uint64		squares[3];		/* in their squares, least significant first */
} Amounts;

typedef struct Sales
{
	int64		count;
	Amounts		amounts;
} Sales;

#define DatumGetSalesP(datum)	((Sales *) DatumGetPointer(datum))
#define PG_GETARG_SALES_P(n)	DatumGetSalesP(PG_GETARG_DATUM(n))

extern int64 amount_from_numeric(Datum numeric);
extern int64 amount_from_float8(double value);
extern void amounts_add(Amounts *amounts, const Amounts *other);
extern void amounts_subtract(Amounts *amounts, const Amounts *other);
extern bool amounts_valid(int64 count, const Amounts *amounts);
extern void amounts_print(StringInfo buf, const Amounts *amounts);
extern bool amounts_scan(TextScan *scan, Amounts *amounts);
extern void amounts_send(StringInfo buf, const Amounts *amounts);
extern void amounts_receive(StringInfo buf, Amounts *amounts);
extern void sales_add(Sales *sales, const Sales *other);
extern bool sales_mean(const Sales *sales, double *mean);
extern bool sales_variance(const Sales *sales, double *variance);
extern double sales_mean_difference(const Sales *a, const Sales *b);

static inline void
squares_add(uint64 *squares, uint64 low, uint64 middle, uint64 high)
{
	uint128		sum;

	sum = (uint128) squares[0] + low;
	squares[0] = (uint64) sum;
	sum = (uint128) squares[1] + middle + (uint64) (sum >> 64);
	squares[1] = (uint64) sum;
	squares[2] += high + (uint64) (sum >> 64);
}

/* Adds one amount; its square has at most 120 bits, so nothing overflows. */
static inline void
amounts_add_one(Amounts *amounts, int64 amount)
{
	uint64		size = amount < 0 ? -(uint64) amount : (uint64) amount;
	uint128		square = (uint128) size * size;

	amounts->total += amount;
	squares_add(amounts->squares, (uint64) square, (uint64) (square >> 64), 0);
}

/*
 * cycle: a life table, one cell for each day of age on which something was
 */
typedef struct CycleDay
{
	int64		net;			/* entered less left open */
	int64		won;
	int64		lost;
	int32		day;			/* of age, from 0 */
	int32		unused;			/* 0 */
} CycleDay;

typedef struct Cycle
{
	int32		vl_len_;		/* varlena header, do not touch */
	uint8		version;
	uint8		unused[3];		/* 0 */
	int32		ndays;
	int32		unused2;		/* 0 */
	CycleDay	day[FLEXIBLE_ARRAY_MEMBER];
} Cycle;

#define DatumGetCycleP(datum)	((Cycle *) PG_DETOAST_DATUM(datum))
#define PG_GETARG_CYCLE_P(n)	DatumGetCycleP(PG_GETARG_DATUM(n))

extern void cycle_won(const Cycle *cycle, int64 *won, int128 *days);

/* The curves of a cycle, day by day: see curve.c. */
typedef struct Curve
{
	const Cycle *cycle;
	int			next;			/* the cell that is still to come */
	int64		at_risk;		/* when its day begins, less its net */
	double		open;			/* still open, won and lost so far: shares */
	double		win;
	double		loss;
	double		open_variance;
	double		win_variance;
	double		covariance;		/* of open and win */
} Curve;

extern bool cycle_follow_up(const Cycle *cycle, int32 age, int64 last);
extern Curve curve_start(const Cycle *cycle, int32 age);
extern bool curve_next(Curve *curve, int64 last);

/*
 * Is the first argument the state of an aggregate that may be changed where it
 * lies?  The first value that rollup meets becomes its state as it was stored:
 * with a short header, compressed or elsewhere.
 */
static inline bool
summary_is_state(FunctionCallInfo fcinfo)
{
	return AggCheckCallContext(fcinfo, NULL) &&
		!VARATT_IS_EXTENDED(PG_GETARG_POINTER(0));
}

/*
 * Exact sums of doubles: a zeroed one is 0
 */
#define EXACT_SUM_WORDS		34

typedef struct ExactSum
{
	uint64		word[EXACT_SUM_WORDS];	/* two's complement, least first */
} ExactSum;

extern void exact_sum_add(ExactSum *sum, double value, int64 times);
extern int	exact_sum_sign(const ExactSum *sum);
extern double exact_sum_divide(const ExactSum *dividend, const ExactSum *divisor);

/*
 * Statistics
 */

/* Parameters of a beta distribution lie between them. */
#define BETA_LEAST			1e-10
#define BETA_MOST			1e30

typedef struct Bounds
{
	double		low;
	double		high;
} Bounds;

extern double normal_quantile(double p);
extern double normal_quantile_two_sided(double confidence);
extern double normal_probability(double z);
extern double normal_two_sided(double z);
extern double beta_quantile(double p, double a, double b);
extern double beta_upper_quantile(double p, double a, double b);
extern double student_two_sided(double t, double freedom);
extern double student_quantile_two_sided(double confidence, double freedom);

extern Bounds rate_interval(const Rate *rate, double confidence);
extern bool sales_interval(const Sales *sales, double confidence,
						   Bounds *interval);

/*
 * Receiving, and the limits of counts and numbers
 */
extern void receive_version(StringInfo buf, const char *type);
extern void receive_count(StringInfo buf, int32 count, Size size, const char *type);
extern int64 checked_add(int64 a, int64 b, const char *what);
pg_noreturn extern void not_finite(const char *what, const char *value);
extern void check_finite(double value, const char *what);
extern void check_at_least_0(double value, const char *what);
extern void check_fraction(double value, const char *what);
extern void check_confidence(double confidence);
extern double checked_result(double value, const char *what);
extern int64 round_product(double value, double factor);

#pragma GCC visibility pop

#endif							/* KPI_H */
