\set ECHO none
\i test/setup.sql
SELECT plan(219);

-- ----------
-- The curve
-- ----------

-- by hand: of 20, 2 of 20 are won, 3 of 18 won and 1 lost, 4 left open, 5 of 10
-- won and 5 lost
SELECT results_eq(
	$$SELECT day, net, at_risk, won, lost, round(win::numeric, 12), round(loss::numeric, 12), round(still_open::numeric, 12), low IS NULL, high IS NULL FROM curve('0:+20 5:2w 10:3w,1l 30:-4 40:5w,5l')$$,
	$$VALUES (0, 20::bigint, 20::bigint, 0::bigint, 0::bigint, 0.000000000000, 0.000000000000, 1.000000000000, true, true),
		(5, 0, 20, 2, 0, 0.1, 0, 0.9, false, false),
		(10, 0, 18, 3, 1, 0.25, 0.05, 0.7, false, false),
		(30, -4, 10, 0, 0, 0.25, 0.05, 0.7, false, false),
		(40, 0, 10, 5, 5, 0.6, 0.4, 0, false, false)$$,
	'a curve by hand');
SELECT results_eq(format('SELECT day, at_risk, win, loss, still_open, low, high FROM curve(%L)', c), rows, name)
FROM (VALUES
	('nobody', 'empty', 'SELECT 0, 0::bigint, 0::float8, 0::float8, 0::float8, 0::float8, 0::float8 WHERE false'),
	('one deal, won at once', '0:+1,1w', 'VALUES (0, 1::bigint, 1::float8, 0::float8, 0::float8, NULL::float8, NULL::float8)'),
	('all won', '0:+5 3:5w', 'VALUES (0, 5::bigint, 0::float8, 0::float8, 1::float8, NULL::float8, NULL::float8), (3, 5, 1, 0, 0, NULL, NULL)'),
	('all lost', '0:+5 3:5l', 'VALUES (0, 5::bigint, 0::float8, 0::float8, 1::float8, NULL::float8, NULL::float8), (3, 5, 0, 1, 0, NULL, NULL)'),
	('all open', '0:+5 3:-5', 'VALUES (0, 5::bigint, 0::float8, 0::float8, 1::float8, NULL::float8, NULL::float8), (3, 0, 0, 0, 1, NULL, NULL)'),
	('who comes after all have gone tells nothing', '0:+1 1:1w 5:+2 7:1w 9:1l', 'VALUES (0, 1::bigint, 0::float8, 0::float8, 1::float8, NULL::float8, NULL::float8), (1, 1, 1, 0, 0, NULL, NULL), (5, 2, 1, 0, 0, NULL, NULL), (7, 2, 1, 0, 0, NULL, NULL), (9, 1, 1, 0, 0, NULL, NULL)')
) AS c(name, c, rows);

-- 6-MP (see significance.sql): Kaplan and Meier's curve and Greenwood's
-- standard errors, as every textbook has them; the share won is 1 less it
SELECT results_eq(
	$$SELECT day, at_risk, round(still_open::numeric, 3), round((ln(ln(low) / ln(win)) * -win * ln(win) / 1.959963984540054)::numeric, 4)
		FROM (SELECT cycle_agg(CASE WHEN days > 0 THEN days ELSE 1 - days END, CASE WHEN days > 0 THEN true END)
			FROM unnest('{6,6,6,7,10,13,16,22,23,-6,-9,-10,-11,-17,-19,-20,-25,-32,-32,-34,-35}'::integer[]) AS days) AS c(cycle), curve(cycle)
		WHERE won > 0$$,
	$$VALUES (6, 21::bigint, 0.857, 0.0764), (7, 17, 0.807, 0.0869), (10, 15, 0.753, 0.0963), (13, 12, 0.690, 0.1068), (16, 11, 0.627, 0.1141), (22, 7, 0.538, 0.1282), (23, 6, 0.448, 0.1346)$$,
	'6-MP: Kaplan and Meier''s curve, Greenwood''s standard errors');

-- with delayed entry, in a window of 60 days: at risk from the age at which a
-- deal enters to that on which it ends, or to the day before it is left open
SELECT setseed(0.21);
CREATE TEMP TABLE deal AS
SELECT sample, i, (random() * 150)::integer - 100 AS started, (random() * (20 + 5 * sample))::integer AS days,
	CASE WHEN random() < 0.85 THEN random() < 0.2 + sample / 40.0 END AS won
FROM generate_series(1, 12) AS sample, generate_series(1, 20 * sample) AS i;
CREATE TEMP TABLE seen AS
SELECT sample, CASE WHEN ended THEN won END AS won, greatest(0, -started) AS enters, CASE WHEN ended THEN days ELSE 59 - started END AS leaves
FROM deal, LATERAL (VALUES (coalesce(started + days < 60 AND won IS NOT NULL, false))) AS l(ended)
WHERE started + days >= 0 OR won IS NULL;
CREATE TEMP TABLE window_cycle AS
SELECT sample, cycle_agg(date '2026-01-01' + started, date '2026-01-01' + started + days, won, '2026-01-01', '2026-03-02') AS cycle
FROM deal GROUP BY sample;

-- the shares by recursion; their variance by the sum of Marubini and Valsecchi
-- (Analysing Survival Data from Clinical Trials and Observational Studies, 1995,
-- chapter 10), which has the same multinomial ends of a day
CREATE TEMP TABLE plain AS
WITH RECURSIVE day AS MATERIALIZED (
	SELECT sample, row_number() OVER (PARTITION BY sample ORDER BY day) AS n, day, y, w, l
	FROM (
		SELECT d.sample, day,
			(SELECT count(*)::float8 FROM seen WHERE seen.sample = d.sample AND enters <= day AND leaves >= day) AS y,
			(SELECT count(*)::float8 FROM seen WHERE seen.sample = d.sample AND leaves = day AND won) AS w,
			(SELECT count(*)::float8 FROM seen WHERE seen.sample = d.sample AND leaves = day AND NOT won) AS l
		FROM (SELECT DISTINCT sample, leaves AS day FROM seen WHERE won IS NOT NULL) AS d
	) AS v
), step AS (
	SELECT sample, 0::bigint AS n, -1 AS day, 1::float8 AS y, 0::float8 AS w, 0::float8 AS l, 1::float8 AS before, 1::float8 AS open, 0::float8 AS win, 0::float8 AS loss FROM window_cycle
	UNION ALL
	SELECT sample, day.n, day.day, day.y, day.w, day.l, open, open * (1 - (day.w + day.l) / day.y), win + open * day.w / day.y, loss + open * day.l / day.y
	FROM step JOIN day USING (sample) WHERE day.n = step.n + 1
)
SELECT sample, n, day, y, w, l, open, win, loss, (
		SELECT sum((s.win - j.win) ^ 2 * coalesce((j.w + j.l) / nullif(j.y * (j.y - j.w - j.l), 0), 0)
			+ j.before ^ 2 * j.w * (j.y - j.w) / j.y ^ 3
			- 2 * (s.win - j.win) * j.before * j.w / j.y ^ 2)
		FROM step AS j WHERE j.sample = s.sample AND j.n BETWEEN 1 AND s.n
	) AS variance
FROM step AS s WHERE n > 0;
CREATE TEMP TABLE curves AS SELECT sample, c.* FROM window_cycle, curve(cycle) AS c;
SELECT cmp_ok(count(*), '>', 300::bigint, 'many days'), is(count(*) FILTER (WHERE y = at_risk AND w = won AND l = lost), count(*), 'whoever is at risk')
FROM plain JOIN curves USING (sample, day);
SELECT is_empty('SELECT sample, day, plain.win, curves.win FROM plain FULL JOIN (SELECT * FROM curves WHERE won + lost > 0) AS curves USING (sample, day)
	WHERE abs(plain.win - curves.win) < 1e-12 IS NOT true OR abs(plain.loss - curves.loss) < 1e-12 IS NOT true OR abs(open - still_open) < 1e-12 IS NOT true', 'the curve by plain SQL, with delayed entry');
SELECT is_empty('SELECT sample, day, low, high, low_plain, high_plain FROM plain JOIN curves USING (sample, day), LATERAL (VALUES (sqrt(variance) / plain.win / -ln(nullif(plain.win, 0)))) AS v(step), LATERAL (VALUES (plain.win ^ exp(1.959963984540054 * step), plain.win ^ exp(-1.959963984540054 * step))) AS b(low_plain, high_plain)
	WHERE plain.win > 0 AND plain.win < 1 AND (abs(low - low_plain) < 1e-9 AND abs(high - high_plain) < 1e-9) IS NOT true', 'and its bounds');
SELECT is_empty('SELECT * FROM curves WHERE abs(win + loss + still_open - 1) > 1e-12 OR least(win, loss, still_open) < 0 OR greatest(win, loss, still_open) > 1 OR NOT (low <= win AND win <= high)', 'the shares are 1 together, the bounds hold the share won');
SELECT is_empty('SELECT * FROM (SELECT *, lag(win) OVER w AS win_before, lag(loss) OVER w AS loss_before, lag(still_open) OVER w AS open_before FROM curves WINDOW w AS (PARTITION BY sample ORDER BY day)) AS v WHERE win < win_before OR loss < loss_before OR still_open > open_before', 'won and lost grow, open falls');
SELECT is_empty('SELECT sample, day FROM window_cycle, curve(cycle) AS c LEFT JOIN days(cycle) AS d USING (day) WHERE (c.net, c.won, c.lost) IS DISTINCT FROM (d.net, d.won, d.lost) OR c.at_risk IS DISTINCT FROM at_risk(cycle, c.day)', 'one row for each day of the table');
SELECT is_empty('SELECT sample, day FROM window_cycle, curve(cycle, 0.5) AS a JOIN curve(cycle) AS b USING (day) JOIN curve(cycle, 0.999) AS c USING (day) WHERE NOT (c.low < b.low AND b.low < a.low AND a.low < a.win AND a.win < a.high AND a.high < b.high AND b.high < c.high)', 'more confidence, wider bounds');
SELECT is_empty('SELECT sample, day FROM window_cycle, curve(cycle, 1e-300) AS a JOIN curve(cycle, 0.9999999999999999) AS b USING (day) WHERE NOT (abs(a.low - a.win) <= 1e-15 AND abs(a.high - a.win) <= 1e-15 AND b.low >= 0 AND b.high <= 1 AND b.low <= b.win AND b.win <= b.high)', 'at a confidence of next to 0 and of next to 1');
SELECT results_eq('SELECT day, win, loss, still_open, low, high FROM (SELECT rollup(part) FROM (SELECT cycle_agg(date ''2026-01-01'' + started, date ''2026-01-01'' + started + days, won, ''2026-01-01'', ''2026-03-02'') FROM deal GROUP BY i % 7) AS p(part)) AS r(cycle), curve(cycle)',
	'SELECT day, win, loss, still_open, low, high FROM (SELECT cycle_agg(date ''2026-01-01'' + started, date ''2026-01-01'' + started + days, won, ''2026-01-01'', ''2026-03-02'') FROM deal) AS r(cycle), curve(cycle)', 'the curve of merged tables is that of all rows');
SELECT results_eq('SELECT day, win, low, high FROM (SELECT rollup(month) FROM (SELECT cycle_agg(date ''2026-01-01'' + started, date ''2026-01-01'' + started + days, won, date ''2026-01-01'' + m, date ''2026-01-01'' + m + 15) FROM deal, generate_series(0, 45, 15) AS m GROUP BY m) AS p(month)) AS r(cycle), curve(cycle)',
	'SELECT day, win, low, high FROM (SELECT cycle_agg(date ''2026-01-01'' + started, date ''2026-01-01'' + started + days, won, ''2026-01-01'', ''2026-03-02'') FROM deal) AS r(cycle), curve(cycle)', 'and that of windows that touch is that of the whole');

-- where nothing is left open the curve is a plain share
CREATE TEMP TABLE closed AS
SELECT n, k, cycle_agg(i * i * k % (n + 7), i * k % 7 < k) AS cycle, array_agg(i * i * k % (n + 7) ORDER BY i * i * k % (n + 7)) FILTER (WHERE i * k % 7 < k) AS won
FROM generate_series(1, 60) AS n, generate_series(1, 7) AS k, generate_series(1, n) AS i
GROUP BY n, k;
SELECT is_empty('SELECT n, k, day FROM closed, unnest(''{0,1,3,10,40,66,10000,2147483647}''::integer[]) AS day, LATERAL (SELECT count(*)::float8 FROM unnest(closed.won) AS d WHERE d <= day) AS l(share)
	WHERE abs(win_probability(cycle, day) - share / n) < 1e-13 IS NOT true', 'nothing open: the share won');
SELECT is(count(*) FILTER (WHERE win_probability(cycle, 1000) = 1 AND loss_probability(cycle, 1000) = 0), count(*), 'all won: 1 itself'), is(count(win_probability_low(cycle, 1000)) + count(win_probability_high(cycle, 1000)), 0::bigint, 'and no bounds') FROM closed WHERE k = 7;
SELECT is(count(*) FILTER (WHERE loss_probability(cycle_agg, 1000) = 1 AND win_probability(cycle_agg, 1000) = 0), 60::bigint, 'all lost: 1 itself') FROM (SELECT cycle_agg(i, false) FROM generate_series(1, 60) AS n, generate_series(1, n) AS i GROUP BY n) AS v;
SELECT is_empty('SELECT n, k, p, win_probability_low(cycle, 30, 0.8) FROM closed, LATERAL (VALUES (win_probability(cycle, 30))) AS w(p), LATERAL (VALUES (1.2815515655446004 * sqrt(p * (1 - p) / n) / p / -ln(nullif(p, 0)))) AS l(step)
	WHERE p > 0 AND p < 1 AND (abs(win_probability_low(cycle, 30, 0.8) - p ^ exp(step)) < 1e-12 AND abs(win_probability_high(cycle, 30, 0.8) - p ^ exp(-step)) < 1e-12) IS NOT true', 'bounds by the binomial variance');
SELECT is_empty('SELECT sample, day FROM window_cycle, curve(cycle) WHERE win_probability(cycle, day) <> win OR loss_probability(cycle, day) <> loss OR win_probability_low(cycle, day) <> low OR win_probability_high(cycle, day) <> high', 'the functions read the curve'),
	cmp_ok((SELECT count(win_probability_low(cycle, day)) FROM window_cycle, curve(cycle)), '>', 200::bigint, 'where follow-up is complete');

-- ----------
-- Complete follow-up
-- ----------
SELECT is(array_agg(win_probability(c::cycle, day) ORDER BY day)::numeric(6, 4)[], expected, format('%s: %s', name, c)),
	is(array_agg(loss_probability(c::cycle, day) IS NULL ORDER BY day), array_agg(e IS NULL ORDER BY day), 'and the share lost')
FROM (VALUES
	('nobody', 'empty', '{0,1}'::integer[], '{NULL,NULL}'::numeric(6, 4)[]),
	('all left open', '0:+100 30:-100', '{0,29,30}', '{0,0,NULL}'),
	('one deal', '0:+1 5:1w', '{4,5,10000,2147483647}', '{0,1,1,1}'),
	('10 at risk to their end', '0:+20 5:5w,5l 10:4w,6l', '{5,9,10,99}', '{0.25,0.25,0.45,0.45}'),
	('10 at risk, who are left open', '0:+20 5:5w,5l 10:-10', '{5,9,10}', '{0.25,0.25,NULL}'),
	('9 at risk, who are left open', '0:+19 5:5w,5l 10:-9', '{5,9,10}', '{0.2632,0.2632,NULL}'),
	('9 at risk after one was left open', '0:+20 5:5w,5l 6:-1 10:-9', '{5,6}', '{0.25,NULL}'),
	('9 at risk after one was left open, to their end', '0:+20 5:5w,5l 6:-1 10:9w', '{5,6,10}', '{0.25,NULL,NULL}'),
	('10 at risk after one was left open, to their end', '0:+21 5:5w,5l 6:-1 10:10w', '{5,6,10}', '{0.2381,0.2381,0.7619}'),
	('5 % open when 10 are left open', '0:+200 1:100w,90l 2:-10', '{1,2,99}', '{0.5,0.5,0.5}'),
	('5.5 % open', '0:+200 1:99w,90l 2:-11', '{1,2,99}', '{0.495,NULL,NULL}'),
	('5 % open, which rounding makes more', '0:+40 1:9w,9l 2:5w,4l 3:6w,5l 4:-2', '{3,4}', '{0.5,0.5}'),
	('late entry: nobody seen, then enough', '5:+10 20:10w', '{4,5,19,20}', '{NULL,0,0,1}'),
	('late entry: nobody seen, then few, to their end', '5:+3 20:3w', '{4,5,19,20}', '{NULL,0,0,1}'),
	('late entry: nobody seen, then few, left open', '5:+3 20:2w 21:-1', '{4,20,21}', '{NULL,0.6667,NULL}'),
	('few, and one more who comes late', '0:+3 1:1w 2:+1 3:3l', '{0,1,2,3}', '{0,0.3333,NULL,NULL}'),
	('few at first, enough later', '0:+3 2:+50 9:53w', '{0,1,2}', '{0,0,NULL}'),
	('a gap after all have ended', '0:+10 1:10w 5:+10 9:10l', '{1,3,5,9}', '{1,1,1,1}'),
	('a gap in which some are open', '0:+20 1:10w 3:-10 5:+20 9:20l', '{1,2,3,5,9}', '{0.5,0.5,NULL,NULL,NULL}'),
	('left open and replaced', '0:+20 5:10w 6:-10 7:+10 9:10l', '{5,6,7,9}', '{0.5,NULL,NULL,NULL}'),
	('a million million', '0:+1000000000000 5:400000000000w 9:600000000000l', '{5,9}', '{0.4,0.4}'),
	('2^63 less 1', '0:+9223372036854775807 2147483647:9223372036854775807w', '{2147483646,2147483647}', '{0,1}')
) AS c(name, c, days, expected), unnest(days, expected) AS u(day, e)
GROUP BY name, c, expected ORDER BY name COLLATE "C";

-- begun at an age
SELECT is(win_probability(c::cycle, age, within)::numeric(6, 4), expected, format('%s: %s, age %s, within %s', name, c, age, within))
FROM (VALUES
	('nobody', 'empty', 0, 10, NULL),
	('10 still open', '0:+30 5:10w,10l 20:5w,5l', 6, 13, 0), ('10 still open', '0:+30 5:10w,10l 20:5w,5l', 6, 14, 0.5), ('the day itself counts', '0:+30 5:10w,10l 20:5w,5l', 20, 0, 0.5), ('all ended before', '0:+30 5:10w,10l 20:5w,5l', 21, 5, NULL),
	('few, to their end', '0:+3 5:1w,1l 20:1w', 6, 14, 1), ('few, left open', '0:+3 5:1w,1l 20:-1', 6, 13, 0), ('few, left open', '0:+3 5:1w,1l 20:-1', 6, 14, NULL),
	('5 % open of all, 50 % of those then open', '0:+200 1:95w,95l 2:5w 3:-5', 0, 3, 0.5), ('5 % open of all, 50 % of those then open', '0:+200 1:95w,95l 2:5w 3:-5', 2, 1, NULL), ('and before that', '0:+200 1:95w,95l 2:5w 3:-5', 2, 0, 0.5),
	('those who came late count, once they are there', '0:+10 5:+30 10:20w 20:20l', 4, 20, 0.5), ('those who came late count, on the day too', '0:+10 5:+30 10:20w 20:20l', 5, 20, 0.5),
	('nobody seen before', '5:+10 20:10w', 3, 1, NULL), ('nobody seen before', '5:+10 20:10w', 3, 2, 0), ('nobody seen before', '5:+10 20:10w', 3, 17, 1),
	('nobody is open at that age, others come later', '0:+10 1:10w 5:+10 9:10l', 2, 20, NULL),
	('the last days there are', '0:+20 2147483647:20w', 2147483647, 0, 1), ('beyond the last day', '0:+20 2147483647:20w', 2147483647, 2147483647, 1), ('the last days there are', '0:+20 2147483646:5w 2147483647:15l', 2147483646, 1, 0.25)
) AS c(name, c, age, within, expected);
SELECT is_empty('SELECT sample, day FROM window_cycle, generate_series(0, 160) AS day WHERE win_probability(cycle, 0, day) IS DISTINCT FROM win_probability(cycle, day)', 'at age 0 it is the curve');
-- win(a + d) = win(a - 1) + open(a - 1) * of those still open at a
CREATE TEMP TABLE chain AS
SELECT sample, age, within, win_probability(cycle, age - 1) + (1 - win_probability(cycle, age - 1) - loss_probability(cycle, age - 1)) * win_probability(cycle, age, within) AS parts, win_probability(cycle, age + within) AS whole
FROM window_cycle, generate_series(1, 40, 3) AS age, generate_series(0, 40, 4) AS within;
SELECT is_empty('SELECT * FROM chain WHERE abs(parts - whole) > 1e-12', 'what is won before an age and after it is what is won'), cmp_ok((SELECT count(parts - whole) FROM chain), '>', 300::bigint, 'often enough');
SELECT is_empty('SELECT sample, age, within FROM window_cycle, generate_series(0, 60, 5) AS age, generate_series(0, 60, 5) AS within WHERE win_probability(cycle, age, within) IS NULL AND win_probability(cycle, age, within + 5) IS NOT NULL', 'what is not complete does not become so');

-- ----------
-- Days
-- ----------
SELECT is(ARRAY[quantile_days(c::cycle, 0.25, horizon), median_days(c::cycle, horizon), quantile_days(c::cycle, 0.75, horizon), quantile_days(c::cycle, 1, horizon)], expected, format('%s by %s', c, horizon))
FROM (VALUES
	('empty', 10, '{NULL,NULL,NULL,NULL}'::integer[]),
	('0:+2 5:2l', 10, '{NULL,NULL,NULL,NULL}'),
	('0:+2 5:2w', 4, '{NULL,NULL,NULL,NULL}'),
	('0:+1,1w', 0, '{0,0,0,0}'),
	('0:+4 1:1w 2:1w 3:1w 4:1w', 4, '{1,2,3,4}'),
	('0:+4 1:1w 2:1w 3:1w 4:1w', 3, '{1,2,3,3}'),
	('0:+4 1:1w 2:1w 3:1w 4:1w', 2, '{1,1,2,2}'),
	('0:+8 1:1w,1l 2:1w,1l 3:1w,1l 4:1w,1l', 2147483647, '{1,2,3,4}'),
	('0:+5 1:2w 3:3w', 9, '{1,3,3,3}'),
	('0:+5 1:3w 9:2l', 9, '{1,1,1,1}'),
	('0:+20 2147483647:20w', 2147483647, '{2147483647,2147483647,2147483647,2147483647}'),
	('0:+20 5:5w,5l 10:-10', 9, '{5,5,5,5}'),
	('0:+20 5:5w,5l 10:-10', 10, '{NULL,NULL,NULL,NULL}')
) AS c(c, horizon, expected);
SELECT is_empty('SELECT n, k, horizon, q FROM closed, unnest(''{0,5,20,40,66,100}''::integer[]) AS horizon, generate_series(0.05, 1, 0.05) AS q
	WHERE quantile_days(cycle, q, horizon) IS DISTINCT FROM (SELECT percentile_disc(q) WITHIN GROUP (ORDER BY d) FROM unnest(closed.won) AS d WHERE d <= horizon)', 'nothing open: percentile_disc of the won by the horizon');
SELECT is_empty('SELECT n, k FROM closed WHERE median_days(cycle, 1000) IS DISTINCT FROM median_days(cycle)', 'and median_days of the won');
SELECT is_empty('SELECT sample, horizon FROM window_cycle, generate_series(0, 160) AS horizon WHERE median_days(cycle, horizon) IS DISTINCT FROM quantile_days(cycle, 0.5, horizon)', 'the median is the quantile of 0.5');
SELECT is_empty('SELECT sample, horizon, q FROM window_cycle, generate_series(0, 160, 5) AS horizon, generate_series(0.1, 1, 0.1) AS q
	WHERE quantile_days(cycle, q, horizon) IS DISTINCT FROM (SELECT min(day) FROM curve(cycle) WHERE win > 0 AND win >= q * (1 - 1e-9) * nullif(win_probability(cycle, horizon), 0))', 'the first day of the curve by which it is reached');
SELECT is(quantile_days('0:+4 1:1w 2:1w 3:1w 4:1w', q, 4), day, 'quantile ' || q) FROM (VALUES (4.9e-324::float8, 1), (1e-300, 1), (0.25, 1), (0.2501, 2), (0.9999999999999999, 4)) AS c(q, day);

-- the bounds of the median: where nothing is open the won before t are
-- binomial among the won by the horizon
SELECT is_empty('SELECT n, k, horizon, z, low_days(cycle, horizon, confidence), high_days(cycle, horizon, confidence), l, h
	FROM closed, unnest(''{20,66,100}''::integer[]) AS horizon, (VALUES (0.5::float8, 0.6744897501960817::float8), (0.95, 1.959963984540054), (0.999, 3.2905267314918947)) AS q(confidence, z), LATERAL (
		SELECT min(day) FILTER (WHERE share > 0 AND share + distance >= 0.5 - 1e-9), min(day) FILTER (WHERE from_here >= 0.5 - 1e-9)
		FROM (
			SELECT day, share, distance, min(share - distance) OVER (ORDER BY day DESC) AS from_here
			FROM (SELECT day, sum(c.won) OVER (ORDER BY day) / nullif(sum(c.won) OVER (), 0) AS share, sum(c.won) OVER () AS number FROM curve(cycle) AS c WHERE day <= horizon) AS v(day, share, number),
				LATERAL (VALUES (CASE WHEN share < 1 THEN z / 2 / sqrt(number) ELSE 0 END)) AS l(distance)
			WHERE number > 0
		) AS w
	) AS b(l, h)
	WHERE (low_days(cycle, horizon, confidence), high_days(cycle, horizon, confidence)) IS DISTINCT FROM (l, h)', 'bounds of the median by the binomial variance at one half');
CREATE TEMP TABLE bounds AS
SELECT sample, horizon, confidence, low_days(cycle, horizon, confidence) AS low, median_days(cycle, horizon) AS median, high_days(cycle, horizon, confidence) AS high
FROM window_cycle, generate_series(0, 160, 5) AS horizon, unnest('{1e-300,1e-10,0.5,0.8,0.95,0.999,0.9999999999999999}'::float8[]) AS confidence;
SELECT is_empty('SELECT * FROM bounds WHERE (low <= median AND median <= high AND high <= horizon) IS NOT true AND coalesce(low, median, high) IS NOT NULL', 'bounds hold the median, NULL where it is'),
	is_empty('SELECT * FROM bounds WHERE confidence < 1e-5 AND (low <> median OR high <> median)', 'at a confidence of next to 0 they are the median'),
	is_empty('SELECT * FROM (SELECT *, lag(low) OVER w AS narrower_low, lag(high) OVER w AS narrower_high FROM bounds WINDOW w AS (PARTITION BY sample, horizon ORDER BY confidence)) AS v WHERE low > narrower_low OR high < narrower_high', 'more confidence, wider bounds of the median'),
	cmp_ok((SELECT count(median) FROM bounds), '>', 500::bigint, 'often enough'), cmp_ok((SELECT count(*) FROM bounds WHERE low < median AND high > median), '>', 300::bigint, 'with something between them');
SELECT is(ARRAY[low_days(c, horizon), median_days(c, horizon), high_days(c, horizon)], expected, format('%s by %s', c, horizon))
FROM (VALUES
	('0:+1 3:1w'::cycle, 3, '{3,3,3}'::integer[]), ('0:+1 3:1w', 2, '{NULL,NULL,NULL}'),
	('0:+20 1:10w 2:10w', 5, '{1,1,2}'), ('0:+1000000000000 1:500000000000w 2:500000000000w', 5, '{1,1,2}'), ('0:+1000000000000 1:499999000000w 2:500001000000w', 5, '{2,2,2}'),
	('0:+9223372036854775807 3:4611686018427387904w 2147483647:4611686018427387903w', 2147483647, '{3,3,3}')
) AS c(c, horizon, expected);

-- ----------
-- How a cycle is stored, and how large it may be
-- ----------
CREATE TEMP TABLE value (n integer, cycle cycle);
ALTER TABLE value ALTER cycle SET STORAGE external;
INSERT INTO value
SELECT 1, cycle_agg(i, i % 3 > 0) FROM generate_series(1, 2) AS i
UNION ALL
SELECT 2, cycle_agg(i * i % 5000, i % 3 > 0) FROM generate_series(1, 3000) AS i;
CREATE TEMP TABLE stored (how text, n integer, cycle cycle);
INSERT INTO stored SELECT 'compressed', * FROM value;
ALTER TABLE stored ALTER cycle SET STORAGE external;
INSERT INTO stored SELECT 'elsewhere', * FROM value;
SELECT is(max(pg_column_size(cycle)) FILTER (WHERE n = 1), 1 + 12 + 3 * 32, 'stored with a short header'),
	cmp_ok(max(pg_column_size(cycle)) FILTER (WHERE how = 'compressed') * 2, '<', max(pg_column_size(cycle)) FILTER (WHERE how = 'elsewhere'), 'compressed, and elsewhere') FROM stored;
SELECT is(ROW(win_probability(s.cycle, 900), loss_probability(s.cycle, 900), win_probability(s.cycle, 1, 900), win_probability_low(s.cycle, 900), win_probability_high(s.cycle, 900), median_days(s.cycle, 900), quantile_days(s.cycle, 0.9, 900), low_days(s.cycle, 900), high_days(s.cycle, 900),
		(SELECT array_agg(c) FROM curve(s.cycle) AS c))::text,
	ROW(win_probability(v, 900), loss_probability(v, 900), win_probability(v, 1, 900), win_probability_low(v, 900), win_probability_high(v, 900), median_days(v, 900), quantile_days(v, 0.9, 900), low_days(v, 900), high_days(v, 900),
		(SELECT array_agg(c) FROM curve(v) AS c))::text, format('cycle %s, %s', n, how))
FROM stored AS s JOIN (SELECT n, cycle::text::cycle FROM value) AS w(n, v) USING (n) ORDER BY n, how;
SELECT is(round(win_probability(c, 9999)::numeric, 9), 0.5, '20,000 days: half by the middle'), is(median_days(c, 2147483647), 9999, 'which is the median'), is((SELECT count(*) FILTER (WHERE abs(win - (day + 1) / 20000.0) < 1e-9) FROM curve(c)), 20000::bigint, 'of a curve that rises evenly')
FROM (SELECT cycle_agg(i, true) FROM generate_series(0, 19999) AS i) AS v(c);

-- ----------
-- Calls, NULL and errors
-- ----------
SELECT is(win_probability(cycle => c, days => 30), 0.5::float8, 'win_probability by name'), is(win_probability(cycle => c, age => 0, within => 30), 0.5::float8, 'within by name'), is(loss_probability(cycle => c, days => 30), 0.5::float8, 'loss_probability by name'),
	is(win_probability_high(cycle => c, days => 30, confidence => 0.5::real), win_probability_high(c, 30, 0.5), 'win_probability_high by name'), is(win_probability_low(c, 30::smallint), win_probability_low(c, 30, 0.95), '95 % is the default'),
	is(median_days(cycle => c, horizon => 30), 30, 'median_days by name'), is(quantile_days(cycle => c, q => 1, horizon => 30), 30, 'quantile_days by name'), is(low_days(cycle => c, horizon => 30, confidence => 0.5), 30, 'low_days by name'), is(high_days(c, 30), 30, 'high_days'),
	is((SELECT count(*) FROM curve(cycle => c, confidence => 0.5)), 2::bigint, 'curve by name')
FROM (VALUES ('0:+10 30:5w,5l'::cycle)) AS v(c);
SELECT is(v, NULL, name)
FROM (VALUES
	('win_probability of NULL', win_probability(NULL, 1)), ('win_probability, days NULL', win_probability('0:+1 1:1w', NULL)),
	('within: cycle NULL', win_probability(NULL, 1, 1)), ('within: age NULL', win_probability('0:+1 1:1w', NULL, 1)), ('within NULL', win_probability('0:+1 1:1w', 1, NULL)),
	('loss_probability of NULL', loss_probability(NULL, 1)), ('loss_probability, days NULL', loss_probability('0:+1 1:1w', NULL)),
	('win_probability_low of NULL', win_probability_low(NULL, 1)), ('win_probability_low, confidence NULL', win_probability_low('0:+2 1:1w,1l', 1, NULL)), ('win_probability_high, days NULL', win_probability_high('0:+2 1:1w,1l', NULL)),
	('win_probability_low of none won', win_probability_low('0:+2 1:2l', 1)), ('win_probability_high of none won', win_probability_high('0:+2 1:2l', 1)), ('win_probability_low where follow-up is not complete', win_probability_low('0:+2 1:1w 2:-1', 2)),
	('median_days of NULL', median_days(NULL, 1)), ('median_days, horizon NULL', median_days('0:+1 1:1w', NULL)),
	('quantile_days of NULL', quantile_days(NULL, 0.5, 1)), ('quantile_days, q NULL', quantile_days('0:+1 1:1w', NULL, 1)), ('quantile_days, horizon NULL', quantile_days('0:+1 1:1w', 0.5, NULL)),
	('low_days of NULL', low_days(NULL, 1)), ('low_days, confidence NULL', low_days('0:+1 1:1w', 1, NULL)), ('high_days, horizon NULL', high_days('0:+1 1:1w', NULL))
) AS c(name, v);
SELECT is_empty('SELECT * FROM curve(NULL)', 'curve of NULL'), is_empty('SELECT * FROM curve(''0:+1 1:1w'', NULL)', 'curve, confidence NULL');
SELECT throws_ok(format('SELECT %s', replace(call, '?', quote_literal(confidence))), '22023', 'confidence must be above 0 and below 1, not ' || confidence, replace(call, '?', confidence))
FROM unnest(ARRAY['curve(''empty'', ?)', 'win_probability_low(''empty'', 1, ?)', 'win_probability_high(''empty'', 1, ?)', 'low_days(''empty'', 1, ?)', 'high_days(''empty'', 1, ?)']) WITH ORDINALITY AS f(call, i), unnest('{0,1,-1,95,NaN,Infinity}'::text[]) WITH ORDINALITY AS c(confidence, j)
ORDER BY i, j;
SELECT throws_ok('SELECT ' || sql, state, message, sql)
FROM (VALUES
	($$win_probability('empty', -1)$$, '22003', 'number of days must not be negative, but is -1'),
	($$win_probability('empty', -2147483648)$$, '22003', 'number of days must not be negative, but is -2147483648'),
	($$win_probability('empty', -1, 1)$$, '22003', 'age must not be negative, but is -1'),
	($$win_probability('empty', 1, -1)$$, '22003', 'number of days must not be negative, but is -1'),
	($$loss_probability('empty', -1)$$, '22003', 'number of days must not be negative, but is -1'),
	($$win_probability_low('empty', -1)$$, '22003', 'number of days must not be negative, but is -1'),
	($$win_probability_high('empty', -1)$$, '22003', 'number of days must not be negative, but is -1'),
	($$median_days('empty', -1)$$, '22003', 'horizon must not be negative, but is -1'),
	($$quantile_days('empty', 0.5, -1)$$, '22003', 'horizon must not be negative, but is -1'),
	($$low_days('empty', -1)$$, '22003', 'horizon must not be negative, but is -1'),
	($$high_days('empty', -1)$$, '22003', 'horizon must not be negative, but is -1'),
	($$quantile_days('empty', 0, 1)$$, '22003', 'q must be above 0 and at most 1, not 0'),
	($$quantile_days('empty', -0.5, 1)$$, '22003', 'q must be above 0 and at most 1, not -0.5'),
	($$quantile_days('empty', 1.0000001, 1)$$, '22003', 'q must be above 0 and at most 1, not 1.0000001'),
	($$quantile_days('empty', 50, 1)$$, '22003', 'q must be above 0 and at most 1, not 50'),
	($$quantile_days('empty', 'NaN', 1)$$, '22003', 'q must be above 0 and at most 1, not NaN'),
	($$quantile_days('empty', 'Infinity', 1)$$, '22003', 'q must be above 0 and at most 1, not Infinity'),
	($$win_probability('empty', 30.5)$$, '42883', NULL),
	($$win_probability('empty', 2147483648)$$, '42883', NULL)
) AS c(sql, state, message);

SELECT * FROM finish();
ROLLBACK;
