\set ECHO none
\i test/setup.sql
SELECT plan(262);

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

-- by the win ratio: the same with p = proposal ratio * closing ratio
SELECT is_empty('SELECT name, goal, confidence FROM seller, unnest(''{-1,0,1,15000,1e9}''::numeric[]) AS goal, unnest(''{1e-300,0.1,0.5,0.9,0.9999999999999999}''::float8[]) AS confidence
	WHERE decided(proposal) > 0 AND decided(closing) > 0 AND magic_number(goal, sales, ratio(proposal) * ratio(closing), 4, confidence) IS DISTINCT FROM magic_number(goal, sales, proposal, closing, 4, confidence)', 'by the win ratio, as by the ratios');
SELECT is(magic_number(goal::numeric, sales, win_ratio, weeks, confidence), expected, format('win ratio: %s', c.name))
FROM (VALUES
	('6.25 a week', 'example', '15000', 0.24::float8, 4::float8, 0.5::float8, 6.25::float8),
	('all are won', 'one sale', '15000', 1, 1, 0.5, 6),
	('none is won', 'example', '15000', 0, 4, 0.5, NULL),
	('none is won, and none need be', 'example', '0', 0, 4, 0.9, 0),
	('a goal below 0', 'no revenue', '-1e300', 0.5, 4, 0.9, 0),
	('no sale', 'no sale', '0', 0.5, 4, 0.5, NULL),
	('no revenue', 'no revenue', '1', 0.5, 4, 0.5, NULL),
	('one sale, not at 0.5', 'one sale', '15000', 0.5, 4, 0.9, NULL),
	('goal NULL', 'example', NULL, 0.5, 4, 0.5, NULL), ('win ratio NULL', 'example', '1', NULL, 4, 0.5, NULL), ('weeks NULL', 'example', '1', 0.5, NULL, 0.5, NULL), ('confidence of the win ratio NULL', 'example', '1', 0.5, 4, NULL, NULL)
) AS c(name, seller, goal, win_ratio, weeks, confidence, expected) JOIN seller ON seller.name = c.seller
ORDER BY c.name COLLATE "C";
SELECT is(magic_number(goal => 15000, sales => 'n=1 total=2500 squares=6250000', win_ratio => 0.24, weeks => 4), 6.25::float8, 'the win ratio by name'),
	is(magic_number(15000, 'n=1 total=2500 squares=6250000', 0.24, 4), 6.25::float8, 'the win ratio by literals'),
	is(magic_number(15000, 'n=1 total=2500 squares=6250000', win_probability('0:+100 30:24w,76l', 30), 4), 6.25::float8, 'the win ratio of a curve');
SELECT results_eq(format('SELECT magic_number(goal, sales, 0.25, 1) FROM (SELECT 3::%s, ''n=1 total=2 squares=4''::sales) AS c(goal, sales)', type), 'VALUES (6::float8)', 'win ratio: goal of ' || type)
FROM unnest('{smallint,integer,bigint,numeric}'::text[]) AS type;

-- the bounds: by plain SQL, on the scale of logarithms
CREATE TEMP TABLE bounded AS
SELECT name, goal, confidence, n, magic_number_low(goal, sales, proposal, closing, 4, confidence) AS low, magic_number_high(goal, sales, proposal, closing, 4, confidence) AS high, low_sale,
	n / exp(sqrt(ln(high_sale / m) ^ 2 + ln(high(proposal, confidence) / ratio(proposal)) ^ 2 + ln(high(closing, confidence) / ratio(closing)) ^ 2)) AS low_plain,
	n * exp(sqrt(ln(m / CASE WHEN low_sale > 0 THEN low_sale END) ^ 2 + ln(ratio(proposal) / low(proposal, confidence)) ^ 2 + ln(ratio(closing) / low(closing, confidence)) ^ 2)) AS high_plain
FROM seller, unnest('{1,15000,1e9}'::float8[]) AS goal, unnest('{0.01,0.2,0.5,0.8,0.95,0.999,0.9999999999999999}'::float8[]) AS confidence,
	LATERAL (VALUES (magic_number(goal, sales, proposal, closing, 4), average(sales)::float8, low(sales, confidence), high(sales, confidence))) AS l(n, m, low_sale, high_sale)
WHERE name IN ('example', 'credit note', 'spread', 'sure', 'equal sales');
SELECT is(count(*) FILTER (WHERE abs(low / low_plain - 1) < 1e-12 AND (abs(high / high_plain - 1) < 1e-12 OR high_plain IS NULL AND high IS NULL)), 105::bigint, 'the bounds by plain SQL'),
	is(count(*) FILTER (WHERE high IS NULL), count(*) FILTER (WHERE low_sale <= 0), 'no upper bound where the average sale may be 0'),
	is(count(*) FILTER (WHERE low <= n AND n <= coalesce(high, n)), 105::bigint, 'the bounds hold the number'),
	cmp_ok(count(high), '>=', 60::bigint, 'most have both') FROM bounded;
SELECT is_empty('SELECT * FROM (SELECT *, lag(low) OVER w AS narrower_low, lag(high) OVER w AS narrower_high FROM bounded WINDOW w AS (PARTITION BY name, goal ORDER BY confidence)) AS v WHERE low >= narrower_low OR high <= narrower_high', 'more confidence, wider bounds');
SELECT is_empty('SELECT k FROM (SELECT k, magic_number_low(15000, sales, rate(6 * k, 10 * k), rate(4 * k, 10 * k), 4) AS low, magic_number_high(15000, sales, rate(6 * k, 10 * k), rate(4 * k, 10 * k), 4) AS high, lag(k) OVER (ORDER BY k) AS before FROM seller, generate_series(1, 200, 20) AS k WHERE name = ''example'') AS a
	WHERE before IS NOT NULL AND high / low >= (SELECT magic_number_high(15000, sales, rate(6 * before, 10 * before), rate(4 * before, 10 * before), 4) / magic_number_low(15000, sales, rate(6 * before, 10 * before), rate(4 * before, 10 * before), 4) FROM seller WHERE name = ''example'')', 'more decisions, narrower bounds');
SELECT cmp_ok(magic_number_high(15000, sales, '3/3', '5/5', 4), '>', 2 * magic_number(15000, sales, '3/3', '5/5', 4), 'ratios of 1 are not certain'), is(round(magic_number_low(15000, sales, '3/3', '5/5', 4, 1e-9)::numeric, 6), 1.5, 'nor is the number below itself') FROM seller WHERE name = 'example';
SELECT is(ARRAY[magic_number_low(goal, sales, proposal, closing, 4), magic_number_high(goal, sales, proposal, closing, 4)], expected, format('bounds: %s, a goal of %s', name, goal))
FROM (VALUES
	('example', 0::float8, '{0,0}'::float8[]), ('example', -1, '{0,0}'), ('no revenue', 0, '{0,0}'), ('nothing won', 0, '{0,0}'),
	('one sale', 0, '{NULL,NULL}'), ('one sale', 1, '{NULL,NULL}'), ('no sale', 1, '{NULL,NULL}'), ('no proposal decided', 1, '{NULL,NULL}'), ('no closing decided', 0, '{NULL,NULL}'),
	('no proposal passed', 1, '{NULL,NULL}'), ('nothing won', 1, '{NULL,NULL}'), ('no revenue', 1, '{NULL,NULL}')
) AS c(name, goal, expected) JOIN seller USING (name)
ORDER BY name COLLATE "C", goal;
SELECT is(f, NULL, 'bounds: NULL ' || i)
FROM seller, LATERAL (VALUES
	(1, magic_number_low(NULL, sales, proposal, closing, 4)), (2, magic_number_low(1, NULL, proposal, closing, 4)), (3, magic_number_low(1, sales, NULL, closing, 4)), (4, magic_number_low(1, sales, proposal, NULL, 4)), (5, magic_number_low(1, sales, proposal, closing, NULL)), (6, magic_number_low(1, sales, proposal, closing, 4, NULL)),
	(7, magic_number_high(NULL, sales, proposal, closing, 4)), (8, magic_number_high(1, NULL, proposal, closing, 4)), (9, magic_number_high(1, sales, NULL, closing, 4)), (10, magic_number_high(1, sales, proposal, NULL, 4)), (11, magic_number_high(1, sales, proposal, closing, NULL)), (12, magic_number_high(1, sales, proposal, closing, 4, NULL))
) AS l(i, f)
WHERE name = 'example' ORDER BY i;

-- the levers: two calls of the magic number, and of the way back
CREATE TEMP TABLE lever AS
SELECT name, goal, weeks, actual, l.*, m, p, c FROM seller, unnest('{1,15000,1e9}'::float8[]) AS goal, unnest('{0.5,4,52}'::float8[]) AS weeks, unnest('{0,1,30}'::float8[]) AS actual,
	magic_number_levers(goal, sales, proposal, closing, weeks, actual) AS l, LATERAL (VALUES (average(sales)::float8, ratio(proposal), ratio(closing))) AS r(m, p, c);
SELECT results_eq('SELECT lever, change, count(*) FROM lever GROUP BY lever, change ORDER BY lever COLLATE "C"',
	$$VALUES ('average sale', 'one per cent', 243::bigint), ('closing ratio', 'one point', 243), ('proposal ratio', 'one point', 243), ('sales cycle', 'one day', 243)$$, 'four levers each, none where there is no sale or decision');
CREATE TEMP TABLE lever_plain AS
SELECT lever.*, magic_number(goal, m, p, c, weeks) - magic_number(goal, m2, p2, c2, weeks2) AS saved_plain, expected_revenue(actual * weeks2, m2, p2, c2) - expected_revenue(actual * weeks, m, p, c) AS gained_plain
FROM lever, LATERAL (VALUES (
	CASE lever WHEN 'average sale' THEN m + abs(m) / 100 ELSE m END, CASE lever WHEN 'proposal ratio' THEN least(p + 0.01, 1) ELSE p END, CASE lever WHEN 'closing ratio' THEN least(c + 0.01, 1) ELSE c END
)) AS l(m2, p2, c2), LATERAL (VALUES (CASE lever WHEN 'sales cycle' THEN weeks + 1 / 7.0 ELSE weeks END)) AS w(weeks2);
SELECT is_empty($$SELECT * FROM lever_plain WHERE lever <> 'sales cycle' AND abs(saved_per_week - saved_plain) < 1e-9 * (1 + goal) IS NOT true AND coalesce(saved_per_week, saved_plain) IS NOT NULL$$, 'saved: the magic number before and after'),
	is_empty($$SELECT * FROM lever_plain WHERE abs(revenue_gained - gained_plain) < 1e-9 * (1 + abs(gained_plain)) IS NOT true$$, 'gained: the revenue before and after'),
	is_empty($$SELECT * FROM lever_plain WHERE lever = 'sales cycle' AND abs(saved_per_week - saved_plain) < 1e-9 * (1 + goal) IS NOT true AND coalesce(saved_per_week, saved_plain) IS NOT NULL$$, 'a day more of weeks'),
	cmp_ok((SELECT count(saved_per_week) FROM lever), '>', 500::bigint, 'often enough');
SELECT is_empty('SELECT * FROM lever WHERE (saved_per_week IS NULL) <> (NOT (m > 0 AND p > 0 AND c > 0)) OR saved_per_week < 0 OR actual = 0 AND revenue_gained <> 0', 'no saving where there is no magic number');
SELECT is(array_agg(saved_per_week), '{0,0,0,0}'::float8[], 'a goal of 0 is saved nothing') FROM seller, magic_number_levers(0, sales, proposal, closing, 4, 30) WHERE name = 'example';
SELECT is(array_agg(round(revenue_gained::numeric, 9) ORDER BY lever COLLATE "C"), ARRAY[150, 0, 0, round(15000 / 7.0 / 4, 9)], 'a ratio of 1 grows no more')
FROM magic_number_levers(15000, 'n=2 total=5000 squares=12500000', '3/3', '5/5', 4, 1.5);
SELECT is_empty('SELECT ' || call, call)
FROM unnest(ARRAY['magic_number_levers(NULL, sales, proposal, closing, 4, 30) FROM seller', 'magic_number_levers(1, NULL, proposal, closing, 4, 30) FROM seller', 'magic_number_levers(1, sales, NULL, closing, 4, 30) FROM seller', 'magic_number_levers(1, sales, proposal, NULL, 4, 30) FROM seller',
	'magic_number_levers(1, sales, proposal, closing, NULL, 30) FROM seller', 'magic_number_levers(1, sales, proposal, closing, 4, NULL) FROM seller']) AS call;

-- what remains: by plain SQL, one opportunity a day for the days that are left
CREATE TEMP TABLE past (name text, cycle cycle);
INSERT INTO past VALUES ('closed', '0:+100 10:20w 30:30w 60:50l'), ('won at once too', '0:+50,5w 1:5w 2:5l 100:35l'), ('seen late', '5:+40 20:20w 50:10w,10l'), ('open', '0:+40 14:2w,3l 30:6w,5l 45:-4,5w,2l 60:2w,1l 90:-10'), ('all lost', '0:+20 7:20l'), ('few', '0:+3 5:1w 8:-2'), ('nobody', 'empty');
CREATE TEMP TABLE remaining AS
SELECT name, goal, average_revenue, weeks_left, r.*, days, wins
FROM past, unnest('{12000,1}'::float8[]) AS goal, unnest('{2500,0.1}'::float8[]) AS average_revenue, unnest('{0.05,0.2,1,1.3,2,3.142857142857143,8,10,30}'::float8[]) AS weeks_left,
	magic_number_remaining(goal + 3000, 3000, average_revenue, cycle, weeks_left) AS r, LATERAL (VALUES (weeks_left * 7)) AS w(days),
	LATERAL (SELECT sum(least(days - day, 1) * win_probability(cycle, day)) FILTER (WHERE win_probability(cycle, ceil(days)::integer - 1) IS NOT NULL) FROM generate_series(0, ceil(days)::integer - 1) AS day) AS l(wins);
SELECT is_empty($$SELECT * FROM remaining WHERE abs(share - wins / days) < 1e-12 IS NOT true AND coalesce(share, wins) IS NOT NULL$$, 'the share won by the end, by plain SQL'),
	is_empty($$SELECT * FROM remaining WHERE abs(per_week / (goal / average_revenue / nullif(wins, 0) * 7) - 1) < 1e-9 IS NOT true AND coalesce(per_week, goal / nullif(wins, 0)) IS NOT NULL$$, 'how many a week'),
	is_empty($$SELECT * FROM remaining WHERE status <> CASE WHEN share IS NULL THEN 'too few deals to tell' WHEN share = 0 THEN 'not reachable by new opportunities' ELSE 'reachable' END OR (per_week IS NULL) <> (status <> 'reachable')$$, 'what to make of it');
SELECT results_eq('SELECT status, count(*) > 10 FROM remaining GROUP BY status ORDER BY status COLLATE "C"', $$VALUES ('not reachable by new opportunities', true), ('reachable', true), ('too few deals to tell', true)$$, 'each of them often enough');
SELECT is(r::text, expected, name)
FROM (VALUES
	('the example: by the end of 8 weeks', magic_number_remaining(15000, 3000, 2500, '0:+100 10:20w 30:30w 60:50l', 8), '(1.9764705882352942,0.30357142857142855,reachable)'),
	('more than at most', magic_number_remaining(15000, 3000, 2500, '0:+100 10:20w 30:30w 60:50l', 8, 1.9), '(1.9764705882352942,0.30357142857142855,"not reachable by new opportunities")'),
	('just as much', magic_number_remaining(15000, 3000, 2500, '0:+100 10:20w 30:30w 60:50l', 8, 1.9764705882352942), '(1.9764705882352942,0.30357142857142855,reachable)'),
	('none at all at most', magic_number_remaining(15000, 3000, 2500, '0:+100 10:20w 30:30w 60:50l', 8, 0), '(1.9764705882352942,0.30357142857142855,"not reachable by new opportunities")'),
	('won on the first day only after a week', magic_number_remaining(15000, 3000, 2500, '0:+10 7:10w', 1), '(,0,"not reachable by new opportunities")'),
	('on the eighth day one can be', magic_number_remaining(2500, 0, 2500, '0:+10 7:10w', 8 / 7.0), '(7,0.125,reachable)'),
	('no time left', magic_number_remaining(15000, 3000, 2500, '0:+100 10:20w 30:30w 60:50l', 0), '(,0,"not reachable by new opportunities")'),
	('no time left, enough is expected', magic_number_remaining(15000, 15000, 2500, '0:+100 10:20w 30:30w 60:50l', 0), '(0,0,reachable)'),
	('enough is expected', magic_number_remaining(15000, 20000, 2500, '0:+10 5:10w', 1), '(0,0.2857142857142857,reachable)'),
	('enough is expected, and at most none', magic_number_remaining(15000, 20000, 2500, '0:+10 5:10w', 1, 0), '(0,0.2857142857142857,reachable)'),
	('a goal of 0', magic_number_remaining(0, 0, -1, 'empty', 1), '(0,,"target met")'),
	('expected is less than nothing', magic_number_remaining(0, -2500, 2500, '0:+10,10w', 1), '(1,1,reachable)'),
	('nothing is earned', magic_number_remaining(1, 0, 0, '0:+10,10w', 1), '(,1,"not reachable by new opportunities")'),
	('sales lose money', magic_number_remaining(1, 0, -1, '0:+10,10w', 1), '(,1,"not reachable by new opportunities")'),
	('nobody to tell', magic_number_remaining(1, 0, 1, 'empty', 1), '(,,"too few deals to tell")'),
	('nobody to tell, and nothing is earned', magic_number_remaining(1, 0, 0, 'empty', 1), '(,,"too few deals to tell")'),
	('all the weeks there are', magic_number_remaining(306783378, 0, 1, '0:+10,10w', 306783378), '(1,1,reachable)'),
	('goal NULL', magic_number_remaining(NULL, 0, 1, 'empty', 1), NULL), ('expected NULL', magic_number_remaining(1, NULL, 1, 'empty', 1), NULL), ('average NULL', magic_number_remaining(1, 0, NULL, 'empty', 1), NULL), ('cycle NULL', magic_number_remaining(1, 0, 1, NULL, 1), NULL), ('weeks NULL', magic_number_remaining(1, 0, 1, 'empty', NULL), NULL), ('at most NULL', magic_number_remaining(1, 0, 1, 'empty', 1, NULL), NULL),
	('by name', magic_number_remaining(goal => 7, expected => 0, average_revenue => 1, cycle => '0:+10,10w', weeks_left => 1, at_most => 8), '(7,1,reachable)')
) AS c(name, r, expected);
CREATE TEMP TABLE stored AS SELECT cycle_agg(i * i % 5000, i % 3 > 0) AS cycle FROM generate_series(1, 3000) AS i;
SELECT is(magic_number_remaining(1000, 0, 10, cycle, 100)::text, magic_number_remaining(1000, 0, 10, cycle::text::cycle, 100)::text, 'a cycle that is stored compressed') FROM stored;

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
	($$magic_number('NaN'::numeric, sales, 0.5, 4) FROM seller$$, '22003', 'goal must be a finite number, not NaN'),
	($$magic_number('Infinity'::numeric, sales, 0.5, 4) FROM seller$$, '22003', 'goal must be a finite number, not Infinity'),
	($$magic_number(1e309, sales, 0.5, 4) FROM seller$$, '22003', NULL),
	($$magic_number(0, sales, 1.01, 4) FROM seller$$, '22003', 'win ratio must be between 0 and 1, not 1.01'),
	($$magic_number(0, sales, -0.01, 4) FROM seller$$, '22003', 'win ratio must be between 0 and 1, not -0.01'),
	($$magic_number(0, sales, 'NaN'::float8, 4) FROM seller$$, '22003', 'win ratio must be between 0 and 1, not NaN'),
	($$magic_number(0, sales, 0.5, 0) FROM seller$$, '22023', 'weeks must be a finite number above 0, not 0'),
	($$magic_number(0, sales, 0.5, 4, 1) FROM seller$$, '22023', 'confidence must be above 0 and below 1, not 1'),
	($$magic_number(0, sales, 0.5, 4, -1) FROM seller$$, '22023', 'confidence must be above 0 and below 1, not -1'),
	($$magic_number(1e308, sales, 1e-300, 1e-9) FROM seller$$, '22003', 'magic number is out of range'),
	($$magic_number_low('NaN', sales, proposal, closing, 4) FROM seller$$, '22003', 'goal must be a finite number, not NaN'),
	($$magic_number_low(0, sales, proposal, closing, -1) FROM seller$$, '22023', 'weeks must be a finite number above 0, not -1'),
	($$magic_number_low(0, sales, proposal, closing, 4, 0) FROM seller$$, '22023', 'confidence must be above 0 and below 1, not 0'),
	($$magic_number_low(1e308, sales, proposal, closing, 1e-9) FROM seller WHERE name = 'example'$$, '22003', 'magic number is out of range'),
	($$magic_number_high('Infinity', sales, proposal, closing, 4) FROM seller$$, '22003', 'goal must be a finite number, not Infinity'),
	($$magic_number_high(0, sales, proposal, closing, 'NaN') FROM seller$$, '22023', 'weeks must be a finite number above 0, not NaN'),
	($$magic_number_high(0, sales, proposal, closing, 4, 'NaN') FROM seller$$, '22023', 'confidence must be above 0 and below 1, not NaN'),
	($$magic_number_high(1e308, sales, proposal, closing, 1e-9) FROM seller WHERE name = 'example'$$, '22003', 'magic number is out of range'),
	($$magic_number_levers('NaN', sales, proposal, closing, 4, 30) FROM seller$$, '22003', 'goal must be a finite number, not NaN'),
	($$magic_number_levers(1, sales, proposal, closing, 0, 30) FROM seller$$, '22023', 'weeks must be a finite number above 0, not 0'),
	($$magic_number_levers(1, sales, proposal, closing, 4, -1) FROM seller$$, '22003', 'actual must be at least 0, not -1'),
	($$magic_number_levers(1, sales, proposal, closing, 4, 'Infinity') FROM seller$$, '22003', 'actual must be a finite number, not Infinity'),
	($$magic_number_levers(1e308, sales, proposal, closing, 1e-9, 0) FROM seller$$, '22003', 'opportunities saved is out of range'),
	($$magic_number_levers(1, sales, proposal, closing, 1e300, 1e300) FROM seller$$, '22003', 'revenue gained is out of range'),
	($$magic_number_remaining('NaN', 0, 1, 'empty', 1)$$, '22003', 'goal must be a finite number, not NaN'),
	($$magic_number_remaining(1, 'Infinity', 1, 'empty', 1)$$, '22003', 'expected revenue must be a finite number, not Infinity'),
	($$magic_number_remaining(1, 0, '-Infinity', 'empty', 1)$$, '22003', 'average revenue must be a finite number, not -Infinity'),
	($$magic_number_remaining(1, 0, 1, 'empty', -0.1)$$, '22023', 'weeks left must be between 0 and 306783378, not -0.1'),
	($$magic_number_remaining(1, 0, 1, 'empty', 306783379)$$, '22023', 'weeks left must be between 0 and 306783378, not 306783379'),
	($$magic_number_remaining(1, 0, 1, 'empty', 'NaN')$$, '22023', 'weeks left must be between 0 and 306783378, not NaN'),
	($$magic_number_remaining(1, 0, 1, 'empty', 'Infinity')$$, '22023', 'weeks left must be between 0 and 306783378, not Infinity'),
	($$magic_number_remaining(1, 0, 1, 'empty', 1, -1)$$, '22023', 'at_most must be at least 0, not -1'),
	($$magic_number_remaining(1, 0, 1, 'empty', 1, 'NaN')$$, '22023', 'at_most must be at least 0, not NaN'),
	($$magic_number_remaining(1e308, -1e308, 1, '0:+10,10w', 1)$$, '22003', 'magic number is out of range'),
	($$magic_number_remaining(1e300, 0, 1e-300, '0:+10,10w', 1)$$, '22003', 'magic number is out of range'),
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
