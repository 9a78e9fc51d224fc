-- What a sales manager reads on a Wednesday: a mart over the tables of demo/crm.sql, and its views.

\pset footer off
\pset linestyle unicode
\pset null ''
\pset pager off
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS kpi;

-- The mart is told once what is what in the CRM.
CREATE SCHEMA sales;
CREATE VIEW sales.opportunity AS
	SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount, offering FROM crm.opportunity;
CREATE VIEW sales.rep AS SELECT rep_id, name AS rep_name, team, peer_group, hired_on, left_on FROM crm.rep;
CREATE VIEW sales.goal AS SELECT rep_id, starts_on, ends_on, revenue FROM crm.goal;
CREATE VIEW sales.activity AS SELECT rep_id, kind, happened_at, opportunity_id FROM crm.activity;
SELECT kpi.create_mart('sales', options => '{"time_zone": "Europe/Oslo", "as_of": "2026-06-24 12:00+02"}') \g /dev/null
CALL kpi.refresh_mart('sales');

SET search_path = sales, kpi;
SELECT to_char(monday, 'FMDD FMMonth YYYY') AS monday FROM period \gset

CREATE FUNCTION pg_temp.percent(value numeric) RETURNS text
	RETURN to_char(100 * value, '990') || ' %';
CREATE FUNCTION pg_temp.delta(value numeric, verdict text) RETURNS text
	RETURN to_char(round(100 * value), 'S990') || ' %' || CASE verdict WHEN 'good' THEN ' ▲' WHEN 'bad' THEN ' ▼' ELSE '' END;

\echo
\echo 'SCORECARD  of the 13 weeks before' :monday '- against the peers: ▲ better, ▼ worse, beyond chance; sales in kroner'
SELECT peer_group AS "peer group", rep_name AS rep,
	gauge(proposal_ratio, 8) || pg_temp.percent(proposal_ratio) || pg_temp.delta(proposal_delta, proposal_verdict) AS "proposal ratio",
	gauge(closing_ratio, 8) || pg_temp.percent(closing_ratio) || pg_temp.delta(closing_delta, closing_verdict) AS "closing ratio",
	to_char(average_revenue, '999,999') || pg_temp.delta(average_revenue_delta, average_revenue_verdict) AS "average sale",
	to_char(average_days, '990') || ' days' || pg_temp.delta(sales_cycle_delta, sales_cycle_verdict) AS "sales cycle"
FROM scorecard
WHERE weeks_employed > 0
ORDER BY peer_group, rep_name;

\echo 'MAGIC NUMBER  - the new opportunities a week that the goal takes, those there were, and the activity barometer'
SELECT team, rep_name AS rep, to_char(goal_revenue, '9,999,999') AS goal, pg_temp.percent(attainment) AS attained,
	win_ratio_basis AS "win ratio", to_char(magic_number, '990.0') AS required, to_char(new_per_week, '990.0') AS actual,
	gauge(barometer, 20) || to_char(100 * barometer, '9990') || ' %' AS barometer,
	(SELECT sparkline(array_agg(b.new_opportunities ORDER BY b.week)) FROM barometer AS b WHERE b.rep_id = s.rep_id AND NOT is_running) AS "last 12 weeks"
FROM scorecard AS s
WHERE goal_revenue IS NOT NULL
ORDER BY team, rep_name;

\echo 'RECOMMENDATION  - what is under its floor, how sure that is, what it costs, and what to train'
SELECT rep_name AS rep, kpi, comparison AS by, to_char(100 * compared, 'S990') || ' %' AS is,
	to_char(100 * floor, 'S990') || ' %' AS floor, n, certainty, to_char(money_at_stake, '9,999,999') AS "at stake",
	CASE WHEN length(advice) > 70 THEN left(advice, 69) || '…' ELSE advice END AS train
FROM recommendation
WHERE place = 1 AND certainty IN ('certain', 'likely') AND (certainty = 'certain' OR money_at_stake > 100000)
ORDER BY certainty, money_at_stake DESC NULLS LAST, rep_name;

\echo 'SIGNAL  - who fell behind the peers or the own past, or a team behind its past, and since when'
SELECT kind, coalesce(rep_name, team) AS who, meaning FROM signal ORDER BY kind, who, kpi;

\echo 'FORECAST  - the quarter: won, what open deals and new ones are expected to bring, and the chance to reach the goal'
SELECT team, rep_name AS rep, to_char(goal_revenue, '9,999,999') AS goal, to_char(goal_revenue_won, '9,999,999') AS won,
	to_char(expected_open + expected_new, '9,999,999') AS "to come", to_char(low, '9,999,999') || ' -' || to_char(high, '9,999,999') AS range,
	gauge(chance, 10) || pg_temp.percent(chance) AS chance, status
FROM forecast
ORDER BY team, rep_name;
