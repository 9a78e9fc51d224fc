\set ECHO none
\i test/setup.sql
\i test/crm.sql
\i test/mart_oracle.sql
SELECT plan(6);

-- The generated CRM
INSERT INTO sales.rep SELECT rep_id, name, team, peer_group, hired_on, left_on FROM crm.rep;
INSERT INTO sales.opportunity SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount, offering FROM crm.opportunity;
INSERT INTO sales.goal SELECT rep_id, starts_on, ends_on, revenue FROM crm.goal;
INSERT INTO sales.activity SELECT rep_id, kind, happened_at, opportunity_id FROM crm.activity;
UPDATE sales.config SET time_zone = 'Europe/Oslo', as_of = '2026-06-24 12:00+02';
SELECT is_empty('SELECT * FROM oracle.differences()', 'the generated CRM');

-- weekly in any pivot is what the opportunities come to
CREATE VIEW pg_temp.closing AS
SELECT rep_id, offering, day, count(*) FILTER (WHERE name = 'closing_passed') AS passed, count(*) FILTER (WHERE name = 'closing_decided') AS decided,
	sum(value) FILTER (WHERE name = 'revenue') AS revenue
FROM oracle.figure WHERE name IN ('closing_passed', 'closing_decided', 'revenue') GROUP BY 1, 2, 3;
SELECT set_eq(
	$$SELECT rep_id, week, sum(closing_passed) / nullif(sum(closing_decided), 0) FROM sales.weekly GROUP BY 1, 2 HAVING sum(closing_decided) > 0$$,
	$$SELECT rep_id, oracle.monday(day), sum(passed) / nullif(sum(decided), 0) FROM pg_temp.closing GROUP BY 1, 2 HAVING sum(decided) > 0$$, 'by rep and week');
SELECT set_eq(
	$$SELECT offering, month, sum(closing_passed) AS passed, sum(closing_decided) AS decided, sum(revenue) AS revenue FROM sales.weekly GROUP BY 1, 2 HAVING sum(closing_decided) > 0$$,
	$$SELECT offering, oracle.first_of_month(day) AS month, sum(passed) AS passed, sum(decided) AS decided, coalesce(sum(revenue), 0) AS revenue FROM pg_temp.closing GROUP BY 1, 2 HAVING sum(decided) > 0$$, 'by offering and month');
SELECT set_eq(
	$$SELECT rep_id, starts_on, closing_ratio, revenue FROM sales.scorecard_history WHERE grain = 'quarter'$$,
	$$SELECT rep_id, date_trunc('quarter', month::timestamp)::date, (sum(closing_passed) / nullif(sum(closing_decided), 0))::numeric(12,6) AS ratio, sum(revenue)::numeric(18,2) AS revenue
		FROM sales.weekly GROUP BY 1, 2$$, 'by rep and quarter, as scorecard_history');
SELECT set_eq(
	$$SELECT rep_id, starts_on, proposal_ratio, average_revenue FROM sales.scorecard_history WHERE grain = 'month'$$,
	$$SELECT rep_id, month, (sum(proposal_passed) / nullif(sum(proposal_decided), 0))::numeric(12,6) AS ratio, (sum(revenue) / nullif(sum(sales_count), 0))::numeric(18,2) AS average
		FROM sales.weekly GROUP BY 1, 2$$, 'by rep and month, as scorecard_history');
SELECT set_eq(
	$$SELECT g.rep_id, g.starts_on, sum(w.closing_passed) AS passed, sum(w.revenue) AS revenue FROM sales.goal AS g JOIN sales.weekly AS w ON w.rep_id = g.rep_id AND greatest(w.week, w.month) BETWEEN g.starts_on AND g.ends_on
		GROUP BY 1, 2 HAVING sum(w.closing_decided) > 0$$,
	$$SELECT g.rep_id, g.starts_on, sum(passed) AS passed, coalesce(sum(c.revenue), 0) AS revenue FROM sales.goal AS g JOIN pg_temp.closing AS c ON c.rep_id = g.rep_id AND day BETWEEN g.starts_on AND g.ends_on
		GROUP BY 1, 2 HAVING sum(decided) > 0$$, 'by the period of the goals');

SELECT * FROM finish();
ROLLBACK;
