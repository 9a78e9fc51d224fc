/*
 * stats.c
 *	  The distributions, on plain numbers.
 */
#include "postgres.h"

#include <math.h>

#include "kpi.h"

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

/*
 * The quantile that leaves (1 - confidence) / 2 above it: a two-sided interval
 * at that confidence lies within so many standard deviations.
 */
double
normal_quantile_two_sided(double confidence)
{
	return -normal_quantile((1 - confidence) / 2);
}

/* The probability of less than z */
double
normal_probability(double z)
{
	return erfc(-z * M_SQRT1_2) / 2;
}

/* The probability of z or more away from 0, in either direction */
double
normal_two_sided(double z)
{
	return erfc(fabs(z) * M_SQRT1_2);
}

/* ----------
 * The beta distribution, and with it Student's t
 *
 * Let X be of the beta distribution with parameters a and b, and u the logit
 * of x, ln(x / (1 - x)).  The logit of X has the density
 *
 *		f(u) = s(u)^a * s(-u)^b / B(a, b),		s(u) = 1 / (1 + e^-u)
 *
 * which, unlike that of X, has no pole and a concave logarithm whatever a and
 * b are.  So one method serves for all of them: a tail is f at its end times
 * the integral of f(u - v) / f(u) over v, which falls from 1, and Gauss and
 * Legendre's formula over panels in which it falls by about e^4 gives 13
 * digits.  Student's t with n degrees of freedom is a case of it:
 * n / (n + t^2) has the parameters n / 2 and 1 / 2, and its logit is
 * ln(n / t^2).
 * ----------
 */
#define LEGENDRE_POINTS		6	/* on each side of the middle */

/*
 * With parameters from BETA_LEAST to BETA_MOST no logit up to LAST_LOGIT makes
 * anything overflow, and X is 0 or 1 to 200 digits beyond it.
 */
#define LAST_LOGIT			500

static double
logistic(double u)
{
	return u > 0 ? 1 / (1 + exp(-u)) : exp(u) / (1 + exp(u));
}

/*
 * ln(x!) less Stirling's formula, and x ln(x / m) + m - x: with them the
 * binomial probability keeps its digits however large the numbers are
 * (C. Loader, Fast and Accurate Computation of Binomial Probabilities, 2000).
 */
static double
stirling_error(double x)
{
	static const double coefficient[] = {
		1.0 / 156, -691.0 / 360360, 1.0 / 1188, -1.0 / 1680,
		1.0 / 1260, -1.0 / 360, 1.0 / 12
	};
	double		result = 0;

	if (x < 10)
		return lgamma(x + 1) - (x + 0.5) * log(x) + x - log(2 * M_PI) / 2;
	for (int i = 0; i < (int) lengthof(coefficient); i++)
		result = result / (x * x) + coefficient[i];
	return result / x;
}

static double
binomial_deviance(double x, double m)
{
	double		ratio = (x - m) / (x + m);
	double		term = 2 * x * ratio;
	double		sum = (x - m) * ratio;

	if (!(fabs(ratio) < 0.1))
		return x * log(x / m) + m - x;
	/* ratio^2 is below 0.01: each term gives two digits. */
	for (int i = 3; i < 21; i += 2)
	{
		term *= ratio * ratio;
		sum += term / i;
	}
	return sum;
}

/* f(u) of the comment above */
static double
beta_logit_density(double u, double a, double b)
{
	double		n = a + b;
	double		exponent = stirling_error(n) - stirling_error(a) -
		stirling_error(b) - binomial_deviance(a, n * logistic(u)) -
		binomial_deviance(b, n * logistic(-u));

	return exp(exponent) * sqrt(a / n * b / (2 * M_PI));
}

/* ln(f(u - v) / f(u)), s and t being s(u) and s(-u) */
static double
beta_logit_fall(double v, double a, double b, double s, double t)
{
	double		growth = expm1(v);

	return -a * log1p(t * growth) - b * log1p(-s * growth / (1 + growth));
}

/* The probability of less than u, which is not beyond the mode ln(a / b) */
static double
beta_logit_tail(double u, double a, double b)
{
	static const double point[LEGENDRE_POINTS] = {
		0.98156063424671925069, 0.90411725637047485668,
		0.76990267419430468704, 0.58731795428661744730,
		0.36783149899818019375, 0.12523340851146891547
	};
	static const double weight[LEGENDRE_POINTS] = {
		0.04717533638651182719, 0.10693932599531843096,
		0.16007832854334622633, 0.20316742672306592175,
		0.23349253653835480876, 0.24914704581340278500
	};
	double		s = logistic(u);
	double		t = logistic(-u);
	double		v = 0;
	double		sum = 0;

	for (;;)
	{
		double		here = logistic(u - v);
		double		slope = Max(a * logistic(v - u) - b * here, 0);
		double		bend = (a + b) * here * logistic(v - u);
		double		fall = beta_logit_fall(v, a, b, s, t);
		double		half;

		if (!(fall >= -42))
			break;
		if ((a + b) * here < 1e-17 * a)
		{
			/* From here on it falls as e^(-a * v) does. */
			sum += exp(fall) / a;
			break;
		}
		/* Panels of 2 at the most, as f has poles at a distance of pi. */
		half = Min(1, 4 / (slope + sqrt(slope * slope + 8 * bend)));
		for (int i = 0; i < LEGENDRE_POINTS; i++)
		{
			double		step = half * point[i];

			sum += half * weight[i] *
				(exp(beta_logit_fall(v + half - step, a, b, s, t)) +
				 exp(beta_logit_fall(v + half + step, a, b, s, t)));
		}
		v += 2 * half;
	}
	return sum * beta_logit_density(u, a, b);
}

/* The probability that the logit is less than u */
static double
beta_logit_probability(double u, double a, double b)
{
	if (u <= log(a / b))
		return beta_logit_tail(u, a, b);
	return 1 - beta_logit_tail(-u, b, a);
}

/*
 * The logit that is not reached with probability p.
 *
 * The logarithm of the probability F is concave and ascends, so that Newton's
 * method for ln F = ln p cannot fail; Halley's, with the second derivative,
 * takes fewer steps from 'u', where it is thought to be.  It wants the smaller
 * tail, and not to begin where F is 0.  A distribution narrower than 1e-8 is
 * normal to 16 digits: 'u' is good as it is, and its tail too narrow to be
 * integrated.
 */
static double
beta_logit_quantile(double p, double a, double b, double u)
{
	double		mode = log(a / b);
	double		deviation = sqrt(1 / a + 1 / b);
	double		step;

	if (p > 0.5)
		return -beta_logit_quantile(1 - p, b, a, -u);
	if (p == 0)
		return -INFINITY;
	if (deviation < 1e-8)
		return u;

	/* Parameters as small as these may put so much on 0 itself, or on 1. */
	if (a < 0.5 && beta_logit_probability(-LAST_LOGIT, a, b) >= p)
		return -INFINITY;
	if (b < 0.5 && beta_logit_probability(LAST_LOGIT, a, b) <= p)
		return INFINITY;
	u = Min(Max(u, -LAST_LOGIT), LAST_LOGIT);
	for (int i = 0; i < 200; i++)
	{
		double		probability = beta_logit_probability(u, a, b);
		double		slope = beta_logit_density(u, a, b) / probability;
		double		bend = a * logistic(-u) - b * logistic(u) - slope;

		if (!(probability > 0 && slope > 0))
		{
			u = (u + mode) / 2;
			continue;
		}
		step = log(probability / p) / slope;
		step /= Max(1 - step * bend / slope / 2, 0.5);
		u = Min(Max(u - step, -LAST_LOGIT), LAST_LOGIT);
		if (fabs(step) < 1e-6 * deviation)
			break;
	}
	return u;
}

/* As if the logit were normal: 0 < p < 1 */
static double
beta_logit_guess(double p, double a, double b)
{
	return log(a / b) + normal_quantile(p) * sqrt(1 / a + 1 / b);
}

/* The x below which X lies with probability p, and that above which it does */
double
beta_quantile(double p, double a, double b)
{
	return logistic(beta_logit_quantile(p, a, b, beta_logit_guess(p, a, b)));
}

double
beta_upper_quantile(double p, double a, double b)
{
	return logistic(-beta_logit_quantile(p, b, a, beta_logit_guess(p, b, a)));
}

/* The probability of t or more away from 0, in either direction */
double
student_two_sided(double t, double freedom)
{
	if (t == 0)
		return 1;
	return beta_logit_probability(log(freedom) - 2 * log(fabs(t)),
								  freedom / 2, 0.5);
}

/*
 * The t that is not exceeded in either direction with probability
 * 'confidence', from the first term of its expansion about the normal quantile
 */
double
student_quantile_two_sided(double confidence, double freedom)
{
	double		z = normal_quantile_two_sided(confidence);
	double		guess = z + z * (z * z + 1) / (4 * freedom);
	double		u = beta_logit_quantile(1 - confidence, freedom / 2, 0.5,
										log(freedom) - 2 * log(guess));

	return sqrt(freedom * exp(-u));
}
