\set ECHO none
\i test/setup.sql
SELECT plan(132);

-- the worked example: 15,000 a month at 2,500 a sale, 60 % and 40 %
SELECT is(magic_number(15000, 2500, 0.6, 0.4, 1), 25::float8, '25 new opportunities a month');
SELECT is(round(magic_number(15000, 2500, 0.6, 0.4, 52 / 12.0)::numeric, 2), 5.77, '5.77 a week at 52/12 weeks');
SELECT is(magic_number(15000, 2500, 0.6, 0.4, 4), 6.25::float8, '6.25 a week at 4 weeks');
SELECT is(expected_revenue(25, 2500, 0.6, 0.4), 15000::float8, 'and the way back');

-- magic_number on numbers
SELECT is(magic_number(goal, average, proposal, closing, weeks), expected, name)
FROM (VALUES
	('a goal of 0 needs nothing', 0::float8, 2500::float8, 0.6::float8, 0.4::float8, 4::float8, 0::float8),
	('a goal below 0 needs nothing', -1, 2500, 0.6, 0.4, 4, 0),
	('a goal of 0 needs nothing, whatever the ratios', 0, -5, 0, 0, 4, 0),
	('ratios of 1', 15000, 2500, 1, 1, 4, 1.5),
	('a part of a week', 10, 10, 1, 1, 0.5, 2),
	('nothing passes the proposal', 15000, 2500, 0, 0.4, 4, NULL),
	('nothing closes', 15000, 2500, 0.6, 0, 4, NULL),
	('nothing is earned', 15000, 0, 0.6, 0.4, 4, NULL),
	('sales lose money', 15000, -2500, 0.6, 0.4, 4, NULL),
	('goal NULL', NULL, 2500, 0.6, 0.4, 4, NULL),
	('average revenue NULL', 15000, NULL, 0.6, 0.4, 4, NULL),
	('proposal ratio NULL', 15000, 2500, NULL, 0.4, 4, NULL),
	('closing ratio NULL', 15000, 2500, 0.6, NULL, 4, NULL),
	('weeks NULL', 15000, 2500, 0.6, 0.4, NULL, NULL)
) AS c(name, goal, average, proposal, closing, weeks, expected);

-- magic_number on summaries
CREATE TEMP TABLE seller AS
SELECT name, (SELECT sales_agg(amount) FROM unnest(amounts) AS amount) AS sales, proposal, closing
FROM (VALUES
	('example', '{2400,2500,2600}'::numeric[], '60/100'::rate, '40/100'::rate),
	('credit note', '{-500,3000,1250.5}', '7/9', '5/11'),
	('spread', '{10,1000,99999.9999,3}', '1/3', '2/7'),
	('sure', '{0,1,2}', '1/1', '5/5'),
	('equal sales', '{80,80}', '1/2', '1/2'),
	('one sale', '{2500}', '60/100', '40/100'),
	('no sale', '{}', '60/100', '40/100'),
	('no proposal decided', '{1,2}', '0/0', '40/100'),
	('no closing decided', '{1,2}', '60/100', '0/0'),
	('no proposal passed', '{1,2}', '0/3', '40/100'),
	('nothing won', '{1,2}', '60/100', '0/3'),
	('no revenue', '{-1,1}', '60/100', '40/100')
) AS c(name, amounts, proposal, closing);
SELECT is(magic_number(15000, sales, proposal, closing, 4), magic_number(15000, average(sales), ratio(proposal), ratio(closing), 4), name || ': at 0.5 the plain number'),
	is(magic_number(15000, sales, proposal, closing, 4, 0.5), magic_number(15000, sales, proposal, closing, 4), name || ': 0.5 is the default')
FROM seller ORDER BY name;
SELECT is(magic_number(0, sales, proposal, closing, 4, 0.9), expected, name || ': a goal of 0')
FROM (VALUES ('one sale', 0::float8), ('nothing won', 0), ('no revenue', 0), ('no sale', NULL), ('no closing decided', NULL)) AS c(name, expected)
JOIN seller USING (name) ORDER BY name;
SELECT is(magic_number(15000, sales, proposal, closing, 4, confidence), NULL, name || ': NULL at ' || confidence)
FROM seller, unnest('{0.25,0.9}'::float8[]) AS confidence
WHERE name IN ('one sale', 'no sale', 'no proposal decided', 'no closing decided', 'no proposal passed', 'nothing won', 'no revenue')
ORDER BY name, confidence;
SELECT is(magic_number(15000, sales, proposal, closing, 4, NULL), NULL, 'confidence NULL') FROM seller WHERE name = 'example';

-- The normal quantile: with p = m = s = G = 1 the formula is N - z sqrt(N) = 1.
-- 0.25, 0.001 and 1e-20 are the values that Wichura checked AS 241 with.
SELECT cmp_ok(abs(((n - 1) / sqrt(n) - z) / z), '<', 1e-14::float8, 'normal quantile of ' || p)
FROM seller
CROSS JOIN (VALUES
	(1e-300::float8, -37.047096299361199237::float8),
	(1e-20, -9.2623400897984075796),
	(0.001, -3.0902323061678135354),
	(0.05, -1.6448536269514726880),
	(0.075, -1.4395314709384559349),
	(0.25, -0.6744897501960817432),
	(0.9, 1.2815515655446005935),
	(0.95, 1.6448536269514722843),
	(0.975, 1.9599639845400538556),
	(0.99, 2.3263478740408407676),
	(0.999, 3.0902323061678132778),
	(0.999999, 4.7534243088170877657)
) AS q(p, z)
CROSS JOIN LATERAL magic_number(1, sales, proposal, closing, 1, p) AS n
WHERE name = 'sure' ORDER BY p;

-- at a confidence: the formula by plain SQL, and the equation that it solves
CREATE TEMP TABLE plan AS
SELECT name, confidence, goal, z, p, m, p * (s ^ 2 + m ^ 2) - p ^ 2 * m ^ 2 AS v, magic_number(goal, sales, proposal, closing, 1, confidence) AS n
FROM seller
CROSS JOIN (VALUES (0.05, -1.6448536269514722), (0.25, -0.6744897501960817), (0.9, 1.2815515655446004), (0.975, 1.959963984540054)) AS q(confidence, z)
CROSS JOIN (VALUES (1), (15000), (1e9)) AS g(goal)
CROSS JOIN LATERAL (SELECT (ratio(proposal) * ratio(closing))::numeric, average(sales), stddev(sales)) AS l(p, m, s)
WHERE name IN ('example', 'credit note', 'spread', 'sure', 'equal sales');
SELECT is(count(*) FILTER (WHERE abs(n / ((z * sqrt(v) + sqrt(z ^ 2 * v + 4 * p * m * goal)) / (2 * p * m)) ^ 2 - 1) < 1e-9), 60::bigint, 'the formula by plain SQL') FROM plan;
SELECT is(count(*) FILTER (WHERE abs((n * p * m - z * sqrt(n * v)) / goal - 1) < 1e-9), 60::bigint, 'revenue less the deviation is the goal') FROM plan;
SELECT is(count(*), 0::bigint, 'more confidence needs more')
FROM (
	SELECT n, lag(n) OVER (PARTITION BY name ORDER BY confidence) AS less
	FROM seller, generate_series(1, 999) AS i
	CROSS JOIN LATERAL (SELECT i / 1000.0, magic_number(15000, sales, proposal, closing, 4, i / 1000.0)) AS l(confidence, n)
	WHERE name IN ('example', 'credit note', 'spread', 'sure')
) AS d
WHERE n <= less;
SELECT is(count(DISTINCT round(n::numeric, 9)), 1::bigint, 'sure and equal sales leave nothing to chance')
FROM unnest('{0.01,0.5,0.99}'::float8[]) AS confidence, magic_number(800, 'n=2 total=160 squares=12800', '1/1', '3/3', 1, confidence) AS n;

-- the way back
SELECT is(expected_revenue(opportunities, average, proposal, closing), expected, name)
FROM (VALUES
	('no opportunities', 0::float8, 2500::float8, 0.6::float8, 0.4::float8, 0::float8),
	('nothing closes', 25, 2500, 0.6, 0, 0),
	('sales lose money', 10, -100, 0.5, 0.5, -250),
	('opportunities NULL', NULL, 2500, 0.6, 0.4, NULL),
	('average revenue NULL', 25, NULL, 0.6, 0.4, NULL),
	('proposal ratio NULL', 25, 2500, NULL, 0.4, NULL),
	('closing ratio NULL', 25, 2500, 0.6, NULL, NULL)
) AS c(name, opportunities, average, proposal, closing, expected);
SELECT is(count(*) FILTER (WHERE abs(expected_revenue(4 * magic_number(goal, m, p, c, 4), m, p, c) / goal - 1) < 1e-15), 81::bigint, 'the magic number brings the goal in')
FROM unnest('{1,15000,0.07}'::float8[]) AS goal, unnest('{2500,3.3,1e9}'::float8[]) AS m, unnest('{0.6,0.01,1}'::float8[]) AS p, unnest('{0.4,0.99,1}'::float8[]) AS c;

-- the barometer
SELECT is(activity_barometer(actual, required), expected, name)
FROM (VALUES
	('as it should be', 6::float8, 6::float8, 1::float8),
	('under 100 %', 4.5, 6, 0.75),
	('over 100 %', 9, 6, 1.5),
	('nothing done', 0, 6, 0),
	('nothing required', 4, 0, NULL),
	('neither', 0, 0, NULL),
	('actual NULL', NULL, 6, NULL),
	('required NULL', 6, NULL, NULL)
) AS c(name, actual, required, expected);

-- every type of number
SELECT results_eq(
	format('SELECT magic_number(%1$s, %2$s, %3$s, %3$s, %1$s), magic_number(%1$s, ''n=1 total=2 squares=4'', ''1/1''::rate, ''1/1'', %2$s, 0.5), expected_revenue(%1$s, %2$s, %3$s, %3$s), activity_barometer(%1$s, %2$s) FROM (SELECT 3::%4$s, 2::%4$s, 1::%4$s) AS c(three, two, one)', 'three', 'two', 'one', type),
	'VALUES (0.5::float8, 0.75::float8, 6::float8, 1.5::float8)',
	'columns of ' || type)
FROM unnest('{smallint,integer,bigint,real,double precision,numeric}'::text[]) AS type;
SELECT is(activity_barometer(3::bigint, 2::numeric), 1.5::float8, 'bigint against numeric');
SELECT is(activity_barometer(count(*), magic_number(15000, 2500, 0.6, 0.4, 4)), 0.16::float8, 'a count against the magic number');
SELECT is(magic_number(goal => 15000, sales => 'n=1 total=2500 squares=6250000', proposal => '6/10', closing => '4/10', weeks => 4), 6.25::float8, 'summaries by name');
SELECT is(magic_number(goal => 15000, average_revenue => 2500, proposal_ratio => 0.6, closing_ratio => 0.4, weeks => 4), 6.25::float8, 'numbers by name');

-- errors
SELECT throws_ok('SELECT ' || sql, state, message, sql)
FROM (VALUES
	($$magic_number('NaN', 2500, 0.6, 0.4, 4)$$, '22003', 'goal must be a finite number, not NaN'),
	($$magic_number('Infinity', 2500, 0.6, 0.4, 4)$$, '22003', 'goal must be a finite number, not Infinity'),
	($$magic_number(0, '-Infinity', 0.6::float8, 0.4::float8, 4)$$, '22003', 'average revenue must be a finite number, not -Infinity'),
	($$magic_number(1, 2500, 1.5, 0.4, 4)$$, '22003', 'proposal ratio must be between 0 and 1, not 1.5'),
	($$magic_number(0, 2500, -0.1, 0.4, 4)$$, '22003', 'proposal ratio must be between 0 and 1, not -0.1'),
	($$magic_number(1, 2500, 0.6, 40, 4)$$, '22003', 'closing ratio must be between 0 and 1, not 40'),
	($$magic_number(1, 2500, 0.6, 'NaN', 4)$$, '22003', 'closing ratio must be between 0 and 1, not NaN'),
	($$magic_number(1, 2500, 0.6, 0.4, 0)$$, '22023', 'weeks must be a finite number above 0, not 0'),
	($$magic_number(1, 2500, 0.6, 0.4, -4)$$, '22023', 'weeks must be a finite number above 0, not -4'),
	($$magic_number(1, 2500, 0.6, 0.4, 'NaN')$$, '22023', 'weeks must be a finite number above 0, not NaN'),
	($$magic_number(1, 2500, 0.6, 0.4, 'Infinity')$$, '22023', 'weeks must be a finite number above 0, not Infinity'),
	($$magic_number(1e300, 1e-300, 0.6, 0.4, 4)$$, '22003', 'magic number is out of range'),
	($$magic_number('NaN', sales, rate(1, 1), rate(1, 1), 4) FROM seller$$, '22003', 'goal must be a finite number, not NaN'),
	($$magic_number(0, sales, proposal, closing, 0) FROM seller$$, '22023', 'weeks must be a finite number above 0, not 0'),
	($$magic_number(0, sales, proposal, closing, 4, 0) FROM seller$$, '22023', 'confidence must be above 0 and below 1, not 0'),
	($$magic_number(0, sales, proposal, closing, 4, 1) FROM seller$$, '22023', 'confidence must be above 0 and below 1, not 1'),
	($$magic_number(0, sales, proposal, closing, 4, 'NaN') FROM seller$$, '22023', 'confidence must be above 0 and below 1, not NaN'),
	($$magic_number(1e308, sales, proposal, closing, 1e-9, 0.9) FROM seller$$, '22003', 'magic number is out of range'),
	($$expected_revenue(-1, 2500, 0.6, 0.4)$$, '22003', 'number of opportunities must be at least 0, not -1'),
	($$expected_revenue('NaN', 2500, 0.6, 0.4)$$, '22003', 'number of opportunities must be a finite number, not NaN'),
	($$expected_revenue(25, 'Infinity', 0.6, 0.4)$$, '22003', 'average revenue must be a finite number, not Infinity'),
	($$expected_revenue(25, 2500, 0.6, 1.01)$$, '22003', 'closing ratio must be between 0 and 1, not 1.01'),
	($$expected_revenue(1e300, 1e300, 1, 1)$$, '22003', 'expected revenue is out of range'),
	($$activity_barometer(-1, 6)$$, '22003', 'actual must be at least 0, not -1'),
	($$activity_barometer(1, -6)$$, '22003', 'required must be at least 0, not -6'),
	($$activity_barometer('NaN', 0)$$, '22003', 'actual must be a finite number, not NaN'),
	($$activity_barometer(1, 'Infinity')$$, '22003', 'required must be a finite number, not Infinity'),
	($$activity_barometer(1e300, 1e-300)$$, '22003', 'activity barometer is out of range')
) AS c(sql, state, message);

SELECT * FROM finish();
ROLLBACK;
