\set ECHO none
\i test/setup.sql
\i test/binary.sql
SELECT plan(84);
SET TimeZone = 'UTC';

-- One opportunity and what is counted of it: created 5 January, the other
-- milestones as given. The text form, without its head.
CREATE FUNCTION counted(appointment timestamptz, proposal timestamptz, closed timestamptz, won boolean, as_of timestamptz DEFAULT NULL,
	gateways text[] DEFAULT '{appointment,proposal,closing}') RETURNS text
LANGUAGE sql RETURN (SELECT regexp_replace(weekly_agg('2026-01-05', appointment, proposal, closed, won, NULL, 'UTC', as_of, gateways)::text, '^zone[^;]*; ', ''));
SELECT is(counted(a, p, c, w, as_of), expected, name)
FROM (VALUES
	('all recorded', timestamptz '2026-01-12', timestamptz '2026-01-19', timestamptz '2026-01-26', true, NULL::timestamptz,
		'2026-01-12/01 new=1; 2026-01-19/01 proposal_recorded=1; 2026-01-26/01 closing_passed=1 won_with_days=1 won_days=21'),
	('appointment imputed at the proposal', NULL, '2026-01-19', '2026-01-26', true, NULL,
		'2026-01-19/01 appointment_imputed=1 proposal_recorded=1; 2026-01-26/01 closing_passed=1 won_with_days=1 won_days=21'),
	('appointment imputed at the earliest later time', NULL, '2026-01-26', '2026-01-19', true, NULL,
		'2026-01-19/01 appointment_imputed=1 closing_passed=1 won_with_days=1 won_days=14; 2026-01-26/01 proposal_recorded=1'),
	('both imputed at the closing', NULL, NULL, '2026-01-26', true, NULL,
		'2026-01-26/01 appointment_imputed=1 proposal_imputed=1 closing_passed=1 won_with_days=1 won_days=21'),
	('lost before the appointment', NULL, NULL, '2026-01-26', false, NULL, '2026-01-26/01 appointment_failed=1 lost_with_days=1 lost_days=21'),
	('lost before the proposal', '2026-01-12', NULL, '2026-01-26', false, NULL,
		'2026-01-12/01 new=1; 2026-01-26/01 proposal_failed=1 lost_with_days=1 lost_days=21'),
	('lost after the proposal', NULL, '2026-01-19', '2026-01-26', false, NULL,
		'2026-01-19/01 appointment_imputed=1 proposal_recorded=1; 2026-01-26/01 closing_failed=1 lost_with_days=1 lost_days=21'),
	('pending', '2026-01-12', NULL, NULL, NULL, NULL, '2026-01-12/01 new=1'),
	('won without a time is open', '2026-01-12', NULL, NULL, true, NULL, '2026-01-12/01 new=1'),
	('closed without an outcome is open', '2026-01-12', NULL, '2026-01-26', NULL, NULL, '2026-01-12/01 new=1'),
	('out of order is kept', '2026-01-19', '2026-01-12', NULL, NULL, NULL, '2026-01-12/01 proposal_recorded=1; 2026-01-19/01 new=1'),
	('what is later than as_of is not seen', '2026-01-12', '2026-01-19', '2026-01-26', true, '2026-01-25', '2026-01-12/01 new=1; 2026-01-19/01 proposal_recorded=1'),
	('as_of itself is seen', '2026-01-12', NULL, NULL, NULL, '2026-01-12', '2026-01-12/01 new=1'),
	('infinity is unknown', 'infinity', '-infinity', 'infinity', true, NULL, 'empty'),
	('closed before it was created has no days', NULL, NULL, '2026-01-04', false, NULL, '2025-12-29/01 appointment_failed=1'),
	('closed on the day of creation', NULL, NULL, '2026-01-05', false, NULL, '2026-01-05/01 appointment_failed=1 lost_with_days=1')
) AS c(name, a, p, c, w, as_of, expected);
SELECT is(counted(a, p, c, w, NULL, g::text[]), expected, name)
FROM (VALUES
	('closing alone: new by creation, won', '{closing}', timestamptz '2026-01-12', timestamptz '2026-01-19', timestamptz '2026-01-26', true,
		'2026-01-05/01 new=1; 2026-01-26/01 closing_passed=1 won_with_days=1 won_days=21'),
	('closing alone: lost', '{closing}', NULL, NULL, '2026-01-26', false, '2026-01-05/01 new=1; 2026-01-26/01 closing_failed=1 lost_with_days=1 lost_days=21'),
	('no proposals: lost after the appointment fails the closing', '{appointment,closing}', '2026-01-12', '2026-01-19', '2026-01-26', false,
		'2026-01-12/01 new=1; 2026-01-26/01 closing_failed=1 lost_with_days=1 lost_days=21'),
	('no proposals: one is no sign of an appointment', '{appointment,closing}', NULL, '2026-01-19', NULL, NULL, 'empty'),
	('no gateway at all: new and days', '{}', NULL, NULL, '2026-01-26', true, '2026-01-05/01 new=1; 2026-01-26/01 won_with_days=1 won_days=21'),
	('no closings: only the proposal fails', '{appointment,proposal}', '2026-01-12', NULL, '2026-01-26', false,
		'2026-01-12/01 new=1; 2026-01-26/01 proposal_failed=1 lost_with_days=1 lost_days=21')
) AS c(name, g, a, p, c, w, expected);

-- where a time falls
CREATE FUNCTION cell(at timestamptz, zone text) RETURNS text
LANGUAGE sql RETURN (SELECT week || ' ' || month FROM (SELECT weekly_agg(NULL, at, NULL, NULL, NULL, NULL, zone, NULL)) AS q(h), weeks(h));
SELECT is(cell(at, zone), expected, at || ' in ' || zone)
FROM (VALUES
	(timestamptz '2026-02-28 22:59:59.999999Z', 'Europe/Oslo', '2026-02-23 2026-02-01'), ('2026-02-28 23:00Z', 'Europe/Oslo', '2026-02-23 2026-03-01'),
	('2024-02-29 12:00Z', 'UTC', '2024-02-26 2024-02-01'), ('2024-03-01 12:00Z', 'UTC', '2024-02-26 2024-03-01'),
	('2026-12-31 12:00Z', 'UTC', '2026-12-28 2026-12-01'), ('2027-01-01 12:00Z', 'UTC', '2026-12-28 2027-01-01'), ('2027-01-04 00:00Z', 'UTC', '2027-01-04 2027-01-01'),
	('2026-03-29 21:59:59Z', 'Europe/Oslo', '2026-03-23 2026-03-01'), ('2026-03-29 22:00Z', 'Europe/Oslo', '2026-03-30 2026-03-01'),
	('2026-10-25 22:59:59Z', 'Europe/Oslo', '2026-10-19 2026-10-01'), ('2026-10-25 23:00Z', 'Europe/Oslo', '2026-10-26 2026-10-01'),
	('2026-03-09 03:59:59Z', 'America/New_York', '2026-03-02 2026-03-01'), ('2026-03-09 04:00Z', 'America/New_York', '2026-03-09 2026-03-01'),
	('2026-11-02 04:59:59Z', 'America/New_York', '2026-10-26 2026-11-01'), ('2026-11-02 05:00Z', 'America/New_York', '2026-11-02 2026-11-01'),
	('2026-11-01 18:30Z', 'Asia/Kolkata', '2026-11-02 2026-11-01'), ('2026-11-01 22:59Z', '<+01>-1', '2026-10-26 2026-11-01'),
	('0001-01-01 00:00Z', 'UTC', '0001-01-01 0001-01-01'), ('294276-12-31 23:59:59Z', 'UTC', '294276-12-25 294276-12-01')
) AS c(at, zone, expected);
SELECT is(weekly_agg(NULL, '2026-01-12', NULL, NULL, NULL, NULL, 'europe/oslo', NULL), weekly_agg(NULL, '2026-01-12', NULL, NULL, NULL, NULL, 'Europe/Oslo', NULL), 'the spelling of a zone does not show');

-- cells become wide where something does not fit, and narrow again
CREATE TABLE many AS
SELECT timestamptz '2026-01-12' + n % 3 * interval '1 hour' AS at, n, CASE WHEN n % 2 = 0 THEN 99999999999999.99 ELSE 12.5 END AS amount FROM generate_series(1, 70000) AS n;
SELECT results_eq($$SELECT new_opportunities, closing, sales_count(sales), total(sales), won_days FROM (SELECT weekly_agg('0001-01-01', at, at, at, true, amount, 'UTC', NULL) FROM many) AS q(h), weeks(h)$$,
	$$SELECT count(*), rate(count(*), count(*)), count(*), trim_scale(sum(amount)), sum(at::date - '0001-01-01'::date) FROM many$$, '70,000 large sales in a week are exact');
SELECT is((SELECT history_send(rollup(h)) FROM (SELECT weekly_agg('0001-01-01', at, at, at, true, amount, 'UTC', NULL) FROM many GROUP BY n % 7) AS q(h)),
	(SELECT history_send(weekly_agg('0001-01-01', at, at, at, true, amount, 'UTC', NULL)) FROM many), 'pieces of narrow cells add up to wide ones');
SELECT is((SELECT weekly_agg('0001-01-01', at, at, at, true, amount, 'UTC', NULL) - weekly_agg('0001-01-01', at, at, at, true, amount, 'UTC', NULL) FILTER (WHERE n > 10) FROM many),
	(SELECT weekly_agg('0001-01-01', at, at, at, true, amount, 'UTC', NULL) FROM many WHERE n <= 10), 'what is left of wide cells is narrow again');

-- the algebra and the windows
SELECT is(h + h - h, h, 'minus undoes plus'), is(h - h, 'empty', 'less itself is empty'), is('empty'::history + h, h, 'empty is the identity')
FROM (SELECT weekly_agg(NULL, at, NULL, NULL, NULL, NULL, 'UTC', '2026-06-01 12:00:00.000001Z') FROM many) AS q(h);
SELECT results_eq(
	$$SELECT regexp_replace((weekly_agg(NULL, at, NULL, NULL, NULL, NULL, 'UTC', NULL) OVER (ORDER BY at ROWS 1 PRECEDING))::text, '^zone[^;]*; ', '')
		FROM (VALUES (timestamptz '2026-01-12'), ('2026-01-13'), ('2026-01-19'), ('2026-01-26')) AS v(at) ORDER BY at$$,
	$$VALUES ('2026-01-12/01 new=1'), ('2026-01-12/01 new=2'), ('2026-01-12/01 new=1; 2026-01-19/01 new=1'), ('2026-01-19/01 new=1; 2026-01-26/01 new=1')$$,
	'weekly_agg over a moving window');

-- limits and errors
CREATE FUNCTION one(zone text, as_of timestamptz DEFAULT NULL, gateways text[] DEFAULT '{appointment}') RETURNS history
LANGUAGE sql RETURN (SELECT weekly_agg(NULL, '2026-01-12', NULL, NULL, NULL, NULL, zone, as_of, gateways));
SELECT is((SELECT count(*) FROM (SELECT weekly_agg(NULL, '0100-01-01'::timestamptz + n * interval '35 days', NULL, NULL, NULL, NULL, 'UTC', NULL)
	FROM generate_series(1, 20000) AS n) AS q(h), weeks(h)), 20000::bigint, '20,000 different weeks');
SELECT throws_ok(sql, state, NULL, sql || ' is ' || state)
FROM (VALUES
	($$SELECT weekly_agg(NULL, '0100-01-01'::timestamptz + n * interval '35 days', NULL, NULL, NULL, NULL, 'UTC', NULL) FROM generate_series(1, 20001) AS n$$, '54000'),
	($$SELECT one(NULL)$$, '22004'), ($$SELECT one('UTC', NULL, NULL)$$, '22004'), ($$SELECT one('UTC', NULL, '{NULL}')$$, '22004'),
	($$SELECT one('Europe/Osl')$$, '22023'), ($$SELECT one('')$$, '22023'), ($$SELECT one('UTC', NULL, '{won}')$$, '22023'),
	($$SELECT one('UTC') + one('Europe/Oslo')$$, '22023'), ($$SELECT one('UTC') + one('UTC', '2026-06-01')$$, '22023'),
	($$SELECT one('UTC') + one('UTC', NULL, '{appointment,closing}')$$, '22023'),
	($$SELECT weekly_agg(NULL, '2026-01-12', NULL, NULL, NULL, NULL, z, NULL) FROM (VALUES ('UTC'), ('Europe/Oslo')) AS v(z)$$, '22023'),
	($$SELECT weekly_agg(NULL, '2026-01-12', NULL, NULL, NULL, NULL, 'UTC', t) FROM (VALUES (NULL), (timestamptz '2026-06-01')) AS v(t)$$, '22023'),
	($$SELECT weekly_agg(NULL, '2026-01-12', NULL, NULL, NULL, NULL, 'UTC', NULL, g::text[]) FROM (VALUES ('{closing}'), ('{}')) AS v(g)$$, '22023'),
	($$SELECT weekly_agg(NULL, NULL, NULL, '2026-01-12', true, 1e14, 'UTC', NULL)$$, '22003'),
	($$SELECT weekly_agg(NULL, '4714-11-30 00:00Z BC', NULL, NULL, NULL, NULL, 'UTC', NULL)$$, '22008'),
	($$SELECT one('UTC') - (one('UTC') + one('UTC'))$$, '22003'),
	($$SELECT ''::history$$, '22P02'),
	($$SELECT 'zone=UTC gateways=closing; 2026-01-13/01 new=1'::history$$, '22P02'),
	($$SELECT 'zone=UTC gateways=closing; 2026-01-12/02 new=1'::history$$, '22P02'),
	($$SELECT 'zone=UTC gateways=closing; 2026-01-12/01 new=4294967296'::history$$, '22003'),
	($$SELECT 'zone=UTC gateways=closing; 2026-01-12/01 sales=1 total=1 squares=1'::history$$, '22003'),
	($$SELECT 'zone=UTC gateways=closing; 2026-01-12/01 proposal_recorded=1'::history$$, '22003')
) AS c(sql, state);

-- Of days the history is that of their midnights in UTC
SELECT setseed(0.23);
CREATE TABLE in_days AS
SELECT n, CASE WHEN random() < 0.9 THEN first END AS created, CASE WHEN random() < 0.7 THEN first + (random() * 40)::integer END AS appointment,
	CASE WHEN random() < 0.6 THEN first + (random() * 80 - 10)::integer END AS proposal, CASE WHEN random() < 0.7 THEN first + (random() * 120 - 5)::integer END AS closed,
	CASE WHEN random() < 0.9 THEN random() < 0.4 END AS won, CASE WHEN random() < 0.8 THEN (random() * 10000 - 100)::numeric(12,2) END AS amount
FROM (SELECT n, date '2023-11-20' + (random() * 900)::integer AS first FROM generate_series(1, 3000) AS n) AS o;
SELECT is(
	(SELECT weekly_agg(created, appointment, proposal, closed, won, amount, gateways) FROM in_days),
	(SELECT weekly_agg(created::timestamp AT TIME ZONE 'UTC', appointment::timestamp AT TIME ZONE 'UTC', proposal::timestamp AT TIME ZONE 'UTC', closed::timestamp AT TIME ZONE 'UTC',
		won, amount, 'UTC', NULL, gateways) FROM in_days),
	'in days, ' || gateways::text)
FROM unnest(ARRAY['appointment,proposal,closing', 'closing', 'proposal,closing']) AS g, LATERAL (SELECT string_to_array(g, ',')) AS a(gateways);
SELECT is((SELECT weekly_agg('infinity', '-infinity', NULL, date 'infinity', true, 1, '{closing}')), 'empty', 'infinite days are unknown');

-- round trips and hostile input
SELECT is(from_binary('history', history_send(h::history)), h, 'binary ' || left(h, 60)), is(h::history::text, h, 'text ' || left(h, 60))
FROM (VALUES ('empty'), ('zone=UTC gateways=none as_of=2026-06-01T12:00:00.000001Z; -0001-12-27/12 new=1; 294276-12-25/12 new=2'),
	('zone=Europe/Oslo gateways=appointment+proposal+closing; 2026-03-30/03 new=70000; 2026-03-30/04 closing_passed=2 sales=1 won_with_days=1 won_days=4 total=-0.5 squares=0.25')) AS c(h);
SELECT setseed(0.19);
CREATE TABLE sample AS SELECT one('UTC', '2026-06-01') + weekly_agg(NULL, NULL, NULL, '2026-02-10', true, 2500.5, 'UTC', '2026-06-01', '{appointment}') AS h;
SELECT is_empty($$SELECT text FROM sample, hostile_text('history', ARRAY[h::text, 'empty'], ARRAY['; ', ' new=', ' sales=', 'zone=', 'total='], 1500) AS text
	WHERE text !~ '^error (22P02|22003|54000)$' AND EXISTS (SELECT FROM weeks(text::history) WHERE new_opportunities < 0 OR won_days < 0 OR sales_count(sales) < 0)$$,
	'hostile text gives an error or a valid history');
SELECT is_empty($$SELECT text FROM sample, hostile_binary('history', ARRAY[history_send(h)], 1500) AS text
	WHERE text !~ '^error (22P03|08P01|22003|54000)$' AND EXISTS (SELECT FROM weeks(text::history) WHERE new_opportunities < 0 OR won_days < 0 OR sales_count(sales) < 0)$$,
	'hostile messages give an error or a valid history');

SELECT * FROM finish();
ROLLBACK;
