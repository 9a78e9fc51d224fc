\set ECHO none
\i test/setup.sql
SELECT plan(125);

-- ----------
-- A rate with a prior
-- ----------
SELECT is(adjusted_ratio(r, prior), expected, format('%s with %s', r, prior))
FROM (VALUES
	('2/2'::rate, '(12,8)'::beta_prior, 14 / 22.0::float8),
	('0/0', '(3,1)', 0.75),
	('0/0', '(1e-10,1e-10)', 0.5),
	('0/0', '(1e30,1e30)', 0.5),
	('0/1', '(1,1)', 1 / 3.0),
	('50/100', '(30,10)', 80 / 140.0),
	('0/1000000000000', '(1,1)', 1 / 1000000000002.0),
	('9223372036854775807/9223372036854775807', '(1,1)', 1),
	('0/9223372036854775807', '(1,1)', 1 / 9223372036854775809.0)
) AS c(r, prior, expected);

-- bounds by closed formulas
SELECT is(ARRAY[round((low(r, prior, confidence) / low)::numeric, 10), round((high(r, prior, confidence) / high)::numeric, 10)], '{1.0000000000,1.0000000000}'::numeric[], format('bounds of %s with %s at %s', r, prior, confidence))
FROM (VALUES
	('0/0'::rate, '(1,1)'::beta_prior, 0.95::float8, 0.025::float8, 0.975::float8),
	('0/0', '(1,1)', 0.5, 0.25, 0.75),
	('0/0', '(1,1)', 1e-300, 0.5, 0.5),
	('0/0', '(1,1)', 1 - 2.0::float8 ^ -40, 2.0::float8 ^ -41, 1 - 2.0::float8 ^ -41),
	('5/5', '(1,1)', 0.9, 0.05 ^ (1 / 6.0), 0.95 ^ (1 / 6.0)),
	('0/5', '(1,1)', 0.9, 1 - 0.95 ^ (1 / 6.0), 1 - 0.05 ^ (1 / 6.0)),
	('0/0', '(0.01,1)', 0.9, 0.05::float8 ^ 100, 0.95::float8 ^ 100),
	('0/0', '(1,1e12)', 0.9, -ln(0.95) / 1e12, -ln(0.05) / 1e12),
	('0/0', '(1e12,1)', 0.9, 1 + ln(0.05) / 1e12, 1 + ln(0.95) / 1e12),
	('0/0', '(0.5,0.5)', 0.95, sin(pi() / 80) ^ 2, cos(pi() / 80) ^ 2),
	('1/2', '(1,1)', 0.5, 0.5 - sin(asin(0.5) / 3), 0.5 + sin(asin(0.5) / 3)),
	('500000000000000/1000000000000000', '(1,1)', 0.95, 0.5 - 1.959963984540054 / sqrt(4e15), 0.5 + 1.959963984540054 / sqrt(4e15)),
	('0/0', '(1e20,1e20)', 0.95, 0.5 - 1.959963984540054 / sqrt(8e20), 0.5 + 1.959963984540054 / sqrt(8e20))
) AS c(r, prior, confidence, low, high);

-- with whole parameters the beta distribution is a sum of binomial
-- probabilities
CREATE TEMP TABLE posterior AS
SELECT r, prior, confidence, (passed(r) + (prior).alpha)::integer AS a, (decided(r) - passed(r) + (prior).beta)::integer AS b, adjusted_ratio(r, prior) AS adjusted, low(r, prior, confidence), high(r, prior, confidence)
FROM generate_series(0, 12) AS n, generate_series(0, n) AS x, LATERAL (VALUES (rate(x, n))) AS l(r), unnest('{"(1,1)","(2,5)","(10,3)"}'::beta_prior[]) AS prior, unnest('{0.5,0.95,0.999}'::float8[]) AS confidence;
SELECT is(count(*) FILTER (WHERE abs(below - (1 - confidence) / 2) < 1e-12 AND abs(above - (1 - confidence) / 2) < 1e-12), 819::bigint, 'bounds leave half of the rest on either side')
FROM posterior, LATERAL (
	SELECT sum(ways * low ^ j * (1 - low) ^ (a + b - 1 - j)) FILTER (WHERE j >= a) AS below, sum(ways * high ^ j * (1 - high) ^ (a + b - 1 - j)) FILTER (WHERE j < a) AS above
	FROM generate_series(0, a + b - 1) AS j, LATERAL (SELECT (factorial(a + b - 1) / factorial(j) / factorial(a + b - 1 - j))::float8) AS f(ways)
) AS s;
SELECT is_empty('SELECT r, prior, confidence, low, adjusted, high FROM posterior WHERE NOT (0 < low AND low < adjusted AND adjusted < high AND high < 1)', 'bounds hold the adjusted ratio');
SELECT is_empty('SELECT * FROM (SELECT r, prior, low, high, lag(low) OVER w AS narrower_low, lag(high) OVER w AS narrower_high FROM posterior WINDOW w AS (PARTITION BY r::text, prior ORDER BY confidence)) AS v WHERE low >= narrower_low OR high <= narrower_high', 'more confidence, wider bounds');
SELECT is_empty('SELECT * FROM (SELECT low, high, adjusted, lag(low) OVER w AS less_low, lag(high) OVER w AS less_high, lag(adjusted) OVER w AS less FROM posterior WINDOW w AS (PARTITION BY decided(r), prior, confidence ORDER BY passed(r))) AS v WHERE low <= less_low OR high <= less_high OR adjusted <= less', 'more passed, more of all');
SELECT is_empty('SELECT r, prior, adjusted FROM posterior, LATERAL (VALUES ((prior).alpha / ((prior).alpha + (prior).beta))) AS l(middle) WHERE decided(r) > 0 AND NOT (adjusted BETWEEN least(ratio(r), middle) - 1e-15 AND greatest(ratio(r), middle) + 1e-15) OR decided(r) = 0 AND abs(adjusted - middle) > 1e-15', 'adjusted lies between own and the group''s');

-- extreme priors: no parameters take for ever, nor is any bound outside 0 to 1
CREATE TEMP TABLE extreme AS
SELECT r, prior, confidence, low(r, prior, confidence), high(r, prior, confidence), adjusted_ratio(r, prior) AS adjusted
FROM unnest('{1e-10,1e-5,0.1,1,30,1e5,1e12,1e17,1e30}'::float8[]) AS a, unnest('{1e-10,1e-5,0.1,1,30,1e5,1e12,1e17,1e30}'::float8[]) AS b, LATERAL (VALUES (ROW(a, b)::beta_prior)) AS l(prior),
	unnest('{0/0,1/1,0/1000000000000,9223372036854775806/9223372036854775807}'::rate[]) AS r, unnest('{1e-10,0.5,0.95,0.9999999999999999}'::float8[]) AS confidence;
SELECT is(count(*) FILTER (WHERE 0 <= low AND low <= high + 1e-4 AND high <= 1 AND 0 <= adjusted AND adjusted <= 1), 1296::bigint, 'extreme priors give bounds from 0 to 1') FROM extreme;
SELECT is_empty('SELECT r, prior, confidence, low, adjusted, high FROM extreme WHERE confidence = 0.95 AND decided(r) > 0 AND (prior).alpha BETWEEN 0.1 AND 1e6 AND (prior).beta BETWEEN 0.1 AND 1e6 AND NOT (low <= adjusted AND adjusted <= high)', 'and hold the adjusted ratio');

-- ----------
-- The prior of a group
-- ----------

-- What it is to maximize, by plain SQL: ln of a rising factorial is a sum of
-- logarithms, ln z + ln (z + 1) + ..., as many of which are equal as rates
-- have them
SELECT setseed(0.2);
CREATE TEMP TABLE peer AS
SELECT name, i, rate AS rate
FROM (VALUES
	('the design''s three', '{6/10,3/10,9/12}'::rate[]), ('one', '{6/10}'), ('one of one', '{1/1}'), ('none of one', '{0/1}'), ('all equal', '{5/10,5/10,5/10,5/10,5/10,5/10}'),
	('all passed', '{3/3,7/7,2/2,9/9}'), ('none passed', '{0/30,0/40}'), ('none and all', '{0/20,20/20,0/20,20/20}'), ('rare', '{1/60,0/60,2/60,0/60,1/60}'), ('one leaves the others', '{2/50,3/50,1/50,4/50,48/50}')
) AS c(name, rates), unnest(rates) WITH ORDINALITY AS r(rate, i)
UNION ALL
SELECT format('drawn %s', sample), i, rate(least(n, floor(n * random() ^ (sample / 3.0))::integer), n)
FROM (SELECT sample, i, 1 + floor(random() * 60)::integer AS n FROM generate_series(1, 5) AS sample, generate_series(1, 5 * sample) AS i) AS v;
CREATE TEMP TABLE rising AS
SELECT name, part, step, count(*) AS rates
FROM peer CROSS JOIN LATERAL (VALUES ('passed', passed(rate)), ('failed', decided(rate) - passed(rate)), ('decided', decided(rate))) AS p(part, number) CROSS JOIN generate_series(0, number - 1) AS step
GROUP BY name, part, step;
CREATE FUNCTION pg_temp.penalized(name text, mu double precision, kappa double precision) RETURNS double precision
	LANGUAGE sql
AS $$
	SELECT sum(rates * CASE part WHEN 'passed' THEN ln(mu * kappa + step) WHEN 'failed' THEN ln((1 - mu) * kappa + step) ELSE -ln(kappa + step) END)
		+ ln(mu * (1 - mu)) - ln(kappa) - (ln(kappa) - ln(30::float8)) ^ 2 / 2
	FROM rising WHERE rising.name = penalized.name
$$;
CREATE TEMP TABLE fitted AS
SELECT name, prior, (prior).alpha / ((prior).alpha + (prior).beta) AS mu, (prior).alpha + (prior).beta AS kappa
FROM (SELECT name, prior_agg(rate) AS prior FROM peer GROUP BY name) AS v;
SELECT is_empty('SELECT name, prior, theta, lambda FROM fitted, generate_series(-8, 8, 0.8) AS theta, generate_series(-3, 12, 0.75) AS lambda
	WHERE pg_temp.penalized(name, 1 / (1 + exp(-theta::float8)), exp(lambda::float8)) > pg_temp.penalized(name, mu, kappa)', 'no point of a coarse grid is better');
SELECT is_empty('SELECT name, prior, theta, lambda FROM fitted, generate_series(-0.01, 0.01, 0.005) AS theta, generate_series(-0.01, 0.01, 0.005) AS lambda
	WHERE (theta, lambda) <> (0, 0) AND pg_temp.penalized(name, mu / (mu + (1 - mu) * exp(-theta::float8)), kappa * exp(lambda::float8)) > pg_temp.penalized(name, mu, kappa)', 'nor any point close by');
SELECT is(count(*) FILTER (WHERE abs(by_theta) < 1e-5 AND abs(by_lambda) < 1e-5), 15::bigint, 'the slope is 0')
FROM fitted, LATERAL (VALUES (
	(pg_temp.penalized(name, mu / (mu + (1 - mu) * exp(-1e-4::float8)), kappa) - pg_temp.penalized(name, mu / (mu + (1 - mu) * exp(1e-4::float8)), kappa)) / 2e-4,
	(pg_temp.penalized(name, mu, kappa * exp(1e-4::float8)) - pg_temp.penalized(name, mu, kappa * exp(-1e-4::float8))) / 2e-4
)) AS l(by_theta, by_lambda);
-- of one decision mu is 2/3 and nothing is known of kappa: exp(ln 30 - 1)
SELECT is(ARRAY[round(((prior).alpha + (prior).beta)::numeric, 9), round(((prior).alpha / ((prior).alpha + (prior).beta))::numeric, 9)], ARRAY[round((30 / exp(1.0))::numeric, 9), 0.666666667], 'one decision') FROM fitted WHERE name = 'one of one';

-- what makes no difference
SELECT is(count(*) FILTER (WHERE prior = up AND prior = down AND prior = by_hash AND prior = doubled AND prior = filtered), 15::bigint, 'order, NULL and rates with nothing decided do not matter')
FROM fitted JOIN (
	SELECT name, prior_agg(rate ORDER BY i) AS up, prior_agg(rate ORDER BY i DESC) AS down, prior_agg(rate ORDER BY md5(i::text)) AS by_hash, prior_agg(rate) FILTER (WHERE i < 100) AS filtered FROM peer GROUP BY name
) AS o USING (name) JOIN (
	SELECT name, prior_agg(r) AS doubled FROM (SELECT name, rate FROM peer UNION ALL SELECT name, NULL FROM peer UNION ALL SELECT name, '0/0' FROM peer) AS v(name, r) GROUP BY name
) AS d USING (name);
SELECT is(round((mirror).beta::numeric, 9), round((prior).alpha::numeric, 9), name || ': failed for passed')
FROM fitted JOIN (SELECT name, prior_agg(rate(decided(rate) - passed(rate), decided(rate))) AS mirror FROM peer GROUP BY name) AS m USING (name) ORDER BY name COLLATE "C";
SELECT is(prior_agg(r), NULL, 'over ' || name)
FROM (VALUES ('NULL', NULL::rate), ('nothing decided', '0/0')) AS c(name, r) GROUP BY name ORDER BY name COLLATE "C";
SELECT is((SELECT prior_agg(rate) FROM peer WHERE false), NULL, 'over no rows');
SELECT is(count(*) FILTER (WHERE moving = afresh), 15::bigint, 'over a window that moves')
FROM (SELECT i, prior_agg(rate) OVER (ORDER BY i ROWS BETWEEN 3 PRECEDING AND 1 FOLLOWING) AS moving FROM peer WHERE name = 'drawn 3') AS m,
	LATERAL (SELECT prior_agg(rate) AS afresh FROM peer WHERE name = 'drawn 3' AND peer.i BETWEEN m.i - 3 AND m.i + 1) AS v;
SELECT is(count(*) FILTER (WHERE running = afresh), 15::bigint, 'over a window that grows')
FROM (SELECT i, prior_agg(rate) OVER (ORDER BY i) AS running FROM peer WHERE name = 'drawn 3') AS m,
	LATERAL (SELECT prior_agg(rate) AS afresh FROM peer WHERE name = 'drawn 3' AND peer.i <= m.i) AS v;

-- serial and parallel, in one group and in many, hashed, sorted and spilled
CREATE TABLE peer_many AS
SELECT i, i % 40 AS grp, CASE WHEN i % 17 > 0 THEN rate(i * 7919 % (1 + i % 23), i % 23) END AS rate FROM generate_series(1, 5000) AS i;
ANALYZE peer_many;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text
	LANGUAGE plpgsql
AS $$
DECLARE
	line text;
	nodes text := '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		nodes := nodes || line || E'\n';
	END LOOP;
	RETURN nodes;
END
$$;
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TEMP TABLE serial AS
SELECT NULL::integer AS grp, prior_agg(rate) AS prior FROM peer_many UNION ALL SELECT grp, prior_agg(rate) FROM peer_many GROUP BY grp;
SET LOCAL work_mem = '64kB';
SET LOCAL enable_sort = off;
SELECT is_empty('SELECT grp FROM (SELECT grp, prior_agg(rate ORDER BY i DESC) FROM peer_many GROUP BY grp) AS v(grp, p) JOIN serial USING (grp) WHERE prior <> p', 'groups sorted on disk');
SELECT is_empty('SELECT i FROM (SELECT i, prior_agg(rate) AS p FROM peer_many GROUP BY i) AS v JOIN peer_many USING (i), LATERAL (SELECT prior_agg(r) AS q FROM (VALUES (peer_many.rate)) AS one(r)) AS w WHERE p IS DISTINCT FROM q', 'groups of one on disk');
RESET work_mem;
RESET enable_sort;
SET LOCAL cpu_tuple_cost = 1;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0.1;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_leader_participation = off;
SELECT matches(pg_temp.plan_of('SELECT prior_agg(rate) FROM peer_many'), 'Finalize Aggregate.*Gather.*Partial Aggregate', 'two workers, one group');
SELECT results_eq('SELECT prior_agg(rate) FROM peer_many', 'SELECT prior FROM serial WHERE grp IS NULL', 'serial and parallel are equal to the last bit');
SELECT matches(pg_temp.plan_of('SELECT grp, prior_agg(rate) FROM peer_many GROUP BY grp'), 'Finalize.*Gather.*Partial', 'two workers, many groups');
SELECT set_eq('SELECT grp, prior_agg(rate) FROM peer_many GROUP BY grp', 'SELECT grp, prior FROM serial WHERE grp IS NOT NULL', 'and in many groups');
RESET cpu_tuple_cost;
RESET max_parallel_workers_per_gather;

-- very many decisions, and very many reps
SELECT is(ARRAY[round((p).alpha::numeric, 5), round((p).beta::numeric, 5)], expected, name)
FROM (VALUES
	-- by mpmath, 60 digits
	('three of 0, 0 and 10,000,000 of as many', (SELECT prior_agg(rate(i / 3 * 10000000, 10000000)) FROM generate_series(1, 3) AS i), '{0.05323,0.14139}'::numeric[]),
	('30 of whom none of 1,000,000 passed', (SELECT prior_agg('0/1000000') FROM generate_series(1, 30)), '{0.00268,4.44271}')
) AS c(name, p, expected);
SELECT is(round((p).alpha / (p).beta), 1::float8, 'half of 2^63 decisions, a thousand times'), cmp_ok((p).alpha, '<', 1e30::float8, 'kappa is finite')
FROM (SELECT prior_agg('4611686018427387904/9223372036854775807') FROM generate_series(1, 1000)) AS v(p);
SELECT is(round(adjusted_ratio('0/0', p)::numeric, 4), 0.6, '20,000 reps'), cmp_ok(high('0/0'::rate, p) - low('0/0'::rate, p), '<', 0.03::float8, 'who are all the same')
FROM (SELECT prior_agg('6/10') FROM generate_series(1, 20000)) AS v(p);

-- ----------
-- States, calls, NULL and errors
-- ----------
SELECT is(prior_trans(state::rate[], r::rate)::text, expected, format('%s and %s', state, r))
FROM (VALUES ('{}', '1/2', '{1/2}'), ('{1/2}', '0/0', '{1/2}'), ('{}', '0/0', '{}'), ('{1/2,3/4}', '0/1', '{1/2,3/4,0/1}'), ('[0:1]={1/2,3/4}', '0/1', '{1/2,3/4,0/1}'), ('{1/2}', NULL, NULL)) AS c(state, r, expected);
SELECT is(prior_combine(a::rate[], b::rate[])::text, expected, format('%s and %s', a, b))
FROM (VALUES ('{}', '{}', '{}'), ('{1/2}', '{}', '{1/2}'), ('{}', '{1/2}', '{1/2}'), ('{1/2}', '{3/4,5/6}', '{1/2,3/4,5/6}'), ('{1/2}', '[5:6]={3/4,5/6}', '{1/2,3/4,5/6}')) AS c(a, b, expected);
SELECT is(prior_final('{}'), NULL, 'nothing'), is(prior_final('{6/10,3/10,9/12}'), prior, 'an array is a state') FROM fitted WHERE name = 'the design''s three';
CREATE TEMP TABLE stored AS SELECT array_agg(rate(i % 7, 7)) AS state FROM generate_series(1, 20000) AS i;
SELECT is(cardinality(prior_trans(state, '1/2')), 20001, 'a stored state'), is(cardinality(prior_combine(state, state)), 40000, 'two of them'), is(cardinality(state), 20000, 'which are left alone') FROM stored;

SELECT is(adjusted_ratio(rate => '6/10', prior => '(9,6)'), adjusted_ratio('6/10', '(9,6)'), 'by name'), is(low(rate => '6/10', prior => '(6,4)', confidence => 0.5), low('6/10'::rate, ROW(6, 4)::beta_prior, 0.5::real), 'low by name'), is(high('6/10'::rate, '(6,4)'::beta_prior), high('6/10'::rate, '(6,4)'::beta_prior, 0.95), '95 % is the default');
SELECT is(v, NULL, name)
FROM (VALUES
	('adjusted: rate NULL', adjusted_ratio(NULL, '(1,1)')), ('adjusted: prior NULL', adjusted_ratio('1/2', NULL)), ('adjusted: alpha NULL', adjusted_ratio('1/2', '(,1)')), ('adjusted: beta NULL', adjusted_ratio('1/2', '(1,)')), ('adjusted: both NULL', adjusted_ratio('1/2', '(,)')),
	('low: rate NULL', low(NULL::rate, '(1,1)'::beta_prior)), ('low: prior NULL', low('1/2'::rate, NULL::beta_prior)), ('low: alpha NULL', low('1/2'::rate, '(,1)'::beta_prior)), ('low: confidence NULL', low('1/2'::rate, '(1,1)'::beta_prior, NULL)),
	('high: beta NULL', high('1/2'::rate, '(1,)'::beta_prior)), ('high: confidence NULL', high('1/2'::rate, '(1,1)'::beta_prior, NULL)), ('high: no prior', high('1/2'::rate, (SELECT prior_agg(NULL))))
) AS c(name, v);
SELECT throws_ok(format('SELECT %s(''1/2''::rate, ''(%s,%s)''::beta_prior)', f, alpha, beta), '22003', format('%s must be between 1e-10 and 1e+30, not %s', what, value), format('%s with (%s,%s)', f, alpha, beta))
FROM unnest('{adjusted_ratio,low,high}'::text[]) AS f,
	(VALUES (1, '0', '1', 'alpha', '0'), (2, '1', '-1', 'beta', '-1'), (3, 'NaN', '1', 'alpha', 'NaN'), (4, '1', 'Infinity', 'beta', 'Infinity'), (5, '9e-11', '1', 'alpha', '9e-11'), (6, '1', '2e30', 'beta', '2e+30')) AS c(i, alpha, beta, what, value)
ORDER BY f, i;
SELECT throws_ok('SELECT ' || sql, state, message, sql)
FROM (VALUES
	($$low('1/2'::rate, '(1,1)'::beta_prior, 0)$$, '22023', 'confidence must be above 0 and below 1, not 0'),
	($$low('1/2'::rate, '(1,1)'::beta_prior, 1)$$, '22023', 'confidence must be above 0 and below 1, not 1'),
	($$high('1/2'::rate, '(1,1)'::beta_prior, -1)$$, '22023', 'confidence must be above 0 and below 1, not -1'),
	($$high('1/2'::rate, '(1,1)'::beta_prior, 'NaN')$$, '22023', 'confidence must be above 0 and below 1, not NaN'),
	($$prior_trans('{{1/2}}', '1/2')$$, '22023', 'rates must be a one-dimensional array without NULL'),
	($$prior_trans('{1/2,NULL}', '1/2')$$, '22023', 'rates must be a one-dimensional array without NULL'),
	($$prior_combine('{}', '{NULL}')$$, '22023', 'rates must be a one-dimensional array without NULL'),
	($$prior_combine('{{1/2}}', '{}')$$, '22023', 'rates must be a one-dimensional array without NULL'),
	($$prior_final('{{1/2},{1/2}}')$$, '22023', 'rates must be a one-dimensional array without NULL'),
	($$prior_agg(0.6)$$, '42883', NULL)
) AS c(sql, state, message);

SELECT * FROM finish();
ROLLBACK;
