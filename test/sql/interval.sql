\set ECHO none
\i test/setup.sql
SELECT plan(132);

-- Wilson's interval: published bounds (Newcombe, Statistics in Medicine 17
-- (1998), 857-872, table I, method 3) and those of the design
SELECT is(ARRAY[round(low(r)::numeric, 4), round(high(r)::numeric, 4)], expected, r || ' at 95 %')
FROM (VALUES
	('81/263'::rate, '{0.2553,0.3662}'::numeric[]),
	('15/148', '{0.0624,0.1605}'),
	('0/20', '{0.0000,0.1611}'),
	('1/29', '{0.0061,0.1718}'),
	('6/10', '{0.3127,0.8318}'),
	('1/1', '{0.2065,1.0000}')
) AS c(r, expected);
SELECT is(low(r, confidence), 0::float8, r || ': none passed, at ' || confidence), is(high(rate(decided(r), decided(r)), confidence), 1::float8, r || ': all passed')
FROM unnest('{0/1,0/7,0/1000000000000,0/9223372036854775807}'::rate[]) AS r, unnest('{1e-300,0.95,0.9999999999999999}'::float8[]) AS confidence
ORDER BY decided(r), confidence;

-- all x of n to 40: the roots of the equation by plain SQL, and what they bound
CREATE TEMP TABLE wilson AS
SELECT rate(x, n) AS r, confidence, x / n::float8 AS p, n, low(rate(x, n), confidence) AS low, high(rate(x, n), confidence) AS high,
	(x + z ^ 2 / 2 - z * sqrt(x * (n - x) / n::float8 + z ^ 2 / 4)) / (n + z ^ 2) AS low_plain,
	(x + z ^ 2 / 2 + z * sqrt(x * (n - x) / n::float8 + z ^ 2 / 4)) / (n + z ^ 2) AS high_plain
FROM generate_series(1, 40) AS n, generate_series(0, n) AS x,
	(VALUES (1e-300::float8, 0::float8), (1e-17, 0), (1e-16, 1.3914582123358836e-16), (0.5, 0.6744897501960817), (0.8, 1.2815515655446004), (0.95, 1.959963984540054), (0.999, 3.2905267314918947)) AS q(confidence, z);
SELECT is(count(*) FILTER (WHERE abs(low - low_plain) < 1e-14 AND abs(high - high_plain) < 1e-14), 6020::bigint, 'the formula by plain SQL') FROM wilson;
SELECT is_empty('SELECT r, confidence, low, high FROM wilson WHERE NOT (0 <= low AND low <= p AND p <= high AND high <= 1)', 'the interval holds the ratio, whatever the confidence');
SELECT is_empty('SELECT w.r, confidence FROM wilson AS w JOIN wilson AS m USING (n, confidence) WHERE passed(w.r) + passed(m.r) = n AND abs(w.low + m.high - 1) > 1e-14', 'what fails is what does not pass');
SELECT is_empty('SELECT * FROM (SELECT r, low, high, lag(low) OVER w AS wider_low, lag(high) OVER w AS wider_high FROM wilson WHERE confidence > 0.1 WINDOW w AS (PARTITION BY n, p ORDER BY confidence DESC)) AS v
	WHERE low < wider_low OR high > wider_high OR high - low >= wider_high - wider_low', 'more confidence, wider bounds');
SELECT is_empty('SELECT * FROM (SELECT p, n, low, high, lag(low) OVER w AS wider_low, lag(high) OVER w AS wider_high FROM wilson WHERE confidence > 0.1 WINDOW w AS (PARTITION BY p, confidence ORDER BY n)) AS v
	WHERE low < wider_low OR high > wider_high OR high - low >= wider_high - wider_low', 'more decisions, narrower bounds');
SELECT is_empty('SELECT * FROM (SELECT n, low, high, lag(low) OVER w AS below_low, lag(high) OVER w AS below_high FROM wilson WHERE confidence > 0.1 WINDOW w AS (PARTITION BY n, confidence ORDER BY p)) AS v
	WHERE low <= below_low OR high <= below_high', 'more passed, higher bounds');

-- how often the interval holds the true ratio: binomial probabilities of the
-- x whose interval does, by the functions and by the formula
CREATE TEMP TABLE coverage AS
SELECT n, true_ratio,
	sum(binomial) FILTER (WHERE low <= true_ratio AND true_ratio <= high) AS covered,
	sum(binomial) FILTER (WHERE low_plain <= true_ratio AND true_ratio <= high_plain) AS covered_plain,
	sum(binomial) AS everything
FROM wilson
CROSS JOIN unnest('{0.02,0.1,0.25,0.5,0.65,0.9}'::float8[]) AS true_ratio
CROSS JOIN LATERAL (SELECT (factorial(n) / factorial(passed(r)) / factorial(n - passed(r)))::float8 * true_ratio ^ passed(r) * (1 - true_ratio) ^ (n - passed(r))) AS b(binomial)
WHERE confidence = 0.95 AND n IN (10, 30)
GROUP BY n, true_ratio;
SELECT is(round(covered::numeric, 12), round(covered_plain::numeric, 12), format('coverage of %s at n = %s', true_ratio, n)) FROM coverage ORDER BY n, true_ratio;
SELECT is(round(min(everything)::numeric, 12), 1.000000000000, 'the probabilities are complete'), cmp_ok(min(covered), '>', 0.88::float8, 'coverage is never far below'), cmp_ok(abs(avg(covered) - 0.95), '<', 0.015::float8, 'and right on average') FROM coverage;

-- very many decisions
SELECT is(ARRAY[low(r), high(r)], expected, r::text)
FROM (VALUES
	('500000000000/1000000000000'::rate, '{0.49999902001800783,0.5000009799819922}'::float8[]),
	('9223372036854775806/9223372036854775807', '{1,1}'),
	('1/1000000000000', '{1.7652455493517483e-13,5.664934265736509e-12}')
) AS c(r, expected);

-- the t interval: Student's own data, the hours of sleep that ten patients gained
SELECT is(ARRAY[round(low(s)::numeric, 7), round(high(s)::numeric, 7)], '{0.7001142,2.4598858}'::numeric[], 'Student''s sleep data')
FROM (SELECT sales_agg(hours) FROM unnest('{1.2,2.4,1.3,1.3,0,1.0,1.8,0.8,4.6,1.4}'::numeric[]) AS hours) AS v(s);
SELECT is(round(((high(s, confidence) - average(s)::float8) * sqrt(freedom + 1) / stddev(s)::float8)::numeric, 4), t, format('t of %s degrees of freedom at %s', freedom, confidence))
FROM (VALUES
	(1, 0.9, 6.3138), (1, 0.95, 12.7062), (1, 0.99, 63.6567),
	(2, 0.9, 2.9200), (2, 0.95, 4.3027), (2, 0.99, 9.9248),
	(5, 0.9, 2.0150), (5, 0.95, 2.5706), (5, 0.99, 4.0321),
	(10, 0.9, 1.8125), (10, 0.95, 2.2281), (10, 0.99, 3.1693),
	(30, 0.9, 1.6973), (30, 0.95, 2.0423), (30, 0.99, 2.7500),
	(120, 0.9, 1.6577), (120, 0.95, 1.9799), (120, 0.99, 2.6174)
) AS c(freedom, confidence, t)
CROSS JOIN LATERAL (SELECT sales_agg(i * i) FROM generate_series(0, freedom) AS i) AS v(s);
SELECT is(ARRAY[low(s::sales, confidence), high(s::sales, confidence)], expected, s || ' at ' || confidence)
FROM (VALUES
	('n=2 total=10 squares=50', 0.95::float8, '{5,5}'::float8[]),
	('n=2 total=10 squares=68', 1e-300, '{5,5}'),
	('n=3 total=-6 squares=12', 0.999, '{-2,-2}'),
	('n=1000000000000 total=0 squares=0', 0.95, '{0,0}'),
	('n=1000000000000 total=2000000000000 squares=4000000000000', 0.95, '{2,2}')
) AS c(s, confidence, expected);
SELECT is(round(high(s)::numeric, 9), round((average(s)::float8 + 1.959963984542 * stddev(s)::float8 / 1e6)::numeric, 9), 'a million million sales') FROM (VALUES ('n=1000000000000 total=99999999999999 squares=99999999999999000000'::sales)) AS v(s);
SELECT is(count(*) FILTER (WHERE abs((high(two, c) - 5) / (3 * tan(pi() / 2 * c)) - 1) < 1e-12 AND abs((high(three, c) - 4) / sqrt(2 * c ^ 2 / (1 - c ^ 2)) - 1) < 1e-12), 999::bigint, 'two and three sales by the closed formulas of t')
FROM (VALUES ('n=2 total=10 squares=68'::sales, 'n=3 total=12 squares=54'::sales)) AS v(two, three), generate_series(1, 999) AS i, LATERAL (VALUES (i / 1000::float8)) AS l(c);
SELECT is(round((high('n=2 total=10 squares=68'::sales, 0.9999999999999999) / 1e16)::numeric, 4), 1.7202, 'next to certain: very wide, not infinite');
CREATE TEMP TABLE student AS
SELECT n, confidence, average(s)::float8 AS m, low(s, confidence) AS low, high(s, confidence) AS high
FROM generate_series(2, 60) AS n
CROSS JOIN LATERAL (SELECT sales_agg(CASE i % 2 WHEN 0 THEN 90 ELSE 110 END) FROM generate_series(1, n) AS i) AS v(s)
CROSS JOIN unnest('{1e-300,1e-16,0.5,0.8,0.95,0.999,0.9999999999999999}'::float8[]) AS confidence;
SELECT is_empty('SELECT * FROM student WHERE NOT (low <= m AND m <= high) OR abs(low + high - 2 * m) > 1e-9 * (high - low) + 1e-12', 'the t interval has the average in its middle');
SELECT is_empty('SELECT * FROM (SELECT *, lag(high - low) OVER (PARTITION BY confidence, n % 2 ORDER BY n) AS wider FROM student WHERE confidence >= 0.5) AS v WHERE high - low >= wider', 'more sales, narrower bounds');
SELECT is_empty('SELECT * FROM (SELECT *, lag(high - low) OVER (PARTITION BY n ORDER BY confidence) AS narrower FROM student) AS v WHERE high - low < narrower OR confidence >= 0.5 AND high - low = narrower', 'more confidence, wider bounds of the average');

-- NULL
SELECT is(bound, NULL, name)
FROM (VALUES
	('low of nothing decided', low('0/0'::rate)), ('high of nothing decided', high('0/0'::rate)),
	('low of NULL', low(NULL::rate)), ('high of NULL', high(NULL::rate)),
	('low of a rate, confidence NULL', low('1/2'::rate, NULL::float8)), ('high of a rate, confidence NULL', high('1/2'::rate, NULL::float8)),
	('low of no sale', low('n=0 total=0 squares=0'::sales)), ('high of no sale', high('n=0 total=0 squares=0'::sales)),
	('low of one sale', low('n=1 total=7 squares=49'::sales)), ('high of one sale', high('n=1 total=7 squares=49'::sales)),
	('low of sales NULL', low(NULL::sales)), ('high of sales NULL', high(NULL::sales)),
	('low of sales, confidence NULL', low('n=2 total=10 squares=68'::sales, NULL)), ('high of sales, confidence NULL', high('n=2 total=10 squares=68'::sales, NULL))
) AS c(name, bound);

-- calls
SELECT is(ARRAY[low(r, confidence::real), high(r, confidence::numeric)], ARRAY[low(r, confidence), high(r, confidence)], 'confidence of any type')
FROM (VALUES ('6/10'::rate, 0.5::float8)) AS c(r, confidence);
SELECT is(low(rate => '6/10', confidence => 0.8), low('6/10'::rate, 0.8), 'a rate by name'), is(high(sales => 'n=2 total=10 squares=68', confidence => 0.8), high('n=2 total=10 squares=68'::sales, 0.8), 'sales by name');
SELECT results_eq('SELECT low(rate_agg(won)) FROM (VALUES (1, true), (1, false), (2, true), (3, NULL)) AS v(rep, won) GROUP BY rep ORDER BY rep', $$VALUES (low('1/2'::rate)), (low('1/1'::rate)), (NULL)$$, 'over an aggregate');

-- errors
SELECT throws_ok(format('SELECT %s(%s, %L::float8)', f, value, confidence), '22023', 'confidence must be above 0 and below 1, not ' || confidence, format('%s(%s, %s)', f, value, confidence))
FROM unnest('{low,high}'::text[]) AS f,
	unnest(ARRAY['''0/0''::rate', '''n=0 total=0 squares=0''::sales']) AS value,
	unnest('{0,1,-1,95,NaN,Infinity,-Infinity}'::text[]) WITH ORDINALITY AS c(confidence, i)
ORDER BY f, value COLLATE "C", i;
SELECT throws_ok($$SELECT low('6/10'::rate, 1)$$, '22023', 'confidence must be above 0 and below 1, not 1', 'an integer confidence'),
	throws_ok('SELECT low(0.6)', '42883', NULL, 'a number has no bounds');

SELECT * FROM finish();
ROLLBACK;
