\set ECHO none
\i test/setup.sql
SELECT plan(181);

-- The normal distribution by plain SQL: 2 P(Z > |z|), Simpson's rule
CREATE FUNCTION pg_temp.two_sided(z double precision) RETURNS double precision
	LANGUAGE sql
AS $$
	SELECT 1 - abs(z) / 3000 / sqrt(2 * pi())
		* sum(CASE WHEN i IN (0, 2000) THEN 1 WHEN i % 2 = 1 THEN 4 ELSE 2 END * exp((z * i / 2000) ^ 2 / -2))
	FROM generate_series(0, 2000) AS i
$$;

-- ----------
-- Rates
-- ----------

-- published cases, and those that need no computing
SELECT is(ARRAY[round(p_value(own, peers)::numeric, digits), round(p_value(own, peers, 'less')::numeric, digits), round(p_value(own, peers, 'greater')::numeric, digits)],
	expected, name)
FROM (VALUES
	('the lady tasting tea', '3/4'::rate, '1/4'::rate, 4, '{0.4857,0.9857,0.2429}'::numeric[]),
	('Fisher''s convictions of twins', '2/17', '10/13', 7, '{0.0005367,0.0004652,0.9999845}'),
	('equal', '5/10', '5/10', 4, '{1.0000,0.6719,0.6719}'),
	('one decision each', '1/1', '0/1', 4, '{1.0000,1.0000,0.5000}'),
	('all passed', '4/4', '9/9', 4, '{1.0000,1.0000,1.0000}'),
	('none passed', '0/4', '0/9', 4, '{1.0000,1.0000,1.0000}'),
	('none passed of very many', '0/1000000000000', '0/1', 4, '{1.0000,1.0000,1.0000}'),
	('nothing in common', '0/5000', '5000/5000', 4, '{0.0000,0.0000,1.0000}')
) AS c(name, own, peers, digits, expected);

-- Fisher's test of every two rates of up to 9 decisions: all tables of the
-- same margins, their number of ways exact
CREATE TEMP TABLE choose AS
SELECT n, k, factorial(n) / factorial(k) / factorial(n - k) AS ways FROM generate_series(0, 9) AS n, generate_series(0, n) AS k;
CREATE TEMP TABLE fisher AS
WITH pair AS (
	SELECT a.n, b.n AS m, a.k AS x, b.k AS y, a.ways * b.ways AS ways
	FROM choose AS a, choose AS b
	WHERE a.n > 0 AND b.n > 0
)
SELECT n, m, h.x, h.y, h.ways / sum(t.ways) AS likely,
	sum(t.ways) FILTER (WHERE t.ways <= h.ways) / sum(t.ways) AS two_sided,
	sum(t.ways) FILTER (WHERE t.x <= h.x) / sum(t.ways) AS less,
	sum(t.ways) FILTER (WHERE t.x >= h.x) / sum(t.ways) AS greater
FROM pair AS h JOIN pair AS t USING (n, m)
WHERE t.x + t.y = h.x + h.y
GROUP BY n, m, h.x, h.y, h.ways;
CREATE TEMP TABLE p AS
SELECT n, m, x, y, likely,
	ARRAY[two_sided, less, greater]::float8[] AS plain,
	ARRAY[p_value(own, peers), p_value(own, peers, 'less'), p_value(own, peers, 'greater')] AS p,
	ARRAY[p_value(peers, own), p_value(peers, own, 'greater'), p_value(peers, own, 'less')] AS swapped
FROM fisher, LATERAL (VALUES (rate(x, n), rate(y, m))) AS l(own, peers);
SELECT is(count(*), 2916::bigint, 'every two rates') FROM p;
SELECT is_empty('SELECT x, n, y, m, p, plain FROM p WHERE abs(p[1] - plain[1]) > 1e-12 OR abs(p[2] - plain[2]) > 1e-12 OR abs(p[3] - plain[3]) > 1e-12', 'Fisher''s test by plain SQL');
SELECT is_empty('SELECT x, n, y, m, p, swapped FROM p WHERE abs(p[1] - swapped[1]) > 1e-12 OR abs(p[2] - swapped[2]) > 1e-12 OR abs(p[3] - swapped[3]) > 1e-12', 'own less than the peers is the peers greater than own');
SELECT is_empty('SELECT x, n, y, m, p FROM p WHERE abs(p[2] + p[3] - 1 - likely) > 1e-12 OR p[2] + p[3] < 1', 'both tails overlap in the table itself');
SELECT is_empty('SELECT x, n, y, m, p FROM p WHERE NOT (0 < ALL (p) AND 1 >= ALL (p) AND p[1] >= least(p[2], p[3]))', 'p is above 0 and at most 1, two-sided no less than the smaller tail');
SELECT is_empty('SELECT * FROM (SELECT x, n, y, m, p, lag(p[2]) OVER w AS less, lag(p[3]) OVER w AS greater FROM p WINDOW w AS (PARTITION BY n, m, y ORDER BY x)) AS v WHERE p[2] < less OR p[3] > greater', 'the more own pass, the less is less');

-- up to 10,000 decisions together Fisher's test, above the score test
SELECT is(round(p_value(own, peers)::numeric, 8), expected, format('%s against %s', own, peers))
FROM (VALUES
	('1/1'::rate, '1/9999'::rate, 0.0002), ('1/1', '1/10000', 0.00000000),
	('9998/9999', '0/1', 0.0002), ('9999/10000', '0/1', 0.00000000),
	-- z is the root of 2 times 1/2, 1, 2 and 3, so p is erfc of these
	('5025/10000', '4975/10000', 0.47950012), ('5050/10000', '4950/10000', 0.15729921), ('5100/10000', '4900/10000', 0.00467773), ('5150/10000', '4850/10000', 0.00002209)
) AS c(own, peers, expected);
CREATE TEMP TABLE score AS
SELECT own, peers, alternative, p_value(own, peers, alternative) AS p, CASE alternative WHEN 'two.sided' THEN t WHEN 'less' THEN CASE WHEN z < 0 THEN t / 2 ELSE 1 - t / 2 END ELSE CASE WHEN z > 0 THEN t / 2 ELSE 1 - t / 2 END END AS plain
FROM (VALUES ('3000/7000'::rate, '1400/3001'::rate), ('70/20000', '5/2000'), ('9990/10000', '9985/10000'), ('1/3', '7000/10000'), ('0/5', '9000/10000'), ('600000000000/1000000000000', '599999000000/1000000000000')) AS c(own, peers)
CROSS JOIN LATERAL (SELECT (passed(own) + passed(peers)) / (decided(own) + decided(peers))::float8) AS l(p)
CROSS JOIN LATERAL (SELECT (ratio(own) - ratio(peers)) / sqrt(p * (1 - p) * (1.0::float8 / decided(own) + 1.0::float8 / decided(peers)))) AS s(z)
CROSS JOIN LATERAL pg_temp.two_sided(z) AS t
CROSS JOIN unnest('{two.sided,less,greater}'::text[]) AS alternative;
SELECT is(count(*) FILTER (WHERE abs(p - plain) < 1e-9), 18::bigint, 'the score test by plain SQL') FROM score;
SELECT is(p_value(own, peers, alternative), expected, format('%s against %s, %s', own, peers, alternative))
FROM (VALUES
	('9223372036854775807/9223372036854775807'::rate, '0/9223372036854775807'::rate, 'two.sided', 0::float8),
	('9223372036854775807/9223372036854775807', '0/9223372036854775807', 'less', 1),
	('9223372036854775807/9223372036854775807', '0/9223372036854775807', 'greater', 0),
	('4611686018427387904/9223372036854775807', '4611686018427387904/9223372036854775807', 'two.sided', 1),
	('4611686018427387904/9223372036854775807', '4611686018427387904/9223372036854775807', 'less', 0.5)
) AS c(own, peers, alternative, expected);

-- ----------
-- Sales
-- ----------

-- Student's sleep data, which Welch's test is shown with
CREATE TEMP TABLE sleep AS
SELECT sales_agg(a) AS own, sales_agg(b) AS peers
FROM unnest('{0.7,-1.6,-0.2,-1.2,-0.1,3.4,3.7,0.8,0.0,2.0}'::numeric[], '{1.9,0.8,1.1,0.1,-0.1,4.4,5.5,1.6,4.6,3.4}'::numeric[]) AS v(a, b);
SELECT is(ARRAY[round(p_value(own, peers)::numeric, 5), round(p_value(own, peers, 'less')::numeric, 5), round(p_value(own, peers, 'greater')::numeric, 5)], '{0.07939,0.03970,0.96030}'::numeric[], 'Student''s sleep data') FROM sleep;

-- equal spreads of n sales each: 2n - 2 degrees of freedom, and for 2 and 4 of
-- them Student's distribution is algebraic
CREATE TEMP TABLE welch AS
SELECT n, d, t, p_value(own, peers) AS p, p_value(own, peers, 'less') AS less, p_value(own, peers, 'greater') AS greater, p_value(peers, own) AS swapped, p_value(peers, own, 'greater') AS greater_swapped,
	CASE n WHEN 2 THEN 1 - abs(t) / sqrt(t ^ 2 + 2) ELSE 1 - 3 / 4.0 * abs(t) / sqrt(1 + t ^ 2 / 4) * (1 - t ^ 2 / 12 / (1 + t ^ 2 / 4)) END AS plain
FROM unnest('{2,3}'::integer[]) AS n, unnest('{-1000000,-50,-7.5,-2,-1,-0.3,-0.0001,0,0.0001,0.3,1,2,7.5,50,1000000}'::numeric[]) AS d
CROSS JOIN LATERAL (SELECT sales_agg(i + d) AS own, sales_agg(i) AS peers FROM generate_series(1, n) AS i) AS s
CROSS JOIN LATERAL (SELECT (average(own) - average(peers))::float8 / sqrt((stddev(own) ^ 2 / n + stddev(peers) ^ 2 / n)::float8)) AS l(t);
SELECT is(count(*) FILTER (WHERE abs(p - plain) < 1e-12), 30::bigint, 'Welch''s test by the closed formulas') FROM welch;
SELECT is_empty('SELECT * FROM welch WHERE abs(p - swapped) > 1e-14 OR abs(less - greater_swapped) > 1e-14 OR abs(less + greater - 1) > 1e-14 OR abs(least(less, greater) * 2 - p) > 1e-14 OR (less < 0.5) <> (d < 0)', 'tails and swapping');
SELECT is(p_value(own::sales, peers::sales, alternative), expected, format('%s against %s, %s', own, peers, alternative))
FROM (VALUES
	('n=2 total=10 squares=68', 'n=2 total=10 squares=50', 'two.sided', 1::float8),
	('n=2 total=10 squares=68', 'n=2 total=10 squares=50', 'less', 0.5),
	('n=2 total=10 squares=50', 'n=2 total=20 squares=200', 'two.sided', NULL),
	('n=2 total=10 squares=50', 'n=3 total=15 squares=75', 'two.sided', NULL),
	('n=1 total=10 squares=100', 'n=2 total=10 squares=68', 'two.sided', NULL),
	('n=2 total=10 squares=68', 'n=1 total=10 squares=100', 'two.sided', NULL),
	('n=0 total=0 squares=0', 'n=2 total=10 squares=68', 'less', NULL),
	('n=1000000000000 total=99999999999999 squares=9999999999999900000000', 'n=1000000000000 total=10 squares=68', 'greater', 0),
	('n=1000000000000 total=99999999999999 squares=9999999999999900000000', 'n=1000000000000 total=10 squares=68', 'less', 1)
) AS c(own, peers, alternative, expected);

-- ----------
-- Days of the won
-- ----------

-- the example of Hollander and Wolfe (1973, page 69), times 100
SELECT is(round(p_value(own, peers, 'greater')::numeric, 4), 0.1272, 'permeability of the placenta'), is(round(p_value(peers, own, 'less')::numeric, 4), 0.1272, 'and swapped')
FROM (SELECT cycle_agg(days, true) FROM unnest('{80,83,189,104,145,138,191,164,73,146}'::integer[]) AS days) AS a(own), (SELECT cycle_agg(days, true) FROM unnest('{115,88,90,74,121}'::integer[]) AS days) AS b(peers);

-- up to 10 won, few different days: all choices of own among them
SELECT setseed(0.19);
CREATE TEMP TABLE won AS
SELECT sample, i, floor(random() * (2 + sample % 7))::integer AS days FROM generate_series(1, 80) AS sample, generate_series(1, 3 + sample % 8) AS i;
CREATE TEMP TABLE rank_sum AS
WITH ranked AS (
	SELECT sample, i, days, rank() OVER w + (count(*) OVER (PARTITION BY sample, days) - 1) / 2.0 AS rank, count(*) OVER (PARTITION BY sample) AS n, 1 + sample % (count(*) OVER (PARTITION BY sample)::integer - 1) AS nown
	FROM won WINDOW w AS (PARTITION BY sample ORDER BY days)
), choice AS (
	SELECT sample, mask, sum(rank) AS w
	FROM ranked, generate_series(0, (1 << n::integer) - 1) AS mask
	WHERE mask >> (i - 1) & 1 = 1
	GROUP BY sample, mask, nown
	HAVING count(*) = nown
), own AS (
	SELECT sample, sum(rank) FILTER (WHERE i <= nown) AS w, avg(rank) * min(nown) AS middle,
		cycle_agg(days, true) FILTER (WHERE i <= nown) AS own, cycle_agg(days, true) FILTER (WHERE i > nown) AS peers
	FROM ranked GROUP BY sample
)
SELECT sample, own, peers,
	ARRAY[p_value(own, peers), p_value(own, peers, 'less'), p_value(own, peers, 'greater')] AS p,
	ARRAY[p_value(peers, own), p_value(peers, own, 'greater'), p_value(peers, own, 'less')] AS swapped,
	ARRAY[avg((abs(choice.w - middle) >= abs(own.w - middle))::integer), avg((choice.w <= own.w)::integer), avg((choice.w >= own.w)::integer)]::float8[] AS plain
FROM own JOIN choice USING (sample)
GROUP BY sample, own, peers;
SELECT is(count(*), 80::bigint, 'samples of 3 to 10 won'), cmp_ok(count(DISTINCT p), '>', 50::bigint, 'no two alike') FROM rank_sum;
SELECT is_empty('SELECT own, peers, p, plain FROM rank_sum WHERE abs(p[1] - plain[1]) > 1e-12 OR abs(p[2] - plain[2]) > 1e-12 OR abs(p[3] - plain[3]) > 1e-12', 'the rank-sum test by all choices');
SELECT is_empty('SELECT own, peers, p, swapped FROM rank_sum WHERE abs(p[1] - swapped[1]) > 1e-12 OR abs(p[2] - swapped[2]) > 1e-12 OR abs(p[3] - swapped[3]) > 1e-12 OR p[2] + p[3] < 1', 'days: own less than the peers is the peers greater than own');

-- up to 50 exact, above the normal distribution
SELECT is(p_value(own, peers, alternative), expected, name)
FROM (VALUES
	('one of 50, the fastest', 1, 49, 'less', 1 / 50.0::float8), ('one of 50, two-sided', 1, 49, 'two.sided', 2 / 50.0::float8),
	('49 of 50', 49, 1, 'less', 1 / 50.0::float8), ('49 of 50, greater', 49, 1, 'greater', 1),
	('half of 50', 25, 25, 'less', (factorial(25) * factorial(25) / factorial(50))::float8), ('half of 50, two-sided', 25, 25, 'two.sided', 2 * (factorial(25) * factorial(25) / factorial(50))::float8)
) AS c(name, m, n, alternative, expected)
CROSS JOIN LATERAL (SELECT cycle_agg(i, true) FILTER (WHERE i <= m), cycle_agg(i, true) FILTER (WHERE i > m) FROM generate_series(1, m + n) AS i) AS l(own, peers);
CREATE TEMP TABLE many AS
SELECT sample, cycle_agg(days, true) FILTER (WHERE own) AS own, cycle_agg(days, true) FILTER (WHERE NOT own) AS peers
FROM (SELECT sample, i % (2 + sample % 5) = 0, (random() * (2 + sample * 3))::integer + CASE WHEN i % (2 + sample % 5) = 0 THEN sample % 4 ELSE 0 END FROM generate_series(1, 20) AS sample, generate_series(1, 50 + sample * 10) AS i) AS v(sample, own, days)
GROUP BY sample;
CREATE TEMP TABLE normal AS
WITH day AS (
	SELECT sample, day, coalesce(sum(d.won) FILTER (WHERE mine), 0) AS own, sum(d.won) AS number, sum(sum(d.won)) OVER (PARTITION BY sample ORDER BY day) - (sum(d.won) - 1) / 2 AS rank
	FROM many CROSS JOIN LATERAL (VALUES (own, true), (peers, false)) AS c(cycle, mine) CROSS JOIN LATERAL days(cycle) AS d
	WHERE d.won > 0
	GROUP BY sample, day
), total AS (
	SELECT sample, sum(own) AS m, sum(number) - sum(own) AS n, sum(number) AS b, sum(own * rank) AS w, sum(number ^ 3 - number) AS ties FROM day GROUP BY sample
)
SELECT sample, b, (w - m * (b + 1) / 2)::float8 AS excess, sqrt(m * n / 12 * (b + 1 - ties / (b * (b - 1))))::float8 AS deviation FROM total;
SELECT is(count(*) FILTER (WHERE abs(p_value(own, peers) - pg_temp.two_sided((abs(excess) - 0.5) / deviation)) < 1e-9), 20::bigint, 'more than 50 won: the normal distribution by plain SQL'),
	is(count(*) FILTER (WHERE abs(p_value(own, peers, 'less') - (1 + sign(excess + 0.5) * (1 - pg_temp.two_sided((excess + 0.5) / deviation))) / 2) < 1e-9), 20::bigint, 'less'),
	is(count(*) FILTER (WHERE abs(p_value(own, peers, 'greater') - (1 - sign(excess - 0.5) * (1 - pg_temp.two_sided((excess - 0.5) / deviation))) / 2) < 1e-9), 20::bigint, 'greater'),
	is(min(b), 60::numeric, 'of 60 won and more'), cmp_ok(count(*) FILTER (WHERE p_value(own, peers) BETWEEN 0.001 AND 0.999), '>=', 15::bigint, 'most in doubt')
FROM many JOIN normal USING (sample);
SELECT is_empty('SELECT * FROM many WHERE abs(p_value(own, peers) - p_value(peers, own)) > 1e-12 OR abs(p_value(own, peers, ''less'') - p_value(peers, own, ''greater'')) > 1e-12 OR p_value(own, peers, ''less'') + p_value(own, peers, ''greater'') < 1', 'many days: tails and swapping');
SELECT is(p_value(own, peers, alternative), expected, format('%s: %s', name, alternative))
FROM (VALUES
	('the lost and the left open do not matter', '0:+9 1:1w 2:3l 3:1w 4:-4'::cycle, '0:+3 1:1w 2:1w 3:1l'::cycle, 'two.sided', p_value('0:+2 1:1w 3:1w'::cycle, '0:+2 1:1w 2:1w')),
	('all on one day', '0:+5 7:5w', '0:+2 7:2w', 'two.sided', 1),
	('all on one day', '0:+5 7:5w', '0:+2 7:2w', 'less', 1),
	('all of very many on one day', '0:+1000000000000 7:1000000000000w', '0:+1000000000000 7:1000000000000w', 'greater', 1),
	('very many', '0:+9223372036854775807 2147483647:9223372036854775807w', '0:+9223372036854775807 2147483646:9223372036854775807w', 'two.sided', 0),
	('very many', '0:+9223372036854775807 2147483647:9223372036854775807w', '0:+9223372036854775807 2147483646:9223372036854775807w', 'less', 1),
	('one each, own first', '0:+1,1w', '0:+1 2147483647:1w', 'less', 0.5),
	('nothing won by own', '0:+1 5:1l', '0:+1 5:1w', 'two.sided', NULL),
	('nothing won by the peers', '0:+1 5:1w', '0:+1 5:-1', 'less', NULL),
	('nobody', 'empty', 'empty', 'two.sided', NULL)
) AS c(name, own, peers, alternative, expected);

-- ----------
-- The win curve
-- ----------

-- 6-MP against placebo (Freireich and others, Blood 21 (1963), 699-716): days
-- are weeks of remission, won is a relapse. Who was last seen in remission is
-- left open the day after, or counts as lost: that is the same here.
CREATE TEMP TABLE remission AS
SELECT cycle_agg(abs(days), days > 0) AS lost, cycle_agg(CASE WHEN days > 0 THEN days ELSE 1 - days END, CASE WHEN days > 0 THEN true END) AS open
FROM unnest('{6,6,6,7,10,13,16,22,23,-6,-9,-10,-11,-17,-19,-20,-25,-32,-32,-34,-35}'::integer[]) AS days;
CREATE TEMP TABLE placebo AS
SELECT cycle_agg(days, true) AS won FROM unnest('{1,1,2,2,3,4,4,5,5,8,8,8,8,11,11,12,12,15,17,22,23}'::integer[]) AS days;
SELECT is(round((p_value_win_curve(open, won) * 1e8)::numeric), round((pg_temp.two_sided(sqrt(16.7929)) * 1e8)::numeric), 'remission: chi-squared is 16.79'),
	is(p_value_win_curve(lost, won), p_value_win_curve(open, won), 'left open the day after is lost on the day'),
	is(round((p_value_win_curve(won, open) * 1e12)::numeric), round((p_value_win_curve(open, won) * 1e12)::numeric), 'swapped'),
	is(p_value_win_curve(open, open), 1::float8, 'against itself')
FROM remission, placebo;

-- with delayed entry, in a window of 60 days: each deal at risk from the age
-- at which it enters to that on which it ends, or to the day before it is left
-- open
CREATE TEMP TABLE deal AS
SELECT sample, i % (2 + sample % 3) = 0 AS own, (random() * 150)::integer - 100 AS started, (random() * (20 + 5 * sample))::integer AS days,
	CASE WHEN random() < 0.85 THEN random() < 0.3 + sample / 40.0 END AS won
FROM generate_series(1, 12) AS sample, generate_series(1, 20 * sample) AS i;
CREATE TEMP TABLE seen AS
SELECT sample, own, won AND ended AS won, greatest(0, -started) AS enters, CASE WHEN ended THEN days ELSE 59 - started END AS leaves
FROM deal, LATERAL (VALUES (coalesce(started + days < 60 AND won IS NOT NULL, false))) AS l(ended)
WHERE started + days >= 0 OR won IS NULL;
CREATE TEMP TABLE curves AS
SELECT sample, cycle_agg(date '2026-01-01' + started, date '2026-01-01' + started + days, won, '2026-01-01', '2026-03-02') FILTER (WHERE own) AS own,
	cycle_agg(date '2026-01-01' + started, date '2026-01-01' + started + days, won, '2026-01-01', '2026-03-02') FILTER (WHERE NOT own) AS peers
FROM deal GROUP BY sample;
CREATE TEMP TABLE log_rank AS
SELECT sample, sum(mine - won * own / at_risk)::float8 AS excess, sum(won * own / at_risk * (1 - own / at_risk) * (at_risk - won) / nullif(at_risk - 1, 0))::float8 AS variance
FROM (
	SELECT day.sample, count(*) AS won, count(*) FILTER (WHERE day.own) AS mine,
		(SELECT count(*)::numeric FROM seen WHERE seen.sample = day.sample AND enters <= day.leaves AND seen.leaves >= day.leaves) AS at_risk,
		(SELECT count(*)::numeric FROM seen WHERE seen.sample = day.sample AND enters <= day.leaves AND seen.leaves >= day.leaves AND seen.own) AS own
	FROM seen AS day WHERE day.won GROUP BY day.sample, day.leaves
) AS v
GROUP BY sample;
SELECT is(count(*) FILTER (WHERE abs(p_value_win_curve(own, peers) - pg_temp.two_sided(excess / sqrt(variance))) < 1e-9), 12::bigint, 'the log-rank test by plain SQL, with delayed entry'),
	is(count(*) FILTER (WHERE abs(p_value_win_curve(own, peers) - p_value_win_curve(peers, own)) < 1e-12), 12::bigint, 'swapped'),
	is((SELECT round(avg((enters > 0)::integer), 1) FROM seen), 0.5, 'half of them enter late')
FROM curves JOIN log_rank USING (sample);
SELECT is(p_value_win_curve(own, peers), NULL, name)
FROM (VALUES
	('nobody', 'empty'::cycle, 'empty'::cycle),
	('nobody to compare with', '0:+3 1:3w', 'empty'),
	('nothing won', '0:+3 1:3l', '0:+3 1:2l 2:-1'),
	('all won at once', '0:+3 1:3w', '0:+2 1:2w'),
	('never at risk together', '0:+3 1:2w 2:-1', '2:+3 5:3w'),
	('together only when nothing is won', '0:+3 1:1w 5:2l', '3:+3 4:2l 6:1w'),
	('own NULL', NULL, 'empty'), ('peers NULL', 'empty', NULL)
) AS c(name, own, peers);
SELECT is(p_value_win_curve('0:+9223372036854775807 1:9223372036854775806w 3:1l', '0:+9223372036854775807 2:9223372036854775807w'), 0::float8, 'very many');
-- a day with one of two won: 1/2 expected, variance 1/4, chi-squared 1
SELECT is(round(p_value_win_curve('0:+1 9:1w', '0:+1 9:-1 10:+1 11:1l')::numeric, 6), NULL, 'left open on the day is not at risk'),
	is(round(p_value_win_curve('0:+1 9:1w', '0:+1 9:1l')::numeric, 6), 0.317311, 'lost on the day is'),
	is(round(p_value_win_curve('0:+1 9:1w', '9:+1 10:1l')::numeric, 6), 0.317311, 'and so is who enters on it');

-- cycles that are stored with a short header, compressed and elsewhere
CREATE TEMP TABLE plain (n integer, own cycle, peers cycle);
ALTER TABLE plain ALTER own SET STORAGE external, ALTER peers SET STORAGE external;
INSERT INTO plain
SELECT 1, cycle_agg(i, i % 3 > 0), cycle_agg(i + 3, i % 4 > 0) FROM generate_series(1, 2) AS i
UNION ALL
SELECT 2, cycle_agg(i * i % 5000, i % 3 > 0), cycle_agg(i * i % 4999 + 3, i % 4 > 0) FROM generate_series(1, 3000) AS i;
CREATE TEMP TABLE stored (how text, n integer, own cycle, peers cycle);
INSERT INTO stored SELECT 'compressed', * FROM plain;
ALTER TABLE stored ALTER own SET STORAGE external, ALTER peers SET STORAGE external;
INSERT INTO stored SELECT 'elsewhere', * FROM plain;
SELECT is(max(pg_column_size(own)) FILTER (WHERE n = 1), 1 + 12 + 3 * 32, 'stored with a short header'),
	cmp_ok(max(pg_column_size(own)) FILTER (WHERE how = 'compressed') * 2, '<', max(pg_column_size(own)) FILTER (WHERE how = 'elsewhere'), 'compressed, and elsewhere') FROM stored;
SELECT is(ARRAY[p_value(s.own, s.peers), p_value(s.own, p.peers, 'less'), p_value(p.own, s.peers, 'greater'), p_value_win_curve(s.own, s.peers)],
	ARRAY[p_value(p.own, p.peers), p_value(p.own, p.peers, 'less'), p_value(p.own, p.peers, 'greater'), p_value_win_curve(p.own, p.peers)], format('cycle %s, %s', n, how))
FROM stored AS s JOIN plain AS p USING (n) ORDER BY n, how;

-- ----------
-- Many tests
-- ----------

-- the 15 p values of Benjamini and Hochberg's own example: four differ at 0.05
SELECT is(array_agg(round(q::numeric, 5) ORDER BY i), '{0.00150,0.00300,0.00950,0.03563,0.06030,0.06386,0.06386,0.06450,0.07650,0.48600,0.58118,0.71488,0.75323,0.81321,1.00000}'::numeric[], 'Benjamini and Hochberg''s example')
FROM unnest(q_values('{0.0001,0.0004,0.0019,0.0095,0.0201,0.0278,0.0298,0.0344,0.0459,0.3240,0.4262,0.5719,0.6528,0.7590,1.000}')) WITH ORDINALITY AS v(q, i);
SELECT is(q_values(p::float8[])::text, expected, p)
FROM (VALUES
	('{}', '{}'), ('{NULL}', '{NULL}'), ('{NULL,NULL}', '{NULL,NULL}'),
	('{0.04}', '{0.04}'), ('{0}', '{0}'), ('{1}', '{1}'), ('{0,0,1}', '{0,0,1}'), ('{1,1,1}', '{1,1,1}'),
	('{0.5,0.25}', '{0.5,0.5}'), ('{0.25,NULL,0.5}', '{0.5,NULL,0.5}'), ('{0.125,0.125,0.5}', '{0.1875,0.1875,0.5}'), ('{0.75,0.5,0.875}', '{0.875,0.875,0.875}'),
	('[0:2]={0.5,NULL,0.25}', '[0:2]={0.5,NULL,0.5}'), ('[-3:-2]={0.25,0.5}', '[-3:-2]={0.5,0.5}'),
	('{1e-300,1e-320}', '{1e-300,2e-320}')
) AS c(p, expected);
SELECT is(q_values(NULL), NULL, 'array NULL'), is(q_values(ARRAY[0, 1]), '{0,1}'::float8[], 'an array of integer'), is(q_values(ARRAY[0.5, 0.25]::numeric[]), '{0.5,0.5}'::float8[], 'an array of numeric'), is(q_values(ARRAY[0.5, 0.25]::real[]), '{0.5,0.5}'::float8[], 'an array of real'),
	is(q_values(p => '{0.5}'), '{0.5}'::float8[], 'an array by name');

-- over partitions, by the definition: the least of n p / rank over all that
-- are no less likely
CREATE TEMP TABLE test AS
SELECT i, i % 7 AS family, CASE WHEN random() < 0.9 THEN round(random()::numeric ^ (1 + i % 7), 3)::float8 END AS p FROM generate_series(1, 1500) AS i;
SELECT is(count(*) FILTER (WHERE abs(q - plain) < 1e-14 OR p IS NULL AND q IS NULL), 1500::bigint, 'q by the definition')
FROM (SELECT i, p, family, q_value(p) OVER (PARTITION BY family) AS q FROM test) AS t
LEFT JOIN LATERAL (
	SELECT least(min(n * more.p / rank), 1) AS plain
	FROM (SELECT other.p, count(*) OVER () AS n, count(*) OVER (ORDER BY other.p) AS rank FROM test AS other WHERE other.family = t.family AND other.p IS NOT NULL) AS more
	WHERE more.p >= t.p
) AS d ON t.p IS NOT NULL;
SELECT is_empty('SELECT * FROM (SELECT family, array_agg(q_value ORDER BY i) AS a, q_values(array_agg(p ORDER BY i)) AS b FROM (SELECT *, q_value(p) OVER (PARTITION BY family) FROM test) AS v GROUP BY family) AS w WHERE a IS DISTINCT FROM b', 'the array and the partition agree');
SELECT is_empty('SELECT * FROM (SELECT p, q_value(p) OVER (PARTITION BY family) AS q, family FROM test) AS v WHERE NOT (q >= p AND q <= 1) OR (q IS NULL) <> (p IS NULL)', 'q is no less than p, and at most 1');
SELECT is(count(*), 0::bigint, 'order and frame do not matter')
FROM (
	SELECT
		q_value(p) OVER (PARTITION BY family) AS a,
		q_value(p) OVER (PARTITION BY family ORDER BY i DESC) AS b,
		q_value(p) OVER (PARTITION BY family ORDER BY p NULLS FIRST, i) AS c,
		q_value(p) OVER (PARTITION BY family ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW) AS d,
		q_value(p) OVER (PARTITION BY family ORDER BY i RANGE BETWEEN 3 FOLLOWING AND UNBOUNDED FOLLOWING) AS e
	FROM test
) AS o
WHERE (a, a, a, a) IS DISTINCT FROM (b, c, d, e);
SELECT is(array_agg(q ORDER BY factor, p), '{0.2,0.2,0.4,0.4}'::float8[], 'a partition is read again for each outer row')
FROM generate_series(1, 2) AS factor CROSS JOIN LATERAL (SELECT p, q_value(p * factor) OVER () FROM (VALUES (0.1), (0.2)) AS v(p)) AS d(p, q);
SELECT is(array_agg(q ORDER BY p), '{0.5,0.5,NULL}'::float8[], 'CASE takes out what is not to be tested')
FROM (SELECT p, q_value(CASE WHEN p < 0.9 THEN p END) OVER () FROM (VALUES (0.25), (0.5), (0.95)) AS v(p)) AS d(p, q);
SELECT is(array_agg(q), NULL, 'no rows') FROM (SELECT q_value(p) OVER () FROM test WHERE false) AS d(q);
SELECT is(array_agg(q), '{NULL,NULL}'::float8[], 'nothing but NULL') FROM (SELECT q_value(NULL) OVER () FROM generate_series(1, 2)) AS d(q);
SELECT results_eq(format('SELECT q_value(p::%s) OVER () FROM (VALUES (0), (1)) AS v(p) ORDER BY p', type), 'VALUES (0::float8), (1)', 'over a column of ' || type)
FROM unnest('{smallint,integer,bigint,real,double precision,numeric}'::text[]) AS type;
SET LOCAL work_mem = '64kB';
SELECT is(count(*) FILTER (WHERE abs(q - sqrt(p)) < 1e-12), 100000::bigint, '100,000 tests in no order, spilled to disk')
FROM (SELECT p, q_value(p) OVER (ORDER BY i) FROM (SELECT i, ((i::bigint * 7919 % 100000 + 1) / 100000.0::float8) ^ 2 AS p FROM generate_series(1, 100000) AS i) AS v) AS d(p, q);
RESET work_mem;

-- ----------
-- Calls and errors
-- ----------
SELECT is(p, NULL, name)
FROM (VALUES
	('rate: own undecided', p_value('0/0', '1/2'::rate)), ('rate: peers undecided', p_value('1/2', '0/0'::rate, 'less')),
	('rate: own NULL', p_value(NULL, '1/2'::rate)), ('rate: peers NULL', p_value('1/2'::rate, NULL)), ('rate: alternative NULL', p_value('1/2'::rate, '1/2', NULL)),
	('sales: own NULL', p_value(NULL, 'n=2 total=10 squares=68'::sales)), ('sales: alternative NULL', p_value('n=2 total=10 squares=68'::sales, 'n=2 total=10 squares=68', NULL)),
	('cycle: own NULL', p_value(NULL, '0:+1 1:1w'::cycle)), ('cycle: alternative NULL', p_value('0:+1 1:1w'::cycle, '0:+1 1:1w', NULL))
) AS c(name, p);
SELECT is(p_value(own => '3/4'::rate, peers => '1/4', alternative => 'less'), p_value('3/4'::rate, '1/4', 'less'), 'by name');
SELECT is(p_value('3/4'::rate, '1/4', alternative::varchar), p_value('3/4'::rate, '1/4', 'greater'), 'an alternative of a column') FROM (VALUES ('greater')) AS c(alternative);
SELECT throws_ok(format('SELECT p_value(%s, %s, %L)', own, own, alternative), '22023', format('unknown alternative "%s"', alternative), format('p_value(%s, %s, %L)', own, own, alternative))
FROM unnest(ARRAY['''1/2''::rate', '''0/0''::rate', '''n=0 total=0 squares=0''::sales', '''empty''::cycle']) AS own, unnest('{"",two,LESS," less","greater ","lesser","two.sided\n"}'::text[]) WITH ORDINALITY AS c(alternative, i)
ORDER BY own COLLATE "C", i;
SELECT throws_ok('SELECT ' || sql, state, message, sql)
FROM (VALUES
	($$q_values('{{0.1,0.2}}')$$, '22023', 'p values must be a one-dimensional array, not one of 2 dimensions'),
	($$q_values('{{{0.1}}}')$$, '22023', 'p values must be a one-dimensional array, not one of 3 dimensions'),
	($$q_values('{0.1,NaN}')$$, '22003', 'p value must be between 0 and 1, not NaN'),
	($$q_values('{0.1,-0.1}')$$, '22003', 'p value must be between 0 and 1, not -0.1'),
	($$q_values('{1.1}')$$, '22003', 'p value must be between 0 and 1, not 1.1'),
	($$q_values('{NULL,Infinity}')$$, '22003', 'p value must be between 0 and 1, not Infinity'),
	($$q_value('NaN') OVER ()$$, '22003', 'p value must be between 0 and 1, not NaN'),
	($$q_value(i) OVER () FROM generate_series(0, 2) AS i$$, '22003', 'p value must be between 0 and 1, not 2'),
	($$q_value(-1e-300) OVER ()$$, '22003', 'p value must be between 0 and 1, not -1e-300'),
	($$q_value(0.1)$$, '42809', 'window function q_value requires an OVER clause'),
	($$q_value(0.1) FILTER (WHERE true) OVER ()$$, '0A000', NULL),
	($$p_value(0.1, 0.2)$$, '42883', NULL),
	($$p_value('1/2'::rate, 'n=0 total=0 squares=0'::sales)$$, '42883', NULL)
) AS c(sql, state, message);

SELECT * FROM finish();
ROLLBACK;
