/*
 * prior.c
 *	  prior_agg, adjusted_ratio: what the peers tell of a rep with little data.
 *
 * The true ratios of the reps of a group are taken to be of a beta
 * distribution with mean mu and, as if so many decisions stood behind it,
 * kappa = alpha + beta.  The passed of a rep are then beta-binomial, and the
 * rep's ratio given the decisions is of the beta distribution with parameters
 * passed + alpha and failed + beta.  Fitted are the mu and kappa that make
 *
 *		sum of ln BetaBinomial(passed; decided, mu, kappa)
 *		+ ln mu (1 - mu) - ln kappa - (ln kappa - ln 30)^2 / 2
 *
 * the greatest.  The last three terms are a prior of the prior: without them
 * few reps who differ little by chance make kappa infinite, and the interval
 * of a rep is then that of a group in which all are the same.
 *
 * The state is the array of all rates: what fits them all is no function of
 * sums.  They are sorted first, so that their order cannot show.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/float.h"

#include "kpi.h"

PG_FUNCTION_INFO_V1(kpi_prior_trans);
PG_FUNCTION_INFO_V1(kpi_prior_combine);
PG_FUNCTION_INFO_V1(kpi_prior_final);
PG_FUNCTION_INFO_V1(kpi_posterior_mean);
PG_FUNCTION_INFO_V1(kpi_posterior_low);
PG_FUNCTION_INFO_V1(kpi_posterior_high);

#define USUAL_KAPPA		30

/* A distribution of ratios */
typedef struct Beta
{
	double		alpha;
	double		beta;
} Beta;

/* ----------
 * The fit
 *
 * In theta = logit mu and lambda = ln kappa, which are free, by Newton's
 * method, each step halved until it leads upwards.
 * ----------
 */
typedef struct Fit
{
	const Rate *rate;
	int			nrates;
	double		theta;
	double		lambda;
} Fit;

static double
fit_mu(const Fit *fit)
{
	return 1 / (1 + exp(-fit->theta));
}

/* ln of the odds that n more are found after a */
static double
log_rising(double a, double n)
{
	return n == 0 ? 0 : lgamma(a + n) - lgamma(a);
}

/* What is to be the greatest, without what is the same for all mu and kappa */
static double
fit_likelihood(const Fit *fit)
{
	double		mu = fit_mu(fit);
	double		kappa = exp(fit->lambda);
	double		distance = fit->lambda - log(USUAL_KAPPA);
	double		sum = log(mu) + log(1 - mu) - fit->lambda - distance * distance / 2;

	for (int i = 0; i < fit->nrates; i++)
	{
		const Rate *rate = &fit->rate[i];

		sum += log_rising(mu * kappa, (double) rate->passed) +
			log_rising((1 - mu) * kappa, (double) (rate->decided - rate->passed)) -
			log_rising(kappa, (double) rate->decided);
	}
	return sum;
}

/*
 * digamma(x) less ln(reached), and trigamma(x): by the series of Stirling's
 * formula from 10 on, which is reached by steps of 1
 */
typedef struct Polygamma
{
	double		first;
	double		second;
	double		reached;
} Polygamma;

static Polygamma
polygamma(double x)
{
	Polygamma	sum = {0, 0, 0};
	double		r;

	for (; x < 10; x++)
	{
		sum.first -= 1 / x;
		sum.second += 1 / (x * x);
	}
	r = 1 / (x * x);
	sum.first += -0.5 / x - r * (1.0 / 12 - r * (1.0 / 120 -
			r * (1.0 / 252 - r * (1.0 / 240 - r * (1.0 / 132 - r * 691.0 / 32760)))));
	sum.second += 1 / x + r / 2 + r / x * (1.0 / 6 - r * (1.0 / 30 -
			r * (1.0 / 42 - r * (1.0 / 30 - r * (5.0 / 66 - r * 691.0 / 2730)))));
	sum.reached = x;
	return sum;
}

/* Sums over the rates of the first and second derivative of log_rising by a */
typedef struct Slope
{
	double		first;
	double		second;
} Slope;

static void
slope_add(Slope *sum, const Polygamma *at_a, double a, double n)
{
	if (n > 0)
	{
		Polygamma	beyond = polygamma(a + n);

		sum->first += log1p((beyond.reached - at_a->reached) / at_a->reached) +
			(beyond.first - at_a->first);
		sum->second += beyond.second - at_a->second;
	}
}

/* The step that Newton's method takes from here, and its length at most */
static void
fit_step(const Fit *fit, double *theta, double *lambda)
{
	double		mu = fit_mu(fit);
	double		kappa = exp(fit->lambda);
	double		alpha = mu * kappa;
	double		beta = (1 - mu) * kappa;
	double		w = mu * (1 - mu) * kappa;	/* d alpha / d theta */
	Polygamma	at_alpha = polygamma(alpha);
	Polygamma	at_beta = polygamma(beta);
	Polygamma	at_kappa = polygamma(kappa);
	Slope		passed = {0, 0};
	Slope		failed = {0, 0};
	Slope		decided = {0, 0};
	double		a;				/* the derivatives by alpha and beta */
	double		b;
	double		aa;
	double		ab;
	double		bb;
	double		t;				/* and by theta and lambda */
	double		l;
	double		tt;
	double		tl;
	double		ll;
	double		determinant;
	double		length;

	for (int i = 0; i < fit->nrates; i++)
	{
		const Rate *rate = &fit->rate[i];

		slope_add(&passed, &at_alpha, alpha, (double) rate->passed);
		slope_add(&failed, &at_beta, beta, (double) (rate->decided - rate->passed));
		slope_add(&decided, &at_kappa, kappa, (double) rate->decided);
	}
	a = passed.first - decided.first;
	b = failed.first - decided.first;
	aa = passed.second - decided.second;
	bb = failed.second - decided.second;
	ab = -decided.second;

	t = w * (a - b) + 1 - 2 * mu;
	l = alpha * a + beta * b - 1 - (fit->lambda - log(USUAL_KAPPA));
	tt = w * w * (aa - 2 * ab + bb) + w * (1 - 2 * mu) * (a - b) - 2 * mu * (1 - mu);
	ll = alpha * alpha * aa + 2 * alpha * beta * ab + beta * beta * bb +
		alpha * a + beta * b - 1;
	tl = w * (alpha * aa + (beta - alpha) * ab - beta * bb) + w * (a - b);

	determinant = tt * ll - tl * tl;
	if (tt < 0 && determinant > 0)
	{
		*theta = (tl * l - ll * t) / determinant;
		*lambda = (tl * t - tt * l) / determinant;
	}
	else
	{
		/* Not under a peak: upwards */
		*theta = t;
		*lambda = l;
	}
	length = hypot(*theta, *lambda);
	if (length > 2)
	{
		*theta *= 2 / length;
		*lambda *= 2 / length;
	}
}

/* There is at least one rate, and all decided something. */
static Beta
beta_fit(const Rate *rate, int nrates)
{
	Fit			fit = {rate, nrates, 0, log(USUAL_KAPPA)};
	double		passed = 0.5;
	double		failed = 0.5;
	double		likelihood;
	Beta		beta;

	for (int i = 0; i < nrates; i++)
	{
		passed += (double) rate[i].passed;
		failed += (double) (rate[i].decided - rate[i].passed);
	}
	fit.theta = log(passed / failed);
	likelihood = fit_likelihood(&fit);

	for (int i = 0; i < 200; i++)
	{
		Fit			from = fit;
		double		theta;
		double		lambda;
		double		length;
		double		before = likelihood;

		CHECK_FOR_INTERRUPTS();
		fit_step(&from, &theta, &lambda);
		length = hypot(theta, lambda);
		do
		{
			fit.theta = from.theta + theta;
			fit.lambda = from.lambda + lambda;
			likelihood = fit_likelihood(&fit);
			theta /= 2;
			lambda /= 2;
			/* The last steps are too short to be told by what they gain. */
		} while (length > 1e-4 && likelihood < before && hypot(theta, lambda) > 1e-9);
		if (length < 1e-11)
			break;
	}
	beta.alpha = fit_mu(&fit) * exp(fit.lambda);
	beta.beta = exp(fit.lambda) - beta.alpha;
	return beta;
}

/* ----------
 * The aggregate
 * ----------
 */

static int
rates_count(const ArrayType *rates)
{
	if (ARR_NDIM(rates) > 1 || ARR_HASNULL(rates))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("rates must be a one-dimensional array without NULL")));
	return ARR_NDIM(rates) == 0 ? 0 : ARR_DIMS(rates)[0];
}

/* Where an array without NULL has its elements */
static Rate *
rates_data(const ArrayType *rates)
{
	return (Rate *) ((char *) rates + ARR_OVERHEAD_NONULLS(1));
}

/*
 * The first argument with room for 'more' rates behind its own: a state is
 * used where it lies while it has room, and doubled when it has none.
 */
static ArrayType *
rates_state(FunctionCallInfo fcinfo, int more)
{
	ArrayType  *state = PG_GETARG_ARRAYTYPE_P(0);
	int			nrates = rates_count(state);
	ArrayType  *copy;
	Size		size;

	if (nrates + more == 0)
		return state;
	if (nrates > 0 && summary_is_state(fcinfo) &&
		VARSIZE(state) >= ARR_OVERHEAD_NONULLS(1) + (nrates + more) * sizeof(Rate))
		return state;

	size = add_size(ARR_OVERHEAD_NONULLS(1),
					mul_size(2 * (Size) (nrates + more), sizeof(Rate)));
	copy = palloc0(size);
	SET_VARSIZE(copy, size);
	copy->ndim = 1;
	copy->elemtype = ARR_ELEMTYPE(state);
	ARR_DIMS(copy)[0] = nrates;
	ARR_LBOUND(copy)[0] = 1;
	memcpy(rates_data(copy), rates_data(state), nrates * sizeof(Rate));
	return copy;
}

static void
rates_append(ArrayType *state, const Rate *rate, int number)
{
	if (number == 0)
		return;
	memcpy(rates_data(state) + ARR_DIMS(state)[0], rate, number * sizeof(Rate));
	ARR_DIMS(state)[0] += number;
}

Datum
kpi_prior_trans(PG_FUNCTION_ARGS)
{
	Rate	   *rate = PG_GETARG_RATE_P(1);
	ArrayType  *state;

	if (rate->decided == 0)
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	state = rates_state(fcinfo, 1);
	rates_append(state, rate, 1);
	PG_RETURN_ARRAYTYPE_P(state);
}

Datum
kpi_prior_combine(PG_FUNCTION_ARGS)
{
	ArrayType  *other = PG_GETARG_ARRAYTYPE_P(1);
	int			nrates = rates_count(other);
	ArrayType  *state = rates_state(fcinfo, nrates);

	rates_append(state, rates_data(other), nrates);
	PG_RETURN_ARRAYTYPE_P(state);
}

static int
rate_compare(const void *a, const void *b)
{
	const Rate *r = a;
	const Rate *s = b;

	if (r->decided != s->decided)
		return r->decided < s->decided ? -1 : 1;
	return r->passed < s->passed ? -1 : r->passed > s->passed;
}

Datum
kpi_prior_final(PG_FUNCTION_ARGS)
{
	ArrayType  *state = PG_GETARG_ARRAYTYPE_P(0);
	int			nrates = rates_count(state);
	Rate	   *rate;
	Beta		beta;
	TupleDesc	tupdesc;
	Datum		values[2];
	bool		nulls[2] = {false};

	if (nrates == 0)
		PG_RETURN_NULL();
	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	rate = palloc_array(Rate, nrates);
	memcpy(rate, rates_data(state), nrates * sizeof(Rate));
	qsort(rate, nrates, sizeof(Rate), rate_compare);
	beta = beta_fit(rate, nrates);
	pfree(rate);
	values[0] = Float8GetDatum(beta.alpha);
	values[1] = Float8GetDatum(beta.beta);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tupdesc), values, nulls));
}

/* ----------
 * A rate with a prior
 * ----------
 */

static double
parameter_argument(FunctionCallInfo fcinfo, int n, const char *what)
{
	double		value = PG_GETARG_FLOAT8(n);

	if (!(value >= BETA_LEAST && value <= BETA_MOST))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be between %g and %g, not %s", what,
						BETA_LEAST, BETA_MOST, float8out_internal(value))));
	return value;
}

/* What is known of the ratio: arguments rate, alpha, beta */
static Beta
posterior_arguments(FunctionCallInfo fcinfo)
{
	Rate	   *rate = PG_GETARG_RATE_P(0);
	Beta		posterior = {
		(double) rate->passed + parameter_argument(fcinfo, 1, "alpha"),
		(double) (rate->decided - rate->passed) +
		parameter_argument(fcinfo, 2, "beta")
	};

	return posterior;
}

/* The mean: passed + alpha of decided + alpha + beta */
Datum
kpi_posterior_mean(PG_FUNCTION_ARGS)
{
	Beta		posterior = posterior_arguments(fcinfo);

	PG_RETURN_FLOAT8(1 / (1 + posterior.beta / posterior.alpha));
}

/* The probability that a bound leaves beyond it: argument confidence */
static double
tail_argument(FunctionCallInfo fcinfo)
{
	double		confidence = PG_GETARG_FLOAT8(3);

	check_confidence(confidence);
	return (1 - confidence) / 2;
}

Datum
kpi_posterior_low(PG_FUNCTION_ARGS)
{
	double		tail = tail_argument(fcinfo);
	Beta		posterior = posterior_arguments(fcinfo);

	PG_RETURN_FLOAT8(beta_quantile(tail, posterior.alpha, posterior.beta));
}

Datum
kpi_posterior_high(PG_FUNCTION_ARGS)
{
	double		tail = tail_argument(fcinfo);
	Beta		posterior = posterior_arguments(fcinfo);

	PG_RETURN_FLOAT8(beta_upper_quantile(tail, posterior.alpha, posterior.beta));
}
