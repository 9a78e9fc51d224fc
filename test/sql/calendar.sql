\set ECHO none
\i test/setup.sql
SELECT plan(18);

SELECT is(local_date(at, zone), expected, name)
FROM (VALUES
	('midnight in Oslo', '2026-02-28 23:00Z'::timestamptz, 'Europe/Oslo', '2026-03-01'::date),
	('a microsecond before', '2026-02-28 22:59:59.999999Z', 'Europe/Oslo', '2026-02-28'),
	('summer time', '2026-06-30 22:00Z', 'Europe/Oslo', '2026-07-01'),
	('west of it', '2026-03-01 04:59Z', 'America/New_York', '2026-02-28'),
	('before the epoch', '1969-12-31 23:59:59.5Z', 'UTC', '1969-12-31'),
	('infinity', 'infinity', 'Europe/Oslo', 'infinity'),
	('minus infinity', '-infinity', 'Europe/Oslo', '-infinity'),
	('no time', NULL, 'Europe/Oslo', NULL),
	('no zone', '2026-01-01 00:00Z', NULL, NULL)
) AS c(name, at, zone, expected);
SELECT throws_ok($$SELECT local_date('2026-01-01', 'Mars/Olympus')$$, '22023', 'time zone "Mars/Olympus" not recognized', 'a zone that is none');
SELECT throws_ok($$SELECT local_date('2026-01-01', '')$$, '22023', NULL, 'an empty zone');
SELECT throws_ok($$SELECT local_date('4714-11-24 00:00+00 BC', 'UTC')$$, '22008', NULL, 'before the first week');

-- every half hour of two years, and every 997 hours of all time, zones taking turns
SELECT is_empty($$
	SELECT at, zone
	FROM generate_series('2025-01-01 00:00Z'::timestamptz, '2026-12-31 23:59Z', '30 minutes') AS at,
		unnest(ARRAY['Europe/Oslo', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe']) AS zone
	WHERE local_date(at, zone) <> (at AT TIME ZONE zone)::date$$, 'as AT TIME ZONE says, in two years');
SELECT is_empty($$
	SELECT at, zone
	FROM generate_series('1850-01-01 00:00Z'::timestamptz, '2200-01-01 00:00Z', '997 hours') AS at,
		unnest(ARRAY['Europe/Oslo', 'Pacific/Apia', 'UTC']) AS zone
	WHERE local_date(at, zone) <> (at AT TIME ZONE zone)::date$$, 'and in all years of railways');

-- week_part: of every day of two eras of 400 years, as date_trunc says
SELECT is_empty($$
	SELECT day
	FROM (SELECT date '1700-01-01' + n AS day FROM generate_series(0, 300000) AS n) AS d
	WHERE week_part(day) <> greatest(date_trunc('week', day::timestamp), date_trunc('month', day::timestamp))::date$$, 'week_part is the later of Monday and the first');
SELECT results_eq($$SELECT week_part('infinity'), week_part('-infinity'), week_part(NULL)$$, $$VALUES ('infinity'::date, '-infinity'::date, NULL::date)$$, 'no days');
SELECT throws_ok($$SELECT week_part('4714-11-30 BC')$$, '22008', 'date out of range', 'before the first week');
SELECT throws_ok($$SELECT week_part('5874897-12-31')$$, '22008', 'date out of range', 'later than any time');

SELECT * FROM finish();
ROLLBACK;
