\set ECHO none
\i test/setup.sql
\i test/shared.sql
\if :shared
SELECT plan(26);

-- Maven: nothing is recorded but the closing

CREATE SCHEMA sales;
CREATE VIEW sales.opportunity AS
SELECT opportunity_id, sales_agent AS rep_id, engage_date::timestamp AT TIME ZONE 'Europe/Oslo' AS created_at,
	NULL::timestamptz AS appointment_at, NULL::timestamptz AS proposal_at, close_date::timestamp AT TIME ZONE 'Europe/Oslo' AS closed_at,
	CASE deal_stage WHEN 'Won' THEN 'won' WHEN 'Lost' THEN 'lost' ELSE 'open' END AS outcome, close_value AS amount, product AS offering
FROM maven.sales_pipeline;
CREATE VIEW sales.rep AS SELECT sales_agent AS rep_id, sales_agent AS rep_name, manager AS team, regional_office AS peer_group FROM maven.sales_teams;
DO $$BEGIN
	PERFORM create_mart('sales', options => '{"time_zone": "Europe/Oslo", "as_of": "2018-01-03 12:00+01", "gateways": ["closing"], "cycle_horizon_days": 150}');
	PERFORM refresh_mart_now('sales');
END$$;
\set mart sales
\set label Maven
\i test/cohort.sql

SELECT results_eq(
	$$SELECT sum(entered), sum(closing_passed), sum(losses), sum(pending), sum(revenue), sum(closing_decided) FROM sales.cohort_weekly$$,
	$$VALUES (8300::numeric, 4238::numeric, 2473::numeric, 1589::numeric, 10005534.00, 6711::numeric)$$,
	'Maven: the cohorts hold what is known of all with a date');
SELECT results_eq(
	$$SELECT count(DISTINCT subject), count(*) FILTER (WHERE of_first IS NULL), count(*) FROM sales.funnel WHERE level = 'rep' AND span = 'year' AND step = 4$$,
	$$VALUES (35::bigint, 5::bigint, 35::bigint)$$,
	'Maven: the reps without a deal are there, without a ratio');
SELECT results_eq(
	$$SELECT DISTINCT step, step_name FROM sales.funnel ORDER BY step$$,
	$$VALUES (1, 'created'), (4, 'won')$$,
	'Maven: the funnel has the steps that are recorded');

-- BPI Challenge 2012: a bank's loan applications, lost for two reasons

CREATE SCHEMA bank;
CREATE TABLE bank.opportunity AS
SELECT case_id AS opportunity_id, coalesce(max(resource) FILTER (WHERE activity = 'O_SENT'), 'none') AS rep_id,
	min(ts) FILTER (WHERE activity = 'A_SUBMITTED') AS created_at,
	min(ts) FILTER (WHERE activity = 'A_PREACCEPTED') AS appointment_at,
	min(ts) FILTER (WHERE activity = 'O_SENT') AS proposal_at,
	min(ts) FILTER (WHERE activity IN ('A_APPROVED', 'A_DECLINED', 'A_CANCELLED')) AS closed_at,
	CASE WHEN bool_or(activity = 'A_APPROVED') THEN 'won' WHEN bool_or(activity IN ('A_DECLINED', 'A_CANCELLED')) THEN 'lost' ELSE 'open' END AS outcome,
	amount_req AS amount, 'class ' || width_bucket(amount_req, 0, 50000, 5) AS offering,
	CASE WHEN bool_or(activity = 'A_DECLINED') THEN 'declined' WHEN bool_or(activity = 'A_CANCELLED') THEN 'cancelled' END AS lost_reason
FROM bpi2012.cases JOIN bpi2012.events USING (case_id)
GROUP BY case_id, amount_req;
CREATE TABLE bank.rep AS
SELECT rep_id, rep_id AS rep_name, CASE rep_id WHEN 'none' THEN '' ELSE 'team ' || right(rep_id, 1) END AS team, '' AS peer_group
FROM bank.opportunity
GROUP BY rep_id;
DO $$BEGIN
	PERFORM create_mart('bank', options => '{"time_zone": "Europe/Amsterdam", "as_of": "2012-04-02 12:00+02", "cycle_horizon_days": 60}');
	PERFORM refresh_mart_now('bank');
END$$;
\set mart bank
\set label BPI
\i test/cohort.sql

SELECT results_eq(
	$$SELECT step, reached, round(of_first, 4), dropped_lost + dropped_pending FROM bank.funnel WHERE level = 'company' AND span = 'year' ORDER BY step$$,
	$$VALUES (1, 13087::bigint, 1.0000, NULL::bigint), (2, 7367, 0.5629, 5720), (3, 5015, 0.3832, 2352), (4, 2246, 0.1716, 2769)$$,
	'BPI: the funnel is the one that others have published');
SELECT results_eq(
	$$SELECT sum(entered), sum(closing_passed), sum(losses), sum(pending) FROM bank.cohort WHERE level = 'company'$$,
	$$VALUES (13087::numeric, 2246::numeric, 10442::numeric, 399::numeric)$$,
	'BPI: approved, not approved and still open');
SELECT results_eq(
	$$SELECT lost_reason, sum(losses) FROM bank.loss_monthly GROUP BY lost_reason ORDER BY lost_reason$$,
	$$VALUES ('cancelled', 2807::numeric), ('declined', 7635)$$,
	'BPI: declined by the bank and cancelled by the applicant');

\else
SELECT plan(1);
SELECT skip('the reference data ../shared is not there', 1);
\endif
SELECT * FROM finish();
ROLLBACK;
