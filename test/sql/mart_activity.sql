\set ECHO none
SET default_transaction_isolation = 'repeatable read';
\i test/setup.sql
SELECT plan(10);

-- Each opportunity with the appointments in the activities, and what becomes of it in the window from 1 April to 30 June.
-- Days are those of Oslo, where midnight is 22:00 of UTC.
CREATE TEMPORARY TABLE opportunity_case (id integer, name text, appointments timestamptz[], closed_at timestamptz, outcome text, decided boolean, passed boolean);
INSERT INTO opportunity_case VALUES
	(1, 'a second one', '{2024-04-10 10:00Z, 2024-04-20 10:00Z}', NULL, 'open', true, true),
	(2, 'a second one before it is lost', '{2024-04-10 10:00Z, 2024-04-20 10:00Z}', '2024-05-02 10:00Z', 'lost', true, true),
	(3, 'three', '{2024-04-10 10:00Z, 2024-04-20 10:00Z, 2024-04-25 10:00Z}', '2024-05-02 10:00Z', 'won', true, true),
	(4, 'won at the first', '{2024-04-10 10:00Z}', '2024-05-02 10:00Z', 'won', true, false),
	(5, 'lost after the first', '{2024-04-10 10:00Z}', '2024-05-02 10:00Z', 'lost', true, false),
	(6, 'pending', '{2024-04-10 10:00Z}', NULL, 'open', false, false),
	(7, 'the same twice', '{2024-04-10 10:00Z, 2024-04-10 10:00Z}', NULL, 'open', false, false),
	(8, 'the same twice, and lost', '{2024-04-10 10:00Z, 2024-04-10 10:00Z}', '2024-05-02 10:00Z', 'lost', true, false),
	(9, 'the second one after it was lost', '{2024-04-10 10:00Z, 2024-05-10 10:00Z}', '2024-05-02 10:00Z', 'lost', true, false),
	(10, 'the second one on the day on which it was won', '{2024-04-10 10:00Z, 2024-05-02 18:00Z}', '2024-05-02 10:00Z', 'won', true, true),
	(11, 'the first one after it was lost', '{2024-05-10 10:00Z, 2024-05-12 10:00Z}', '2024-05-02 10:00Z', 'lost', false, false),
	(12, 'the second one before the window', '{2024-03-10 10:00Z, 2024-03-20 10:00Z}', '2024-05-02 10:00Z', 'won', false, false),
	(13, 'the second one on the first day of the window', '{2024-03-10 10:00Z, 2024-03-31 22:30Z}', NULL, 'open', true, true),
	(14, 'the second one a day earlier', '{2024-03-10 10:00Z, 2024-03-31 21:30Z}', NULL, 'open', false, false),
	(15, 'the second one after the window', '{2024-06-10 10:00Z, 2024-06-30 22:30Z}', NULL, 'open', false, false),
	(16, 'lost before the window', '{2024-03-10 10:00Z}', '2024-03-20 10:00Z', 'lost', false, false),
	(17, 'the second one after as_of', '{2024-06-10 10:00Z, 2024-07-05 10:00Z}', NULL, 'open', false, false),
	(18, 'lost after as_of', '{2024-06-10 10:00Z}', '2024-07-05 10:00Z', 'lost', false, false),
	(19, 'none', '{}', '2024-05-02 10:00Z', 'lost', false, false),
	(20, 'the second one at infinity', '{2024-06-10 10:00Z, infinity}', NULL, 'open', false, false),
	(21, 'void', '{2024-04-10 10:00Z, 2024-04-20 10:00Z}', '2024-05-02 10:00Z', 'void', false, false),
	(22, 'closed, but nobody knows how', '{2024-04-10 10:00Z}', '2024-05-02 10:00Z', NULL, false, false);

-- Each opportunity is that of a rep of its own.
CREATE SCHEMA sales;
CREATE TABLE sales.opportunity AS
SELECT id AS opportunity_id, id AS rep_id, timestamptz '2024-03-01 10:00Z' AS created_at, appointments[1] AS appointment_at, NULL::timestamptz AS proposal_at,
	closed_at, outcome, 100.00 AS amount
FROM opportunity_case;
CREATE TABLE sales.rep AS
SELECT id AS rep_id, 'Rep ' || id AS rep_name, CASE WHEN id < 12 THEN 'East' ELSE 'West' END AS team, 'field' AS peer_group FROM opportunity_case;
CREATE TABLE sales.activity AS
SELECT id AS rep_id, 'appointment' AS kind, happened_at, id AS opportunity_id FROM opportunity_case, unnest(appointments) AS happened_at
UNION ALL
SELECT id, 'call', timestamptz '2024-04-05 10:00Z', id FROM opportunity_case;
SELECT kpi.create_mart('sales', options => '{"time_zone": "Europe/Oslo", "as_of": "2024-07-03 12:00+02"}') \g /dev/null
CALL kpi.refresh_mart('sales');

SELECT results_eq(
	'SELECT name, second_appointment_decided, second_appointment_passed FROM sales.scorecard JOIN opportunity_case ON id = rep_id ORDER BY id',
	'SELECT name, decided::integer::bigint, passed::integer::bigint FROM opportunity_case ORDER BY id', 'second appointments');
SELECT results_eq(
	'SELECT second_appointment_ratio FROM sales.activity_plan ORDER BY rep_id',
	'SELECT CASE WHEN decided THEN passed::integer::numeric END FROM opportunity_case ORDER BY id', 'the ratio is NULL where nothing was decided');
SELECT results_eq(
	'SELECT team, second_appointment_passed, second_appointment_decided, second_appointment_ratio FROM sales.team_scorecard ORDER BY team',
	$$VALUES ('East', 4::bigint, 8::bigint, 0.5), ('West', 1, 1, 1)$$, 'of teams');
SELECT results_eq(
	'SELECT sum(appointments)::bigint, sum(first_appointments)::bigint FROM sales.rep_window',
	$$SELECT count(*), count(*) FILTER (WHERE is_first)
	FROM (SELECT happened_at, place = 1 AS is_first FROM opportunity_case, unnest(appointments) WITH ORDINALITY AS a(happened_at, place)) AS a
	WHERE happened_at >= '2024-03-31 22:00Z' AND happened_at < '2024-06-30 22:00Z'$$, 'steps lead to first appointments');

-- Whose steps to an appointment: one's own, those of the group, or, where this has few, too, of the company
CREATE TEMPORARY TABLE rep_case (rep_id integer, peer_group text, calls integer, appointments integer, basis text, calls_of_one numeric);
INSERT INTO rep_case VALUES
	(1, 'many', 60, 20, 'own', 3), (2, 'many', 9, 1, 'peers', 69 / 21.0), (3, 'few', 10, 5, 'company', 94 / 30.0), (4, 'few', 15, 4, 'company', 94 / 30.0), (5, '', 0, 0, 'company', 94 / 30.0);
DROP TABLE sales.activity CASCADE;
TRUNCATE sales.opportunity, sales.rep;
INSERT INTO sales.rep SELECT rep_id, 'Rep ' || rep_id, '', peer_group FROM rep_case;
INSERT INTO sales.opportunity
SELECT rep_id * 100 + n, rep_id, '2024-03-01 10:00Z', '2024-04-10 10:00Z', '2024-04-12 10:00Z', '2024-05-02 10:00Z', CASE WHEN n % 2 = 0 THEN 'won' ELSE 'lost' END, 1000
FROM rep_case, generate_series(1, 40) AS n;
CREATE TABLE sales.activity AS
SELECT rep_id, 'call' AS kind, timestamptz '2024-04-05 10:00Z' AS happened_at, NULL::integer AS opportunity_id FROM rep_case, generate_series(1, calls)
UNION ALL
SELECT rep_id, 'appointment', '2024-04-10 10:00Z', rep_id * 100 + n FROM rep_case, generate_series(1, appointments) AS n;
SELECT lives_ok($$SELECT kpi.create_mart('sales')$$, 'the mart made anew');
INSERT INTO sales.goal SELECT rep_id, '2024-07-01', '2024-09-29', 26000 FROM rep_case;
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'refreshed');
SELECT results_eq('SELECT rep_id, activity_basis FROM sales.activity_plan ORDER BY rep_id', 'SELECT rep_id, basis FROM rep_case ORDER BY rep_id', 'whose steps');
SELECT results_eq(
	'SELECT rep_id, round(calls_per_week / appointments_per_week, 3) FROM sales.activity_plan ORDER BY rep_id',
	'SELECT rep_id, round(calls_of_one, 3) FROM rep_case ORDER BY rep_id', 'calls of one appointment');
SELECT is_empty('SELECT FROM sales.activity_plan WHERE second_appointment_ratio IS NOT NULL', 'activities that show no second appointment have no ratio of them');
-- one that has two shows that the others have none
INSERT INTO sales.activity VALUES (1, 'appointment', '2024-04-20 10:00Z', 101);
CALL kpi.refresh_mart('sales');
SELECT results_eq('SELECT rep_id, second_appointment_passed, second_appointment_decided FROM sales.activity_plan ORDER BY rep_id',
	$$SELECT rep_id, (rep_id = 1)::integer::bigint, appointments::bigint FROM rep_case ORDER BY rep_id$$, 'unless of somebody one is there');

SELECT * FROM finish();
ROLLBACK;
