\set ECHO none
\i test/setup.sql
\i test/shared.sql
\if :shared
SELECT plan(27);

-- Maven: figures that others have published

CREATE TEMPORARY TABLE deal AS
SELECT sales_agent, regional_office AS region, product, deal_stage,
	engage_date, close_date, close_date - engage_date AS days,
	CASE deal_stage WHEN 'Won' THEN true WHEN 'Lost' THEN false END AS won,
	close_value AS amount,
	engage_date::timestamp AT TIME ZONE 'Europe/Oslo' AS engaged_at,
	close_date::timestamp AT TIME ZONE 'Europe/Oslo' AS closed_at
FROM maven.sales_pipeline JOIN maven.sales_teams USING (sales_agent);

SELECT is(rate_agg(won)::text, '4238/6711', 'Maven: won of closed') FROM deal;
SELECT is(round(100 * ratio(rate_agg(won))::numeric, 4), 63.1501, 'Maven: closing ratio') FROM deal;
SELECT is(round(100 * ratio(rate_agg(deal_stage = 'Won'))::numeric, 2), 48.16, 'Maven: won of all') FROM deal;
SELECT results_eq(
	$$SELECT deal_stage, decided(rate_agg(true)) FROM deal GROUP BY deal_stage ORDER BY deal_stage$$,
	$$VALUES ('Engaging', 1589::bigint), ('Lost', 2473), ('Prospecting', 500), ('Won', 4238)$$,
	'Maven: deals by stage');
SELECT is(total(sales_agg(amount) FILTER (WHERE won)), 10005534::numeric, 'Maven: revenue') FROM deal;
SELECT is(round(average(sales_agg(amount) FILTER (WHERE won)), 2), 2360.91, 'Maven: average revenue per sale') FROM deal;
SELECT results_eq(
	$$SELECT region, sales_count(s), round(average(s), 2)
		FROM (SELECT region, sales_agg(amount) FILTER (WHERE won) AS s FROM deal GROUP BY region) AS v ORDER BY region$$,
	$$VALUES ('Central', 1629::bigint, 2054.20), ('East', 1171, 2639.28), ('West', 1438, 2481.67)$$,
	'Maven: sales by region');
SELECT results_eq(
	$$SELECT r::text, round(100 * ratio(r)::numeric, 2), round(average(s), 2), total(s)
		FROM (
			SELECT rate_agg(won) AS r, sales_agg(amount) FILTER (WHERE won) AS s
			FROM deal WHERE sales_agent = 'Darcel Schlecht'
		) AS v$$,
	$$VALUES ('349/553', 63.11, 3304.34, 1153214::numeric)$$,
	'Maven: Darcel Schlecht');
SELECT is(count(*), 5::bigint, 'Maven: the reps without a deal are there, without a ratio')
FROM (
	SELECT ratio(rate_agg(won)) AS closing_ratio, average(sales_agg(amount) FILTER (WHERE won)) AS average_sale,
		median_days(cycle_agg(days, won)) AS median_days
	FROM maven.sales_teams LEFT JOIN deal USING (sales_agent)
	GROUP BY sales_agent
) AS rep
WHERE closing_ratio IS NULL AND average_sale IS NULL AND median_days IS NULL;

-- each of the three as if they were the won, whose days are read
SELECT results_eq(
	$$SELECT name, round(average_days(c)::numeric, 4), median_days(c)
		FROM (
			SELECT name, cycle_agg(days, true) FILTER (WHERE won = ANY (outcomes)) AS c
			FROM deal, (VALUES (1, 'won', '{t}'::boolean[]), (2, 'lost', '{f}'), (3, 'both', '{t,f}')) AS o (n, name, outcomes)
			GROUP BY n, name ORDER BY n
		) AS v$$,
	$$VALUES ('won', 51.7820, 57), ('lost', 41.4792, 14), ('both', 47.9854, 45)$$,
	'Maven: mean and median days');
SELECT results_eq(
	$$SELECT product, round(average_days(cycle_agg(days, won))::numeric, 2) FROM deal GROUP BY product ORDER BY product COLLATE "C"$$,
	$$VALUES ('GTK 500', 64.07), ('GTX Basic', 54.77), ('GTX Plus Basic', 51.76), ('GTX Plus Pro', 51.73),
		('GTXPro', 48.33), ('MG Advanced', 51.78), ('MG Special', 51.34)$$,
	'Maven: mean days of the won by product');

-- Maven as a history: nothing is recorded but the closing
CREATE TEMPORARY TABLE maven_history AS
SELECT region, sales_agent,
	weekly_agg(engaged_at, engaged_at, engaged_at, closed_at, won, amount, 'Europe/Oslo', NULL) AS three,
	weekly_agg(engaged_at, NULL, NULL, closed_at, won, amount, 'Europe/Oslo', NULL, ARRAY['closing']) AS closing_alone
FROM deal GROUP BY region, sales_agent;

SELECT results_eq(
	$$SELECT name, rollup(closing)::text, round(100 * ratio(rollup(closing))::numeric, 4), sum(new_opportunities)
		FROM (
			SELECT 'three' AS name, (weeks(rollup(three))).* FROM maven_history
			UNION ALL
			SELECT 'closing alone', (weeks(rollup(closing_alone))).* FROM maven_history
		) AS v GROUP BY name ORDER BY name$$,
	$$VALUES ('closing alone', '4238/6711', 63.1501, 8300::numeric), ('three', '4238/6711', 63.1501, 8300)$$,
	'Maven: three gateways at once and the closing alone give the same closing ratio');
SELECT results_eq(
	$$SELECT rollup(appointment)::text, rollup(proposal)::text, sum(appointment_imputed + proposal_imputed)
		FROM (SELECT (weeks(rollup(three))).* FROM maven_history) AS v$$,
	$$VALUES ('8300/8300', '8300/8300', 0::numeric)$$,
	'Maven: who has engaged has passed');
SELECT results_eq(
	$$SELECT DISTINCT appointment::text, proposal::text, appointment_imputed, proposal_imputed
		FROM (SELECT (weeks(rollup(closing_alone))).* FROM maven_history) AS v$$,
	$$VALUES ('0/0', '0/0', 0::bigint, 0::bigint)$$,
	'Maven: gateways that are not recorded decide nothing');
SELECT results_eq(
	$$SELECT to_char(month, 'YYYY "Q"Q'), passed(rollup(closing)), round(100 * ratio(rollup(closing))::numeric, 2)
		FROM (SELECT (weeks(rollup(closing_alone))).* FROM maven_history) AS v
		WHERE decided(closing) > 0 GROUP BY 1 ORDER BY 1$$,
	$$VALUES ('2017 Q1', 531::bigint, 82.07), ('2017 Q2', 1254, 61.71), ('2017 Q3', 1257, 61.41), ('2017 Q4', 1196, 60.25)$$,
	'Maven: won by quarter of the close');
SELECT results_eq(
	$$SELECT region, sales_count(rollup(sales)), round(average(rollup(sales)), 2)
		FROM (
			SELECT region, (weeks(history)).*
			FROM (SELECT region, rollup(closing_alone) AS history FROM maven_history GROUP BY region) AS h
		) AS v GROUP BY region ORDER BY region$$,
	$$VALUES ('Central', 1629::bigint, 2054.20), ('East', 1171, 2639.28), ('West', 1438, 2481.67)$$,
	'Maven: sales by region from the history');
SELECT results_eq(
	$$SELECT total(rollup(sales)), round(sum(won_days) / sum(won_with_days), 4), round(sum(lost_days) / sum(lost_with_days), 4)
		FROM (SELECT (weeks(rollup(three))).* FROM maven_history) AS v$$,
	$$VALUES (10005534::numeric, 51.7820, 41.4792)$$,
	'Maven: revenue and mean days from the history');

-- BPI Challenge 2012: a bank's loan applications

CREATE TEMPORARY TABLE loan AS
SELECT case_id,
	min(ts) FILTER (WHERE activity = 'A_SUBMITTED') AS submitted,
	min(ts) FILTER (WHERE activity = 'A_PREACCEPTED') AS preaccepted,
	min(ts) FILTER (WHERE activity = 'A_ACCEPTED') AS accepted,
	min(ts) FILTER (WHERE activity = 'O_SENT') AS sent,
	min(ts) FILTER (WHERE activity = 'O_SENT_BACK') AS sent_back,
	min(ts) FILTER (WHERE activity = 'A_APPROVED') AS approved,
	min(ts) FILTER (WHERE activity IN ('A_DECLINED', 'A_CANCELLED')) AS declined
FROM bpi2012.events
GROUP BY case_id;

CREATE TEMPORARY TABLE loan_funnel AS
SELECT
	funnel_agg(submitted IS NOT NULL, preaccepted IS NOT NULL, accepted IS NOT NULL,
		sent IS NOT NULL, sent_back IS NOT NULL, approved IS NOT NULL) AS by_flags,
	funnel_agg(num_nonnulls(submitted, preaccepted, accepted, sent, sent_back, approved), 6) AS by_level
FROM loan;
SELECT results_eq(
	$$SELECT step, reached, dropped, round(of_first::numeric, 4), round(of_previous::numeric, 4)
		FROM loan_funnel, steps(by_flags) ORDER BY step$$,
	$$VALUES (1, 13087::bigint, NULL::bigint, 1.0000, NULL), (2, 7367, 5720, 0.5629, 0.5629), (3, 5113, 2254, 0.3907, 0.6940),
		(4, 5015, 98, 0.3832, 0.9808), (5, 3254, 1761, 0.2486, 0.6489), (6, 2246, 1008, 0.1716, 0.6902)$$,
	'BPI: the funnel counts cases, not events');
SELECT is(by_level, by_flags, 'BPI: the furthest step gives the same funnel as the steps reached') FROM loan_funnel;
SELECT is(step_rate(by_flags, 6)::text, '2246/3254', 'BPI: approved of the sent back') FROM loan_funnel;

-- Elapsed time says 16.659 days; a sales cycle is in calendar days
SELECT results_eq(
	$$SELECT time_zone, round(average_days(cycle)::numeric, 4), median_days(cycle)
		FROM (
			SELECT time_zone, cycle_agg((approved AT TIME ZONE time_zone)::date - (submitted AT TIME ZONE time_zone)::date, true) AS cycle
			FROM loan, unnest(ARRAY['Europe/Amsterdam', 'UTC']) AS time_zone
			GROUP BY time_zone
		) AS v ORDER BY time_zone$$,
	$$VALUES ('Europe/Amsterdam', 16.7743, 15), ('UTC', 16.7867, 15)$$,
	'BPI: days from submitted to approved in two time zones');
CREATE TEMPORARY TABLE loan_week AS
SELECT time_zone, w.*
FROM (
	SELECT time_zone, weekly_agg(submitted, preaccepted, sent, coalesce(approved, declined), approved IS NOT NULL, NULL, time_zone, NULL) AS history
	FROM loan, unnest(ARRAY['Europe/Amsterdam', 'UTC']) AS time_zone
	GROUP BY time_zone
) AS h, weeks(history) AS w;
SELECT results_eq(
	$$SELECT time_zone, round(sum(won_days) / sum(won_with_days), 4), sum(won_with_days) FROM loan_week GROUP BY time_zone ORDER BY time_zone$$,
	$$VALUES ('Europe/Amsterdam', 16.7743, 2246::numeric), ('UTC', 16.7867, 2246)$$,
	'BPI: the same from the history');
SELECT results_eq(
	$$SELECT time_zone, sum(new_opportunities), passed(rollup(appointment)), passed(rollup(proposal)), passed(rollup(closing)),
			sum(appointment_imputed + proposal_imputed)
		FROM loan_week GROUP BY time_zone ORDER BY time_zone$$,
	$$VALUES ('Europe/Amsterdam', 7367::numeric, 7367::bigint, 5015::bigint, 2246::bigint, 0::numeric), ('UTC', 7367, 7367, 5015, 2246, 0)$$,
	'BPI: passed at the gateways, none imputed');
SELECT is(at_risk(c, 0) - won(c) - lost(c), 399::bigint, 'BPI: still open')
FROM (
	SELECT cycle_agg(submitted::date, coalesce(approved, declined)::date, approved IS NOT NULL, NULL, '2012-04-01') AS c FROM loan
) AS v;

-- The web shop: a funnel by channel

CREATE TEMPORARY TABLE visitor AS
SELECT traffic_source AS channel, user_id, recent,
	bool_or(event_type = 'page_view') AS page_view, bool_or(event_type = 'add_to_cart') AS add_to_cart,
	bool_or(event_type = 'checkout_start') AS checkout_start, bool_or(event_type = 'payment_info') AS payment_info,
	bool_or(event_type = 'purchase') AS purchase
FROM shop.user_events, (VALUES ('30 days', '2026-01-04'::timestamp), ('whole', '-infinity')) AS r (recent, since)
WHERE event_date >= since
GROUP BY traffic_source, user_id, recent;
CREATE TEMPORARY TABLE shop_funnel AS
SELECT recent, channel, funnel_agg(page_view, add_to_cart, checkout_start, payment_info, purchase) AS funnel
FROM visitor GROUP BY recent, channel;

SELECT is(rollup(funnel)::text, '4291>1338>954>770>709', 'shop: the last 30 days') FROM shop_funnel WHERE recent = '30 days';
SELECT is(rollup(funnel)::text, '5000>1553>1103>899>826', 'shop: the whole data') FROM shop_funnel WHERE recent = 'whole';
SELECT results_eq(
	$$SELECT channel, decided(step_rate(funnel, 2)), passed(step_rate(funnel, 5))
		FROM shop_funnel WHERE recent = '30 days' ORDER BY channel$$,
	$$VALUES ('email', 449::bigint, 152::bigint), ('organic', 1757, 300), ('paid_ads', 824, 173), ('social', 1261, 84)$$,
	'shop: the last 30 days by channel');

\else
SELECT plan(1);
SELECT skip('the reference data ../shared is not there', 1);
\endif
SELECT * FROM finish();
ROLLBACK;
