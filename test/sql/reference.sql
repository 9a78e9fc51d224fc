\set ECHO none
\i test/setup.sql
SELECT plan(45);

-- Values that R gives, made by test/reference/generate.R. Each test lists the
-- rows that are off.

-- how far a value is from what R gives, as a share of it
CREATE FUNCTION pg_temp.off(value double precision, expected double precision) RETURNS double precision
	IMMUTABLE RETURN CASE
		WHEN value IS NOT DISTINCT FROM expected THEN 0
		WHEN value IS NULL OR expected IS NULL OR expected = 0 THEN 'infinity'
		ELSE abs(value - expected) / abs(expected)
	END;

-- intervals

CREATE TEMPORARY TABLE rate_interval (rate rate, confidence double precision, low double precision, high double precision);
\copy rate_interval FROM 'test/reference/rate_interval.csv' CSV HEADER
SELECT is(count(*), 530::bigint, 'intervals of ratios') FROM rate_interval;
SELECT is_empty(
	$$SELECT *, low(rate, confidence), high(rate, confidence) FROM rate_interval
		WHERE pg_temp.off(low(rate, confidence), low) > 1e-9 OR pg_temp.off(high(rate, confidence), high) > 1e-9$$,
	'low and high of a rate are those of prop.test');

CREATE TEMPORARY TABLE sales_interval (sales sales, confidence double precision, low double precision, high double precision);
\copy sales_interval FROM 'test/reference/sales_interval.csv' CSV HEADER
SELECT is(count(*), 508::bigint, 'intervals of average sales') FROM sales_interval;
SELECT is_empty(
	$$SELECT *, low(sales, confidence), high(sales, confidence) FROM sales_interval
		WHERE pg_temp.off(low(sales, confidence), low) > 1e-9 OR pg_temp.off(high(sales, confidence), high) > 1e-9$$,
	'low and high of sales are those of t.test');

-- significance

CREATE TEMPORARY TABLE fisher (own rate, peers rate, two_sided double precision, less double precision, greater double precision);
CREATE TEMPORARY TABLE score (LIKE fisher);
CREATE TEMPORARY TABLE welch (own sales, peers sales, two_sided double precision, less double precision, greater double precision);
CREATE TEMPORARY TABLE wilcoxon (own cycle, peers cycle, two_sided double precision, less double precision, greater double precision);
CREATE TEMPORARY TABLE wilcoxon_exact (LIKE wilcoxon);
CREATE TEMPORARY TABLE wilcoxon_many (LIKE wilcoxon);
\copy fisher FROM 'test/reference/fisher.csv' CSV HEADER
\copy score FROM 'test/reference/score.csv' CSV HEADER
\copy welch FROM 'test/reference/welch.csv' CSV HEADER
\copy wilcoxon FROM 'test/reference/wilcoxon.csv' CSV HEADER
\copy wilcoxon_exact FROM 'test/reference/wilcoxon_exact.csv' CSV HEADER
\copy wilcoxon_many FROM 'test/reference/wilcoxon_many.csv' CSV HEADER
SELECT is(3 * count(*), expected::bigint, name)
FROM (
	SELECT 1, 'p values by Fisher''s exact test', 1545 FROM fisher
	UNION ALL SELECT 2, 'p values by the score test', 1518 FROM score
	UNION ALL SELECT 3, 'p values by Welch''s t test', 921 FROM welch
	UNION ALL SELECT 4, 'p values by Wilcoxon''s exact test', 624 FROM wilcoxon_exact
	UNION ALL SELECT 5, 'p values by Wilcoxon''s test', 522 FROM wilcoxon
	UNION ALL SELECT 6, 'p values by Wilcoxon''s test, many deals', 120 FROM wilcoxon_many
) AS c(n, name, expected)
GROUP BY n, name, expected ORDER BY n;
SELECT is_empty(format(
	$$SELECT own, peers, alternative, expected, p_value(own, peers, alternative)
		FROM %I, LATERAL (VALUES ('two.sided', two_sided), ('less', less), ('greater', greater)) AS a(alternative, expected)
		WHERE pg_temp.off(p_value(own, peers, alternative), expected) > 1e-7$$, name),
	'p_value is that of ' || r)
FROM (VALUES
	('fisher', 'fisher.test'),
	('score', 'prop.test'),
	('welch', 't.test'),
	('wilcoxon_exact', 'wilcox.test and, with ties, of coin''s wilcox_test'),
	('wilcoxon', 'wilcox.test'),
	('wilcoxon_many', 'Wilcoxon''s definition')
) AS c(name, r);

CREATE TEMPORARY TABLE logrank (own cycle, peers cycle, p double precision);
CREATE TEMPORARY TABLE logrank_delayed (LIKE logrank);
CREATE TEMPORARY TABLE logrank_many (LIKE logrank);
\copy logrank FROM 'test/reference/logrank.csv' CSV HEADER
\copy logrank_delayed FROM 'test/reference/logrank_delayed.csv' CSV HEADER
\copy logrank_many FROM 'test/reference/logrank_many.csv' CSV HEADER
SELECT is(count(*), 305::bigint, 'log-rank p values') FROM logrank;
SELECT is(count(*), 250::bigint, 'log-rank p values with delayed entry') FROM logrank_delayed;
SELECT is(count(*), 40::bigint, 'log-rank p values, many deals') FROM logrank_many;
SELECT is_empty(format(
	$$SELECT *, p_value_win_curve(own, peers) FROM %I WHERE pg_temp.off(p_value_win_curve(own, peers), p) > 1e-7$$, name),
	'p_value_win_curve is that of ' || r)
FROM (VALUES
	('logrank', 'survdiff'),
	('logrank_delayed', 'coxph''s exact score test'),
	('logrank_many', 'Mantel and Haenszel''s definition')
) AS c(name, r);

CREATE TEMPORARY TABLE q_values (id integer GENERATED ALWAYS AS IDENTITY, p double precision[], q double precision[]);
\copy q_values (p, q) FROM 'test/reference/q_values.csv' CSV HEADER
SELECT is(sum(cardinality(p)), 589::bigint, 'q values') FROM q_values;
SELECT is_empty(
	$$SELECT *, q_values(p) FROM q_values
		WHERE cardinality(q_values(p)) <> cardinality(q)
			OR EXISTS (SELECT FROM unnest(q_values(p), q) AS v(value, expected) WHERE pg_temp.off(value, expected) > 1e-9)$$,
	'q_values are those of p.adjust');
SELECT is_empty(
	$$SELECT * FROM (
			SELECT id, n, v.p, expected, q_value(v.p) OVER (PARTITION BY id) AS value
			FROM q_values AS q, unnest(q.p, q.q) WITH ORDINALITY AS v(p, expected, n)
		) AS v
		WHERE pg_temp.off(value, expected) > 1e-9$$,
	'q_value over a partition is that of p.adjust');

-- prior

CREATE TEMPORARY TABLE beta_quantile (rate rate, prior beta_prior, confidence double precision, ratio double precision, low double precision, high double precision);
\copy beta_quantile FROM 'test/reference/beta_quantile.csv' CSV HEADER
SELECT is(count(*), 518::bigint, 'adjusted ratios') FROM beta_quantile;
SELECT is_empty(
	$$SELECT *, adjusted_ratio(rate, prior), low(rate, prior, confidence), high(rate, prior, confidence) FROM beta_quantile
		WHERE pg_temp.off(adjusted_ratio(rate, prior), ratio) > 1e-9
			OR pg_temp.off(low(rate, prior, confidence), low) > 1e-9 OR pg_temp.off(high(rate, prior, confidence), high) > 1e-9$$,
	'low and high of an adjusted ratio are quantiles by pbeta');

CREATE TEMPORARY TABLE prior (rates rate[], alpha double precision, beta double precision);
\copy prior FROM 'test/reference/prior.csv' CSV HEADER
SELECT is(count(*), 516::bigint, 'priors') FROM prior;
SELECT is_empty(
	$$SELECT rates, prior.alpha, prior.beta, fitted
		FROM prior, LATERAL (SELECT prior_agg(rate) AS fitted FROM unnest(rates) AS rate) AS f
		WHERE pg_temp.off((fitted).alpha, prior.alpha) > 1e-9 OR pg_temp.off((fitted).beta, prior.beta) > 1e-9$$,
	'prior_agg finds the maximum that R finds');

-- curves

CREATE TEMPORARY TABLE curve_cycle (id integer, confidence double precision, cycle cycle);
CREATE TEMPORARY TABLE curve (id integer, day integer, win double precision, loss double precision, still_open double precision, low double precision, high double precision);
\copy curve_cycle FROM 'test/reference/curve_cycle.csv' CSV HEADER
\copy curve FROM 'test/reference/curve.csv' CSV HEADER
SELECT is(count(*), 585::bigint, 'days of curves') FROM curve;
CREATE TEMPORARY VIEW curve_pair AS
SELECT id, cycle, day, c.win, r.win AS r_win, c.loss, r.loss AS r_loss, c.still_open, r.still_open AS r_still_open,
	c.low, r.low AS r_low, c.high, r.high AS r_high
FROM (SELECT id, cycle, (curve(cycle, confidence)).* FROM curve_cycle) AS c FULL JOIN curve AS r USING (id, day);
SELECT is_empty(
	$$SELECT id, cycle, day, win, r_win, loss, r_loss, still_open, r_still_open FROM curve_pair
		WHERE pg_temp.off(win, r_win) > 1e-9 OR pg_temp.off(loss, r_loss) > 1e-9 OR pg_temp.off(still_open, r_still_open) > 1e-9$$,
	'win, loss and still_open are those of survfit');
SELECT is_empty(
	$$SELECT id, cycle, day, win, low, r_low, high, r_high FROM curve_pair
		WHERE pg_temp.off(low, r_low) > 1e-9 OR pg_temp.off(high, r_high) > 1e-9$$,
	'low and high are those of etm''s standard error');

CREATE TEMPORARY TABLE horizon_cycle (id integer, cycle cycle);
CREATE TEMPORARY TABLE horizon (id integer, days integer, win double precision, loss double precision, low double precision, high double precision);
CREATE TEMPORARY TABLE within (id integer, age integer, within integer, win double precision);
CREATE TEMPORARY TABLE quantile (id integer, q double precision, horizon integer, days integer);
\copy horizon_cycle FROM 'test/reference/horizon_cycle.csv' CSV HEADER
\copy horizon FROM 'test/reference/horizon.csv' CSV HEADER
\copy within FROM 'test/reference/within.csv' CSV HEADER
\copy quantile FROM 'test/reference/quantile.csv' CSV HEADER
SELECT is(count(*), 576::bigint, 'horizons') FROM horizon;
SELECT is_empty(
	$$SELECT id, cycle, days, win, win_probability(cycle, days), loss, loss_probability(cycle, days) FROM horizon JOIN horizon_cycle USING (id)
		WHERE pg_temp.off(win_probability(cycle, days), win) > 1e-9 OR pg_temp.off(loss_probability(cycle, days), loss) > 1e-9$$,
	'win_probability and loss_probability are those of survfit where follow-up is complete');
SELECT is_empty(
	$$SELECT id, cycle, days, low, win_probability_low(cycle, days), high, win_probability_high(cycle, days) FROM horizon JOIN horizon_cycle USING (id)
		WHERE pg_temp.off(win_probability_low(cycle, days), low) > 1e-9 OR pg_temp.off(win_probability_high(cycle, days), high) > 1e-9$$,
	'win_probability_low and high are those of etm''s standard error');
SELECT is(count(*), 576::bigint, 'ages and days within') FROM within;
SELECT is_empty(
	$$SELECT id, cycle, age, within, win, win_probability(cycle, age, within) FROM within JOIN horizon_cycle USING (id)
		WHERE pg_temp.off(win_probability(cycle, age, within), win) > 1e-9$$,
	'win_probability from an age is that of survfit begun there');
SELECT is(count(*), 576::bigint, 'quantiles') FROM quantile;
SELECT is_empty(
	$$SELECT id, cycle, q, horizon, days, quantile_days(cycle, q, horizon) FROM quantile JOIN horizon_cycle USING (id)
		WHERE quantile_days(cycle, q, horizon) IS DISTINCT FROM days
			OR q = 0.5 AND median_days(cycle, horizon) IS DISTINCT FROM days$$,
	'quantile_days and median_days are those of survfit''s curve');

CREATE TEMPORARY TABLE bootstrap (cycle cycle, horizon integer, median integer, low_from integer, low_to integer, high_from integer, high_to integer);
\copy bootstrap FROM 'test/reference/bootstrap.csv' CSV HEADER
SELECT is_empty(
	$$SELECT cycle, horizon, median, median_days(cycle, horizon) FROM bootstrap
		WHERE median_days(cycle, horizon) IS DISTINCT FROM median$$,
	'median_days of 20 windows');
SELECT is_empty(
	$$SELECT cycle, horizon, low_from, low_days(cycle, horizon), low_to, high_from, high_days(cycle, horizon), high_to FROM bootstrap
		WHERE (low_days(cycle, horizon) BETWEEN low_from AND low_to AND high_days(cycle, horizon) BETWEEN high_from AND high_to) IS NOT TRUE$$,
	'low_days and high_days are those by the bootstrap''s deviation, give or take a tenth of it');

-- magic number

CREATE TEMPORARY TABLE magic_number (goal numeric, sales sales, win_ratio double precision, weeks double precision, confidence double precision, number double precision);
\copy magic_number FROM 'test/reference/magic_number.csv' CSV HEADER
SELECT is(count(*), 506::bigint, 'magic numbers at a confidence') FROM magic_number;
SELECT is_empty(
	$$SELECT *, magic_number(goal, sales, win_ratio, weeks, confidence) FROM magic_number
		WHERE pg_temp.off(magic_number(goal, sales, win_ratio, weeks, confidence), number) > 1e-9$$,
	'the magic number is the root that R finds');

CREATE TEMPORARY TABLE magic_interval (goal double precision, sales sales, proposal rate, closing rate, weeks double precision, confidence double precision, low double precision, high double precision);
\copy magic_interval FROM 'test/reference/magic_interval.csv' CSV HEADER
SELECT is(count(*), 506::bigint, 'intervals of magic numbers') FROM magic_interval;
SELECT is_empty(
	$$SELECT *, magic_number_low(goal, sales, proposal, closing, weeks, confidence), magic_number_high(goal, sales, proposal, closing, weeks, confidence) FROM magic_interval
		WHERE pg_temp.off(magic_number_low(goal, sales, proposal, closing, weeks, confidence), low) > 1e-9
			OR pg_temp.off(magic_number_high(goal, sales, proposal, closing, weeks, confidence), high) > 1e-9$$,
	'magic_number_low and high are MOVER''s of prop.test and t.test');

SELECT * FROM finish();
ROLLBACK;
