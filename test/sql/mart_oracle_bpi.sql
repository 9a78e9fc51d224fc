\set ECHO none
\i test/setup.sql
\i test/shared.sql
\if :shared
\i test/mart_oracle.sql
SELECT plan(5);

-- A bank's loan applications read as a sales process, by class of amount, the rep, in teams of four
INSERT INTO sales.opportunity (opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount)
SELECT case_id, width_bucket(amount_req, 0, 50000, 8), min(ts) FILTER (WHERE activity = 'A_SUBMITTED'), min(ts) FILTER (WHERE activity = 'A_PREACCEPTED'),
	min(ts) FILTER (WHERE activity = 'O_SENT'), min(ts) FILTER (WHERE activity IN ('A_APPROVED', 'A_DECLINED', 'A_CANCELLED')),
	CASE bool_or(activity = 'A_APPROVED') FILTER (WHERE activity IN ('A_APPROVED', 'A_DECLINED', 'A_CANCELLED')) WHEN true THEN 'won' WHEN false THEN 'lost' ELSE 'open' END, amount_req
FROM bpi2012.cases JOIN bpi2012.events USING (case_id)
GROUP BY case_id, amount_req;
INSERT INTO sales.rep SELECT DISTINCT rep_id, 'class ' || rep_id, 'team ' || rep_id::integer / 4, 'bank' FROM sales.opportunity;
INSERT INTO sales.goal SELECT rep_id, '2012-01-01', '2012-03-31', 2000000 FROM sales.rep;
UPDATE sales.config SET time_zone = 'Europe/Amsterdam', as_of = '2012-03-20 12:00+01', cycle_horizon_days = 90;
SELECT is_empty('SELECT * FROM oracle.differences()', 'BPI');
UPDATE sales.config SET as_of = '2012-04-01 12:00+02';
TRUNCATE sales.required_weekly;
SELECT kpi.refresh_mart_now('sales') \g /dev/null
SELECT results_eq(
	$$SELECT sum(new_opportunities), sum(appointment_passed), sum(proposal_passed), sum(closing_passed), sum(appointment_imputed + proposal_imputed) FROM sales.weekly$$,
	$$VALUES (7367::numeric, 7367::numeric, 5015::numeric, 2246::numeric, 0::numeric)$$, 'passed at the gateways, none imputed');
SELECT results_eq($$SELECT round(sum(won_days)::numeric / sum(won_with_days), 4), sum(won_with_days) FROM sales.rep_week$$, $$VALUES (16.7743, 2246::numeric)$$, 'days from submitted to approved');
SELECT is(sum(closing_decided + proposal_decided - proposal_passed + appointment_decided - appointment_passed), 13087::numeric - 399, 'all but those still open are decided at one gateway')
FROM sales.scorecard_history WHERE grain = 'year';
SELECT ok(bool_and(closing_ratio IS NOT NULL AND proposal_ratio IS NOT NULL), 'every class has its ratios') FROM sales.scorecard;

\else
SELECT plan(1);
SELECT skip('the reference data ../shared is not there', 1);
\endif
SELECT * FROM finish();
ROLLBACK;
