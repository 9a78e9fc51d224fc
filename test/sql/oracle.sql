\set ECHO none
\i test/setup.sql
\i test/oracle.sql
SELECT plan(68);

-- weekly_agg against its definition

-- A time near the n-th of the moments that go wrong, or near any of them
CREATE FUNCTION pg_temp.near(n integer) RETURNS timestamptz
	VOLATILE
RETURN (ARRAY[
	'2024-03-31 01:00Z', '2024-10-27 01:00Z', -- Oslo's clock changes
	'2024-03-10 07:00Z', '2024-11-03 06:00Z', -- New York's does
	'2024-03-10 02:00Z', '2024-04-14 02:00Z', -- Casablanca's, for Ramadan
	'2011-12-30 10:00Z', -- Apia leaves a day out
	'2023-02-28 23:59Z', '2024-02-29 12:00Z', '2024-06-30 22:00Z', '2024-07-29 00:00Z',
	'2023-12-31 00:00Z', '2024-12-31 00:00Z', '2025-01-02 12:00Z', '2026-01-01 00:00Z'
]::timestamptz[])[1 + CASE WHEN random() < 0.5 THEN n % 15 ELSE floor(random() * 15)::integer END]
	+ floor(random() * 200 - 100) * interval '15 min' - floor(random() + 0.3) * interval '1 us';

-- Every combination of four milestones, each one of three times (so equal, in
-- order and out of order) or unknown in one of three ways, and the outcome
SELECT setseed(0.15);
INSERT INTO oracle.opportunity
SELECT n * 7 % 11, times[created], times[appointment], times[proposal], times[closed], won,
	(ARRAY[NULL, -1250.50, 0.00005, 99999999.99995, 1e13, round(random()::numeric * 100000, n % 7)])[1 + n % 6]
FROM (
	SELECT n::integer, created, appointment, proposal, closed, won,
		ARRAY[NULL, 'infinity', '-infinity', pg_temp.near(n::integer), pg_temp.near(n::integer), pg_temp.near(n::integer)] AS times
	FROM generate_series(1, 6) AS created, generate_series(1, 6) AS appointment,
		generate_series(1, 6) AS proposal, generate_series(1, 6) AS closed,
		unnest(ARRAY[NULL, true, false]) AS won,
		LATERAL (SELECT (((created * 6 + appointment) * 6 + proposal) * 6 + closed) * 3 + coalesce(won::integer, 2)) AS number (n)
) AS v;

-- and the ends of time in one group
INSERT INTO oracle.opportunity VALUES
	(11, '0001-01-03 00:00Z', '0001-01-05 12:00Z', '0001-02-01 00:00Z', '294276-12-30 12:00Z', true, 1),
	(11, '294276-06-15 12:00Z', '294276-06-16 12:00Z', NULL, '294276-12-30 12:00Z', false, 1),
	(11, '4713-01-03 00:00Z BC', '4713-01-05 12:00Z BC', NULL, '0001-02-01 00:00Z', true, 1),
	(11, '2024-02-29 23:30Z', NULL, NULL, '2024-02-29 23:30Z', true, -0.00005);

INSERT INTO oracle.reading
SELECT format('%s as of %s: %s', time_zone, coalesce(as_of::text, 'ever'), gateways), *
FROM unnest(ARRAY['Europe/Oslo']) AS time_zone,
	unnest(ARRAY[NULL, '2024-03-31 01:00Z', '2024-10-27 00:59:59.999999Z']::timestamptz[]) AS as_of,
	(VALUES ('{}'::text[]), ('{appointment}'), ('{proposal}'), ('{closing}'), ('{appointment,proposal}'),
		('{closing,appointment}'), ('{proposal,closing}'), ('{appointment,proposal,closing}')) AS present (gateways)
UNION ALL
SELECT format('%s as of %s: %s', time_zone, coalesce(as_of::text, 'ever'), gateways), *
FROM unnest(ARRAY['UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia', 'Africa/Casablanca',
		'XYZ+3:30', 'CET-1CEST,M3.5.0,M10.5.0/3']) AS time_zone,
	unnest(ARRAY[NULL, '2024-04-14 02:00Z', 'infinity']::timestamptz[]) AS as_of,
	(VALUES ('{appointment,proposal,closing}'::text[])) AS present (gateways);

CREATE TEMPORARY TABLE difference AS SELECT * FROM oracle.week_difference();

SELECT is(count(*), 3892::bigint, 'every combination is there') FROM oracle.opportunity;
SELECT is(count(d.reading), 0::bigint, r.reading)
FROM oracle.reading AS r LEFT JOIN difference AS d USING (reading)
GROUP BY r.reading ORDER BY r.reading;

-- Two and a half centuries in no order: the clock's rules change at every row
TRUNCATE oracle.opportunity, oracle.reading;
INSERT INTO oracle.opportunity
SELECT 1, times[1], times[2], times[3], times[4], random() < 0.5, round(random()::numeric * 1000, 2)
FROM (
	SELECT ARRAY(SELECT '1850-01-01 00:00Z'::timestamptz + random() * interval '250 years' FROM generate_series(n, n + 3)) AS times
	FROM generate_series(1, 3000) AS n
) AS v;
INSERT INTO oracle.reading
SELECT time_zone, time_zone, NULL, '{appointment,proposal,closing}'
FROM unnest(ARRAY['Europe/Oslo', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia', 'Africa/Casablanca', 'Europe/Dublin']) AS time_zone;

INSERT INTO difference SELECT * FROM oracle.week_difference();
SELECT is(count(d.reading), 0::bigint, r.reading || ' over 250 years')
FROM oracle.reading AS r LEFT JOIN difference AS d USING (reading)
GROUP BY r.reading ORDER BY r.reading;

SELECT is_empty('SELECT * FROM difference ORDER BY reading, grp, week, month, by LIMIT 10', 'weekly_agg is as defined');

-- cycle_agg against its definition

-- Every combination of start, end and outcome around one day or unknown, and
-- a thousand days of deals
INSERT INTO oracle.deal
SELECT row_number() OVER (ORDER BY started, ended, won) % 7, started, ended, won
FROM unnest(ARRAY[NULL, 'infinity', '-infinity', '2024-02-28', '2024-02-29', '2024-03-01', '4713-01-02 BC']::date[]) AS started,
	unnest(ARRAY[NULL, 'infinity', '-infinity', '2024-02-28', '2024-02-29', '2024-03-01', '2024-03-02']::date[]) AS ended,
	unnest(ARRAY[NULL, true, false]) AS won
UNION ALL
SELECT n % 7, started, CASE WHEN n % 5 > 0 THEN started + floor(random() * 400 - 20)::integer END,
	CASE WHEN n % 9 > 0 THEN random() < 0.4 END
FROM (SELECT n, '2023-01-01'::date + floor(random() * 1000)::integer AS started FROM generate_series(1, 3000) AS n) AS v;

CREATE TEMPORARY TABLE span AS
SELECT from_date, '2023-06-01'::date + until AS until_date
FROM (
	SELECT floor(random() * 800)::integer AS until, floor(random() * 800)::integer AS days FROM generate_series(1, 40)
) AS v, LATERAL (SELECT CASE WHEN days < 700 THEN '2023-06-01'::date + until - days END) AS f (from_date)
UNION ALL VALUES
	('2024-02-29'::date, '2024-02-29'::date), -- empty
	('2024-02-29', '2024-03-01'),
	('-infinity', '2024-03-01'),
	('4713-01-01 BC', '294276-12-31'),
	('1900-01-01', '1900-02-01');

CREATE TEMPORARY TABLE expected AS
SELECT from_date, until_date, d.* FROM span, oracle.days(from_date, until_date) AS d;
CREATE TEMPORARY TABLE actual AS
SELECT from_date, until_date, grp, d.*
FROM span,
	LATERAL (SELECT grp, cycle_agg(started, ended, won, from_date, until_date) AS cycle FROM oracle.deal GROUP BY grp) AS c,
	days(cycle) AS d;
SELECT cmp_ok(count(*), '>', 10000::bigint, 'the windows hold many days') FROM expected;
SELECT is_empty('TABLE expected EXCEPT ALL TABLE actual', 'cycle_agg in a window: no day of the definition is missing');
SELECT is_empty('TABLE actual EXCEPT ALL TABLE expected', 'cycle_agg in a window: no day is beyond the definition');

CREATE TEMPORARY TABLE whole AS
SELECT grp, d.*
FROM (
	SELECT grp, cycle_agg(ended - started, won) AS cycle
	FROM oracle.deal
	WHERE isfinite(started) AND (ended IS NULL OR isfinite(ended) AND ended >= started)
	GROUP BY grp
) AS c, days(cycle) AS d;
SELECT is_empty('SELECT * FROM oracle.days_of_whole_cycles() EXCEPT ALL TABLE whole', 'cycle_agg of days: no day of the definition is missing');
SELECT is_empty('TABLE whole EXCEPT ALL SELECT * FROM oracle.days_of_whole_cycles()', 'cycle_agg of days: no day is beyond the definition');

SELECT results_eq(
	$$SELECT grp, won(c), lost(c), average_days(c), median_days(c)
		FROM (
			SELECT grp, cycle_agg(started, ended, won, NULL, '2025-01-01') AS c
			FROM oracle.deal WHERE started > '2000-01-01' GROUP BY grp
		) AS v ORDER BY grp$$,
	$$SELECT grp, count(*) FILTER (WHERE won), count(*) FILTER (WHERE NOT won),
			avg(ended - started) FILTER (WHERE won)::float8,
			percentile_disc(0.5) WITHIN GROUP (ORDER BY ended - started) FILTER (WHERE won)
		FROM oracle.deal
		WHERE isfinite(started) AND started > '2000-01-01' AND ended >= started AND ended < '2025-01-01'
		GROUP BY grp ORDER BY grp$$,
	'won, lost, average_days and median_days are those of the deals');

-- Before the second of two days nothing has been won and lost on the first
SELECT results_eq(
	$$SELECT day, at_risk(c, day)
		FROM (SELECT cycle_agg(started, ended, won, '2024-01-15', '2024-04-15') AS c FROM oracle.deal) AS v,
			generate_series(-1, 500) AS day ORDER BY day$$,
	$$SELECT day, count(started)
		FROM generate_series(-1, 500) AS day LEFT JOIN (
			SELECT started, CASE WHEN won IS NULL THEN NULL ELSE ended END AS ended
			FROM oracle.deal WHERE isfinite(started) AND started > '2000-01-01' AND started < '2024-04-15'
		) AS deal ON day >= greatest(0, '2024-01-15' - started) AND started + day < '2024-04-15'
			AND (ended IS NULL OR ended >= started + day)
		GROUP BY day ORDER BY day$$,
	'at risk on a day are the deals in view and open when it begins');

-- Windows that touch

CREATE TEMPORARY TABLE whole_year AS
SELECT grp, cycle_agg(started, ended, won, '2024-01-01', '2025-01-01') AS cycle FROM oracle.deal GROUP BY grp;
CREATE TEMPORARY TABLE part AS
SELECT cut, grp, part, cycle_agg(started, ended, won, from_date, until_date) AS cycle
FROM (
	SELECT 'month' AS cut, m AS part, make_date(2024, m, 1) AS from_date, (make_date(2024, m, 1) + interval '1 month')::date AS until_date
	FROM generate_series(1, 12) AS m
	UNION ALL
	SELECT 'day', d, '2024-01-01'::date + d, '2024-01-01'::date + d + 1
	FROM generate_series(0, 365) AS d
	UNION ALL
	SELECT 'two halves cut on day ' || d, half, CASE half WHEN 1 THEN '2024-01-01' ELSE '2024-01-01'::date + d END,
		CASE half WHEN 1 THEN '2024-01-01'::date + d ELSE '2025-01-01' END
	FROM unnest(ARRAY[0, 59, 60, 200, 366]) AS d, unnest(ARRAY[1, 2]) AS half
) AS v, oracle.deal
GROUP BY cut, grp, part;
SELECT is(array_agg(DISTINCT cycle_send(total) = cycle_send(cycle)), '{t}', cut || ': the parts of the year add up to it, to the byte')
FROM (SELECT cut, grp, rollup(cycle) AS total FROM part GROUP BY cut, grp) AS p JOIN whole_year USING (grp)
GROUP BY cut ORDER BY cut;
SELECT is(array_agg(DISTINCT cycle_send(whole_year.cycle - part.cycle) = cycle_send(rest)), '{t}', 'a year without one of its months is the others')
FROM part, whole_year,
	LATERAL (SELECT rollup(cycle) AS rest FROM part AS other WHERE other.cut = 'month' AND other.grp = part.grp AND other.part <> part.part) AS o
WHERE cut = 'month' AND part.grp = whole_year.grp;

SELECT * FROM finish();
ROLLBACK;
