\set ECHO none
\i test/setup.sql
\i test/binary.sql
SELECT plan(92);

-- whole cycles
SELECT is(cycle_agg(days, won)::text, expected, name)
FROM (VALUES
	('won, lost, open', '{12,30,45}'::integer[], '{t,f,NULL}'::boolean[], '0:+3 12:1w 30:1l 45:-1'),
	('days NULL is not counted', '{NULL,5}', '{t,t}', '0:+1 5:1w'),
	('open at age 0 leaves no trace', '{0}', '{NULL}', 'empty'),
	('won on the day of creation', '{0}', '{t}', '0:+1,1w'),
	('the same day adds up', '{7,7,7}', '{t,t,f}', '0:+3 7:2w,1l'),
	('the last day there is', '{2147483647}', '{f}', '0:+1 2147483647:1l')
) AS c(name, ages, outcomes, expected), unnest(ages, outcomes) AS v(days, won)
GROUP BY name, expected ORDER BY name;
SELECT is((SELECT cycle_agg(1, true) FROM generate_series(1, 0))::text, 'empty', 'no rows give the empty cycle');

-- a window, from 1 March to before 1 April
SELECT is(cycle_agg(started, ended, won, '2026-03-01', '2026-04-01')::text, expected, name)
FROM (VALUES
	('inside', date '2026-03-05', date '2026-03-15', true, '0:+1 10:1w'),
	('delayed entry', '2026-02-19', '2026-03-11', false, '10:+1 20:1l'),
	('ended on the first day', '2026-02-19', '2026-03-01', true, '10:+1,1w'),
	('ended before the window', '2026-02-01', '2026-02-28', true, 'empty'),
	('started after it', '2026-04-01', '2026-04-02', true, 'empty'),
	('ended on the first day after it', '2026-03-05', '2026-04-01', true, '0:+1 27:-1'),
	('open', '2026-03-05', NULL, NULL, '0:+1 27:-1'),
	('won without a day is open', '2026-03-05', NULL, true, '0:+1 27:-1'),
	('unknown outcome is open, whatever the day', '2026-02-01', '2026-02-10', NULL, '28:+1 59:-1'),
	('ended before it started', '2026-03-05', '2026-03-04', true, 'empty'),
	('started unknown', NULL, '2026-03-04', true, 'empty'),
	('started infinite', '-infinity', '2026-03-04', true, 'empty'),
	('never ends', '2026-03-05', 'infinity', true, '0:+1 27:-1')
) AS c(name, started, ended, won, expected)
GROUP BY name, expected ORDER BY name;
SELECT is(cycle_agg('2026-02-19'::date, '2026-03-11'::date, true, NULL, '2026-04-01')::text, '0:+1 20:1w', 'from_date NULL is unbounded');

-- windows that touch add up to the window that holds both
SELECT setseed(0.3);
CREATE TABLE deal AS
SELECT date '2025-01-01' + (random() * 500)::integer AS started, (random() * 120)::integer AS days, random() AS r FROM generate_series(1, 3000);
CREATE VIEW ended AS
SELECT started, CASE WHEN r < 0.8 THEN started + days END AS ended, CASE WHEN r < 0.75 THEN r < 0.3 END AS won FROM deal;
SELECT is((SELECT cycle_send(rollup(month)) FROM (
		SELECT cycle_agg(started, ended, won, m::date, (m + interval '1 month')::date)
		FROM ended, generate_series(timestamp '2025-01-01', '2025-12-01', '1 month') AS m GROUP BY m) AS c(month)),
	(SELECT cycle_send(cycle_agg(started, ended, won, '2025-01-01', '2026-01-01')) FROM ended),
	'twelve months are the year, byte by byte');

-- whatever days come in whatever order: each is found, and no other
SELECT is_empty(format($$
	WITH d AS MATERIALIZED (%s), counted AS (SELECT day, count(*) FILTER (WHERE day %% 3 = 0) AS won, count(*) FILTER (WHERE day %% 3 = 1) AS lost, count(*) FILTER (WHERE day %% 3 = 2) AS left_open FROM d GROUP BY day)
	SELECT coalesce(c.day, k.day), c, k
	FROM (SELECT day, won, lost, -left_open AS net FROM counted WHERE day > 0 OR won > 0) AS c
		FULL JOIN (SELECT * FROM days((SELECT cycle_agg(day, CASE day %% 3 WHEN 0 THEN true WHEN 1 THEN false END) FROM d))) AS k USING (day)
	WHERE (c.won, c.lost) IS DISTINCT FROM (k.won, k.lost) AND coalesce(c.day, k.day) > 0 OR coalesce(c.day, k.day) > 0 AND c.net IS DISTINCT FROM k.net$$, days), name)
FROM (VALUES
	('from the first', 'SELECT n AS day FROM generate_series(1, 3000) AS n'),
	('from the last', 'SELECT 3000 - n AS day FROM generate_series(0, 2999) AS n'),
	('far apart', 'SELECT (n * 7919 % 1000)::integer * 1000 + 1 AS day FROM generate_series(1, 3000) AS n'),
	('close together, and some far off', 'SELECT CASE WHEN n % 50 = 0 THEN n * 1000 ELSE (n * 7919 % 700) + 1 END AS day FROM generate_series(1, 3000) AS n'),
	('as many as there may be', 'SELECT (n * 7919 % 19999 + 1)::integer AS day FROM generate_series(0, 19998) AS n')
) AS c(name, days);
SELECT throws_ok($$SELECT cycle_agg(n * 2, true) FROM generate_series(0, 20000) AS n$$, '54000', NULL, 'but no more');
SELECT is((SELECT won(cycle_agg(n * 2, true)) FROM generate_series(0, 12999) AS n), 13000::bigint, 'room in between does not count');

-- accessors by their definitions
SELECT is(at_risk(c, d), (SELECT sum(CASE WHEN day <= d THEN net ELSE 0 END - CASE WHEN day < d THEN won + lost ELSE 0 END)::bigint FROM days(c)), 'at risk on day ' || d)
FROM (SELECT cycle_agg(started, ended, won, '2025-03-01', '2025-06-01') FROM ended) AS q(c), unnest('{0,1,30,59,92,500}'::integer[]) AS d ORDER BY d;
SELECT is(average_days(c), a, 'average_days'), is(median_days(c), m, 'median_days is percentile_disc(0.5)'), is(won(c), w, 'won'), is(lost(c), l, 'lost')
FROM (SELECT cycle_agg(days, r < 0.5), avg(days) FILTER (WHERE r < 0.5)::float8, percentile_disc(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE r < 0.5),
		count(*) FILTER (WHERE r < 0.5), count(*) FILTER (WHERE r >= 0.5) FROM deal) AS q(c, a, m, w, l);
SELECT is(median_days(c::cycle), expected, 'median of ' || c)
FROM (VALUES ('0:+2 1:1w 9:1w', 1), ('0:+3 1:1w 5:1w 9:1w', 5), ('0:+1 4:1l', NULL), ('empty', NULL), ('0:+1,1w', 0)) AS c(c, expected);
SELECT is(average_days('empty'), NULL, 'no mean of none'), is(won('empty'), 0::bigint, 'no won of none'), is(at_risk('empty', 3), 0::bigint, 'nobody at risk');
SELECT results_eq($$SELECT * FROM days('0:+5 12:1w 30:2w,1l 45:-1')$$,
	$$VALUES (0, 5::bigint, 0::bigint, 0::bigint), (12, 0, 1, 0), (30, 0, 2, 1), (45, -1, 0, 0)$$, 'days are rows in order');

-- the algebra and the windows
SELECT is(a + b - b, a, 'minus undoes plus'), is(a - a, 'empty', 'less itself is empty')
FROM (VALUES ('0:+1 12:1w'::cycle, '0:+2 12:1l 13:1w'::cycle)) AS c(a, b);
SELECT results_eq(
	$$SELECT cycle_agg(d, w) OVER (ORDER BY i ROWS 1 PRECEDING) FROM (VALUES (1, 1, true), (2, 2, false), (3, 3, NULL), (4, NULL, true)) AS v(i, d, w) ORDER BY i$$,
	$$VALUES ('0:+1 1:1w'::cycle), ('0:+2 1:1w 2:1l'), ('0:+2 2:1l 3:-1'), ('0:+1 3:-1')$$,
	'cycle_agg over a moving window');

-- limits and errors
SELECT is((SELECT count(*) FROM (SELECT cycle_agg(d, true) FROM generate_series(1, 19999) AS d) AS q(c), days(c)), 20000::bigint, '20,000 different days');
SELECT throws_ok(sql, state, NULL, sql || ' is ' || state)
FROM (VALUES
	('SELECT cycle_agg(d, true) FROM generate_series(1, 20000) AS d', '54000'),
	('SELECT cycle_agg(-1, true)', '22003'),
	($$SELECT cycle_agg('2026-01-01', NULL, NULL, NULL, NULL::date)$$, '22023'),
	($$SELECT cycle_agg('2026-01-01', NULL, NULL, NULL, 'infinity'::date)$$, '22023'),
	($$SELECT cycle_agg('2026-01-01', NULL, NULL, '2026-02-01', '2026-01-31'::date)$$, '22023'),
	($$SELECT '0:+1 12:1w'::cycle - '0:+1 13:1w'$$, '22003'),
	($$SELECT '0:+1 12:1w'::cycle - '0:+1 12:1l'$$, '22003'),
	($$SELECT '0:+5 12:1w'::cycle$$, '22003'),
	($$SELECT '0:1w'::cycle$$, '22003'),
	($$SELECT '5:+1 3:1w'::cycle$$, '22003'),
	($$SELECT '-1:+1 3:1w'::cycle$$, '22P02'),
	($$SELECT '2147483648:+1,1w'::cycle$$, '22003'),
	($$SELECT '0:+1 3:1w,'::cycle$$, '22P02'),
	($$SELECT '0:+1,0w 3:1w'::cycle$$, '22P02'),
	($$SELECT ''::cycle$$, '22P02')
) AS c(sql, state);

-- several windows at once are each of them: one row or batches, close together or centuries apart, in workers too
CREATE FUNCTION pg_temp.windows(deals text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT format($q$
		WITH d AS MATERIALIZED (%s),
		w(n, from_date, until_date) AS (VALUES (1, date '2025-03-01', date '2025-06-01'), (2, NULL, '2025-06-01'), (3, '2025-06-01', '2025-09-01'),
			(4, '2025-03-01', '2025-03-01'), (5, '2024-01-01', '2024-01-02')),
		each AS (SELECT rep, n, cycle_agg(started, ended, won, from_date, until_date) AS cycle FROM d, w GROUP BY rep, n),
		together AS (SELECT rep, kpi.mart_cycles(started, ended, won, ARRAY(SELECT from_date FROM w ORDER BY n), ARRAY(SELECT until_date FROM w ORDER BY n)) AS cycles FROM d GROUP BY rep)
		SELECT rep, n, cycle, cycles[n] FROM each FULL JOIN together USING (rep) WHERE cycle IS DISTINCT FROM cycles[n] OR cardinality(cycles) <> 5$q$, deals)
$$;
SELECT is_empty(windows, name)
FROM (VALUES
	('a batch', 'SELECT 1 AS rep, started, ended, won FROM ended'),
	('batches, and what is left of one', 'SELECT n % 2 AS rep, started + n % 7 AS started, ended + n % 7 AS ended, won FROM ended, generate_series(1, 5) AS n'),
	('little of many', 'SELECT row_number() OVER ()::integer % 500 AS rep, started, ended, won FROM ended'),
	('one each', 'SELECT row_number() OVER () AS rep, started, ended, won FROM ended LIMIT 300'),
	('since ever', $$SELECT 1 AS rep, CASE WHEN r < 0.1 THEN started - 800000 ELSE started END AS started, started + days AS ended, r < 0.5 AS won FROM deal$$),
	('what does not count', $$SELECT 1 AS rep, s::date AS started, e::date AS ended, true AS won FROM unnest('{NULL,-infinity,infinity,2025-04-01}'::text[]) AS s, unnest('{NULL,-infinity,infinity,2025-03-31,2025-04-01}'::text[]) AS e$$)
) AS c(name, deals), pg_temp.windows(deals);
SELECT is(mart_cycles('2025-01-01', NULL, NULL, '{}', '{}'), '{}', 'no windows'),
	is((SELECT mart_cycles('2025-01-01', NULL, NULL, '{2025-01-01}', '{2025-02-01}') FROM generate_series(1, 0)), '{}', 'no rows tell no windows'),
	is(mart_cycles(NULL, NULL, NULL, '{2025-01-01,NULL}', '{2025-02-01,2025-02-01}'), '{empty,empty}', 'nothing seen in two windows');
SELECT throws_ok(sql, state, NULL, sql || ' is ' || state)
FROM (VALUES
	($$SELECT mart_cycles('2025-01-01', NULL, NULL, NULL, '{2025-02-01}')$$, '22023'),
	($$SELECT mart_cycles('2025-01-01', NULL, NULL, '{2025-01-01,2025-01-02}', '{2025-02-01}')$$, '22023'),
	($$SELECT mart_cycles('2025-01-01', NULL, NULL, '{2025-03-01}', '{2025-02-01}')$$, '22023'),
	($$SELECT mart_cycles('2025-01-01', NULL, NULL, '{2025-01-01}', '{NULL}')$$, '22023'),
	($$SELECT mart_cycles('2025-01-01', NULL, NULL, '{{2025-01-01}}', '{{2025-02-01}}')$$, '2202E'),
	($$SELECT mart_cycles('2025-01-01', NULL, NULL, ARRAY[f], '{2025-02-01}') FROM (VALUES (date '2025-01-01'), ('2025-01-02')) AS v(f)$$, '22023'),
	($$SELECT mart_cycles('2025-01-01', NULL, NULL, array_fill(date '2025-01-01', '{1001}'), array_fill(date '2025-01-01', '{1001}'))$$, '54000'),
	($$SELECT mart_cycles(date '2000-01-01' - n, date '2000-01-01' + n, true, '{NULL}', '{2500-01-01}') FROM generate_series(0, 20000) AS n$$, '54000')
) AS c(sql, state);

-- round trips and hostile input
SELECT is(from_binary('cycle', cycle_send(c)), c::text, 'binary ' || c), is(c::text::cycle, c, 'text ' || c)
FROM (VALUES ('empty'::cycle), ('0:+5 12:1w 30:2w,1l 45:-1'), ('0:+9223372036854775807 2147483647:9223372036854775807w')) AS c(c);
SELECT setseed(0.18);
SELECT is_empty($$SELECT text FROM hostile_text('cycle', ARRAY['0:+5 12:1w 30:2w,1l 45:-1', 'empty'], ARRAY[':+', 'w', 'l', ','], 1000) AS text
	WHERE text !~ '^error (22P02|22003|54000)$' AND EXISTS (SELECT FROM days(text::cycle) WHERE at_risk(text::cycle, day) < won + lost OR won < 0 OR lost < 0)$$,
	'hostile text gives an error or a valid cycle');
SELECT is_empty($$SELECT text FROM hostile_binary('cycle', ARRAY[cycle_send('0:+5 12:1w 30:2w,1l 45:-1')], 1000) AS text
	WHERE text !~ '^error (22P03|08P01|22003|54000)$' AND EXISTS (SELECT FROM days(text::cycle) WHERE at_risk(text::cycle, day) < won + lost OR won < 0 OR lost < 0)$$,
	'hostile messages give an error or a valid cycle');

SELECT * FROM finish();
ROLLBACK;
