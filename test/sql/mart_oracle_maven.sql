\set ECHO none
\i test/setup.sql
\i test/shared.sql
\if :shared
\i test/mart_oracle.sql
SELECT plan(11);

-- Maven records no gateway but the closing
INSERT INTO sales.rep SELECT sales_agent, sales_agent, manager, regional_office FROM maven.sales_teams;
INSERT INTO sales.opportunity (opportunity_id, rep_id, created_at, closed_at, outcome, amount, offering, region)
SELECT opportunity_id, sales_agent, engage_date::timestamp AT TIME ZONE 'Europe/Oslo', close_date::timestamp AT TIME ZONE 'Europe/Oslo',
	CASE deal_stage WHEN 'Won' THEN 'won' WHEN 'Lost' THEN 'lost' ELSE 'open' END, close_value, product, regional_office
FROM maven.sales_pipeline JOIN maven.sales_teams USING (sales_agent);
INSERT INTO sales.goal SELECT sales_agent, '2017-10-01', '2017-12-31', 100000 FROM maven.sales_teams;
UPDATE sales.config SET time_zone = 'Europe/Oslo', gateways = '{closing}', as_of = '2017-12-31 20:00+01';
SELECT is_empty('SELECT * FROM oracle.differences()', 'Maven');

-- Figures that others have published
SELECT results_eq(
	$$SELECT sum(closing_passed), sum(closing_decided), round(100 * sum(closing_passed) / sum(closing_decided), 4), sum(revenue), round(sum(revenue) / sum(sales_count), 2) FROM sales.weekly$$,
	$$VALUES (4238::numeric, 6711::numeric, 63.1501, 10005534.00, 2360.91)$$, 'closing ratio, revenue and average sale');
SELECT results_eq(
	$$SELECT to_char(starts_on, 'Q'), sum(closing_passed), round(100 * sum(closing_passed) / sum(closing_decided), 2) FROM sales.scorecard_history WHERE grain = 'quarter' AND closing_decided > 0
		GROUP BY 1 ORDER BY 1$$,
	$$VALUES ('1', 531::numeric, 82.07), ('2', 1254, 61.71), ('3', 1257, 61.41), ('4', 1196, 60.25)$$, 'by quarter');
SELECT results_eq(
	$$SELECT region, sum(sales_count), round(sum(revenue) / sum(sales_count), 2) FROM sales.weekly WHERE sales_count > 0 GROUP BY 1 ORDER BY 1$$,
	$$VALUES ('Central', 1629::numeric, 2054.20), ('East', 1171, 2639.28), ('West', 1438, 2481.67)$$, 'by region');
SELECT results_eq(
	$$SELECT closing_passed, closing_decided, round(100 * closing_ratio, 2), average_revenue, revenue FROM sales.scorecard_history WHERE grain = 'year' AND starts_on = '2017-01-01' AND rep_id = 'Darcel Schlecht'$$,
	$$VALUES (349::bigint, 553::bigint, 63.11, 3304.34, 1153214.00)$$, 'Darcel Schlecht');
SELECT results_eq(
	$$SELECT round(sum(won_days)::numeric / sum(won_with_days), 4), round(sum(lost_days)::numeric / sum(lost_with_days), 4), round(sum(won_days + lost_days)::numeric / sum(won_with_days + lost_with_days), 4)
		FROM sales.rep_week$$,
	$$VALUES (51.7820, 41.4792, 47.9854)$$, 'mean days of the won, the lost and both');
SELECT results_eq(
	$$SELECT offering, round(sum(won_days)::numeric / sum(won_with_days), 2) FROM sales.weekly WHERE won_with_days > 0 GROUP BY offering ORDER BY offering COLLATE "C"$$,
	$$VALUES ('GTK 500', 64.07), ('GTX Basic', 54.77), ('GTX Plus Basic', 51.76), ('GTX Plus Pro', 51.73), ('GTXPro', 48.33), ('MG Advanced', 51.78), ('MG Special', 51.34)$$,
	'mean days by product');
SELECT is(sum(new_opportunities), 8300::numeric, 'without appointments new is what was created') FROM sales.weekly;
SELECT results_eq(
	$$SELECT count(*), count(closing_ratio), count(average_revenue), count(appointment_ratio), count(proposal_ratio), sum(closing_decided) FROM sales.scorecard WHERE closing_decided = 0$$,
	$$VALUES (5::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::numeric)$$, 'the reps without a deal are there, without a ratio');
SELECT is_empty($$SELECT FROM sales.scorecard WHERE num_nonnulls(appointment_ratio, appointment_recorded, proposal_ratio, proposal_recorded) > 0$$, 'gateways that are absent have no ratio');
SELECT is_empty($$SELECT FROM sales.recommendation WHERE kpi IN ('appointment_ratio', 'proposal_ratio')$$, 'and no advice');

\else
SELECT plan(1);
SELECT skip('the reference data ../shared is not there', 1);
\endif
SELECT * FROM finish();
ROLLBACK;
