\set ECHO none
\i test/setup.sql
\i test/crm.sql
SELECT plan(39);

CREATE SCHEMA sales;
CREATE VIEW sales.opportunity AS
SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, CASE WHEN opportunity_id % 7 > 0 THEN amount END AS amount, offering FROM crm.opportunity;
CREATE VIEW sales.rep AS SELECT rep_id, name AS rep_name, team, peer_group, hired_on, left_on FROM crm.rep;
CREATE VIEW sales.goal AS SELECT rep_id, starts_on, ends_on, revenue * 0.9 AS revenue FROM crm.goal;
DO $$BEGIN
	PERFORM create_mart('sales', options => '{"time_zone": "Europe/Oslo", "as_of": "2026-05-06 12:00+02", "confidence": 0.9}');
	PERFORM refresh_mart_now('sales');
END$$;
SET LOCAL search_path = sales, kpi, public;

-- The pipeline: the open deals, summed

CREATE TEMPORARY TABLE open_deal AS
SELECT d.*, (SELECT max(a) FROM unnest(ARRAY[0, 7, 14, 30, 60, 90, 180]) AS a WHERE a <= days_since_step) AS age_from FROM deal AS d WHERE outcome = 'open';
SELECT set_eq(
	'SELECT rep_id, gateway, age_from, deals, open_amount, deals_without_amount, stale_deals, deals_quartile_1, deals_quartile_2, deals_quartile_3, deals_quartile_4, deals_expected,
			expected_revenue, expected_in_goal, sales_without_amount
		FROM pipeline',
	$$SELECT rep_id, gateway, age_from, count(*) AS deals, coalesce(sum(amount), 0)::numeric(18,2) AS open_amount, count(*) - count(amount) AS deals_without_amount, sum(stale::integer) AS stale_deals,
			sum((age_quartile = 1)::integer) AS deals_quartile_1, sum((age_quartile = 2)::integer) AS deals_quartile_2, sum((age_quartile = 3)::integer) AS deals_quartile_3,
			sum((age_quartile = 4)::integer) AS deals_quartile_4, count(win_probability) AS deals_expected, round(sum(win_probability * reckoned_amount), 2) AS expected_revenue,
			round(coalesce(sum(win_probability_in_goal * reckoned_amount), 0), 2) AS expected_in_goal,
			round(coalesce(sum(CASE WHEN amount IS NULL THEN win_probability_in_goal END), 0), 6) AS sales_without_amount
		FROM open_deal GROUP BY rep_id, gateway, age_from$$,
	'the pipeline');
SELECT is_empty($$
	SELECT rep_id, gateway, age_from, forecast
	FROM pipeline FULL JOIN (
		SELECT rep_id, gateway, age_from, count(p) AS n, sum(CASE WHEN p IS NOT NULL THEN a END) AS total, sum(a * p) AS expected, sqrt(sum(a * a * p * (1 - p))) AS sd
		FROM open_deal, LATERAL (SELECT reckoned_amount, win_probability_in_goal) AS x(a, p)
		GROUP BY rep_id, gateway, age_from
	) AS d USING (rep_id, gateway, age_from)
	WHERE (forecast_count(forecast), total(forecast), kpi.expected(forecast)) IS DISTINCT FROM (n, d.total, d.expected) OR abs(kpi.stddev(forecast) - sd) > 1e-6$$,
	'and its forecasts, of those who have a goal');
SELECT set_eq(
	'SELECT rep_id, gateway, deals, open_amount, deals_without_amount, deals_quartile_1, deals_quartile_2, deals_quartile_3, deals_quartile_4, stale_deals, stale_share, goal_revenue_left, coverage FROM pipeline_health',
	$$SELECT rep_id, gateway, count(d) AS deals, coalesce(sum(amount), 0)::numeric(18,2) AS open_amount, count(d) - count(amount) AS deals_without_amount,
			count(*) FILTER (WHERE age_quartile = 1) AS deals_quartile_1, count(*) FILTER (WHERE age_quartile = 2) AS deals_quartile_2, count(*) FILTER (WHERE age_quartile = 3) AS deals_quartile_3,
			count(*) FILTER (WHERE age_quartile = 4) AS deals_quartile_4, count(*) FILTER (WHERE days_since_step > 60) AS stale_deals,
			round(avg((days_since_step > 60)::integer), 6) AS stale_share, goal_revenue_left, round(coalesce(sum(amount), 0) / nullif(goal_revenue_left, 0), 6) AS coverage
		FROM rep CROSS JOIN unnest(ARRAY['created', 'appointment', 'proposal']) AS gateway LEFT JOIN open_deal AS d USING (rep_id, gateway) LEFT JOIN current_goal USING (rep_id)
		GROUP BY rep_id, gateway, goal_revenue_left$$,
	'pipeline_health');
SELECT is_empty('SELECT FROM pipeline_health WHERE deals <> deals_quartile_1 + deals_quartile_2 + deals_quartile_3 + deals_quartile_4 OR quartile_1_days > quartile_2_days OR quartile_2_days > quartile_3_days',
	'each deal is in one quartile');

-- The forecast, from the opportunities and the open deals

CREATE FUNCTION pg_temp.normal(x double precision) RETURNS double precision
	IMMUTABLE
	RETURN (SELECT 0.5 + x / 2000 * sum(CASE WHEN i IN (0, 2000) THEN 1 WHEN i % 2 = 1 THEN 4 ELSE 2 END * exp((x * i / 2000) ^ 2 / -2)) / 3 / sqrt(2 * pi()) FROM generate_series(0, 2000) AS i);
CREATE TEMPORARY TABLE defined AS
WITH won AS (
	SELECT g.rep_id, starts_on, g.ends_on, revenue, coalesce(sum(amount), 0) AS won
	FROM goal AS g LEFT JOIN opportunity AS o ON o.rep_id = g.rep_id AND outcome = 'won' AND closed_at <= '2026-05-06 12:00+02' AND (closed_at AT TIME ZONE 'Europe/Oslo')::date >= starts_on
	WHERE '2026-05-06' BETWEEN starts_on AND g.ends_on
	GROUP BY g.rep_id, starts_on, g.ends_on, revenue
),
open AS (
	SELECT rep_id, count(*) AS deals, sum(reckoned_amount * p) AS expected, sum(reckoned_amount * p) FILTER (WHERE gateway <> 'created') AS begun,
		sum(reckoned_amount ^ 2 * p * (1 - p)) AS luck, sum(reckoned_amount * p * win_level_error) AS common, coalesce(sum(p) FILTER (WHERE amount IS NULL), 0) AS unsized
	FROM open_deal JOIN outlook USING (rep_id, gateway), LATERAL (SELECT win_probability_in_goal::double precision) AS x(p)
	GROUP BY rep_id
),
coming AS (
	SELECT rep_id, count(o.*) AS created,
		count(o.*) * 7.0 / (date '2026-05-04' - greatest(date '2026-02-02', hired_on)) AS pace
	FROM rep LEFT JOIN (SELECT * FROM opportunity WHERE (created_at AT TIME ZONE 'Europe/Oslo')::date BETWEEN '2026-02-02' AND '2026-05-03' AND closed_at >= created_at IS NOT FALSE) AS o USING (rep_id)
	WHERE left_on IS NULL
	GROUP BY rep_id, hired_on
),
chance AS (
	SELECT peer_group, gateway, days, avg(win_probability(cycle, day)) AS share, sum(win_probability(cycle, day)) AS one_a_day
	FROM group_curve, (SELECT DISTINCT ends_on - date '2026-05-06' + 1 FROM won) AS d(days), generate_series(0, days - 1) AS day
	GROUP BY peer_group, gateway, days
)
SELECT w.*, deals, o.expected AS expected_open, pace * left_days / 7 AS to_come, sales * m AS expected_new, revenue - won - begun AS rest, first.one_a_day * m * fl.win_level AS one_a_day,
	won + o.expected + sales * m AS expected,
	sqrt(luck + unsized * s ^ 2 + sales * (m ^ 2 + s ^ 2) + (common + sales * m * l.win_level_error) ^ 2 + (sales * m) ^ 2 / created + ((sales + unsized) * s) ^ 2 / l.sales_count) AS sd,
	o.expected - 1.6448536269514722 * sqrt(luck + common ^ 2) AS open_low
FROM won AS w JOIN rep USING (rep_id) JOIN open AS o USING (rep_id) JOIN coming USING (rep_id) JOIN outlook AS l ON l.rep_id = w.rep_id AND l.gateway = 'created'
	JOIN outlook AS fl ON fl.rep_id = w.rep_id AND fl.gateway = 'appointment',
	LATERAL (SELECT w.ends_on - date '2026-05-06' + 1) AS d(left_days)
	JOIN chance AS c ON c.days = left_days JOIN chance AS first ON first.days = left_days,
	LATERAL (SELECT l.average_revenue::double precision, l.revenue_stddev::double precision, pace * left_days / 7 * c.share * l.win_level) AS x(m, s, sales)
WHERE c.gateway = 'created' AND c.peer_group = rep.peer_group AND first.gateway = 'appointment' AND first.peer_group = rep.peer_group;

SELECT set_eq('SELECT rep_id, starts_on, ends_on, goal_revenue, goal_revenue_won, goal_revenue_left, weeks_left, deals, deals_expected FROM forecast',
	$$SELECT rep_id, starts_on, ends_on, revenue::numeric(18,2) AS goal_revenue, won::numeric(18,2) AS goal_revenue_won, greatest(revenue - won, 0)::numeric(18,2) AS goal_revenue_left,
		round((ends_on - date '2026-05-06' + 1) / 7.0, 6) AS weeks_left, deals, deals AS deals_expected FROM defined$$,
	'the goal of each rep and what was won of it');
SELECT is_empty($$SELECT rep_id, f.expected_open, d.expected_open FROM forecast AS f JOIN defined AS d USING (rep_id)
	WHERE abs(f.expected_open - d.expected_open) > 0.5 OR abs(f.expected_new - d.expected_new) > 0.5 OR abs(opportunities_to_come - to_come) > 0.01 OR abs(f.expected - d.expected) > 1$$,
	'what is expected of the deals, open and to come');
SELECT is_empty($$SELECT rep_id, low, high, d.* FROM forecast AS f JOIN defined AS d USING (rep_id)
	WHERE abs(low - greatest(d.expected - 1.6448536269514722 * sd, won + greatest(0, open_low))) > 1 OR abs(high - d.expected - 1.6448536269514722 * sd) > 1$$,
	'the range');
SELECT is_empty($$SELECT rep_id, chance, d.* FROM forecast AS f JOIN defined AS d USING (rep_id), pg_temp.normal((d.expected - revenue) / sd) AS p
	WHERE won < revenue AND (chance < p - 2e-6 OR chance > p + 2e-6 AND chance > pg_temp.normal((d.expected_open + won - revenue) * 1.6448536269514722 / (d.expected_open - open_low)) + 2e-6) OR won >= revenue AND chance <> 1$$,
	'the chance');
SELECT is_empty($$SELECT rep_id, required_new_per_week_remaining, status, rest, one_a_day FROM forecast AS f JOIN defined AS d USING (rep_id)
	WHERE CASE WHEN rest <= 0 THEN required_new_per_week_remaining <> 0 OR status <> 'target met'
		ELSE abs(required_new_per_week_remaining / (rest / one_a_day * 7) - 1) > 1e-4
			OR (status = 'reachable') IS DISTINCT FROM (required_new_per_week_remaining <= (SELECT max(n) FROM (SELECT sum(new_opportunities) AS n FROM rep_week WHERE week BETWEEN '2025-05-05' AND '2026-04-27' GROUP BY rep_id, week) AS w))
		END$$,
	'what the rest takes');
SELECT ok(count(DISTINCT status) = 3 AND bool_or(chance < 0.01) AND count(*) FILTER (WHERE chance BETWEEN 0.1 AND 0.9) > 3, 'of reps in all states') FROM forecast;

-- By hand: an appointment two days after an opportunity came in, a proposal three days later, and five days after that
-- every second one is won, for 1000

CREATE SCHEMA hand;
SET LOCAL search_path = hand, kpi, public;
CREATE TABLE rep (rep_id text, rep_name text, team text, peer_group text, hired_on date, left_on date);
INSERT INTO rep SELECT name, name, 'North', peer_group, hired_on::date, left_on::date
FROM (VALUES
	('Ada', 'all', NULL, NULL),
	('Bo', 'all', NULL, NULL),
	('Cy', 'all', '2026-06-22', NULL),
	('Di', 'all', NULL, '2026-06-30'),
	('Ed', 'all', NULL, NULL),
	('Flo', 'all', NULL, NULL),
	('Gus', 'few', NULL, NULL)
) AS r(name, peer_group, hired_on, left_on);
CREATE TABLE opportunity (opportunity_id serial, rep_id text, created_at timestamptz, appointment_at timestamptz, proposal_at timestamptz, closed_at timestamptz, outcome text, amount numeric);
INSERT INTO opportunity (rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount)
SELECT rep, at, at + interval '2 days', at + interval '5 days', at + interval '10 days', CASE WHEN n % 2 = 0 THEN 'won' ELSE 'lost' END, 1000
FROM (VALUES ('Ada', timestamptz '2025-10-06 12:00Z', 40), ('Ed', '2025-11-03 12:00Z', 20), ('Ed', '2026-05-24 12:00Z', 8), ('Gus', '2025-11-10 12:00Z', 2)) AS v(rep, at, number),
	generate_series(1, number) AS n;
-- open ones, by the gateway and the days since
CREATE FUNCTION pg_temp.add(rep text, gateway text, days integer, amount numeric, n integer) RETURNS void
	LANGUAGE sql
BEGIN ATOMIC
	INSERT INTO hand.opportunity (rep_id, created_at, appointment_at, proposal_at, outcome, amount)
	SELECT rep, at - CASE gateway WHEN 'created' THEN 0 WHEN 'appointment' THEN 2 ELSE 5 END * interval '1 day',
		CASE gateway WHEN 'appointment' THEN at WHEN 'proposal' THEN at - interval '3 days' END, CASE gateway WHEN 'proposal' THEN at END, 'open', amount
	FROM (SELECT timestamptz '2026-06-24 08:00Z' - days * interval '1 day') AS t(at), generate_series(1, n);
END;
CREATE TABLE goal (rep_id text, starts_on date, ends_on date, revenue numeric);
INSERT INTO goal VALUES ('Ada', '2026-06-01', '2026-06-30', 10000), ('Ada', '2026-01-01', '2026-12-31', 1), ('Bo', '2026-06-01', '2026-07-31', 3000), ('Cy', '2026-06-01', '2026-06-30', 1000),
	('Di', '2026-04-01', '2026-09-30', 5000), ('Ed', '2026-06-01', '2026-06-30', 500), ('Gus', '2026-06-01', '2026-07-05', 1000);
DO $$BEGIN
	PERFORM pg_temp.add(rep, gateway, days, amount, n)
	FROM (VALUES ('Ada', 'created', 1, 1000, 1), ('Ada', 'appointment', 1, 1000, 1), ('Ada', 'appointment', 2, 1000, 1), ('Ada', 'proposal', 1, 1000, 2), ('Ada', 'proposal', 5, 1000, 1),
		('Ada', 'proposal', 6, 1000, 4), ('Ada', 'proposal', 400, 1000, 1), ('Di', 'appointment', 3, NULL, 26), ('Flo', 'proposal', 3, NULL, 10), ('Gus', 'proposal', 3, NULL, 1)) AS v(rep, gateway, days, amount, n);
END$$;
DO $$BEGIN
	PERFORM create_mart('hand', options => '{"as_of": "2026-06-24 12:00Z"}');
	PERFORM refresh_mart_now('hand');
END$$;

SELECT set_eq('SELECT peer_group, gateway, peers_near, quartile_1_days, quartile_2_days, quartile_3_days FROM group_curve',
	$$SELECT c AS peer_group, g AS gateway, c = 'all' AS peers_near, d AS quartile_1_days, d AS quartile_2_days, d AS quartile_3_days
		FROM unnest(ARRAY['all', 'few', '']) AS c, (VALUES ('created', 10), ('appointment', 8), ('proposal', 5)) AS g(g, d)$$,
	'days to the win; of two opportunities alone nothing can be told');
SELECT set_eq('SELECT DISTINCT rep_id, win_level, sales_count, average_revenue, revenue_stddev, busiest_week FROM outlook',
	$$SELECT rep AS rep_id, 1.0 AS win_level, n AS sales_count, 1000.0 AS average_revenue, 0.0 AS revenue_stddev, 40::bigint AS busiest_week
		FROM (VALUES ('Ada', 20::bigint), ('Bo', 34), ('Cy', 34), ('Di', 34), ('Ed', 14), ('Flo', 34), ('Gus', 35)) AS v(rep, n)$$,
	'who wins as the group does, and who has won nothing');
SELECT results_eq($$SELECT gateway, days_since_step, win_probability, win_probability_in_goal, expected_in_goal, age_quartile, count(*) FROM deal WHERE rep_id = 'Ada' AND outcome = 'open' GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2$$,
	$$VALUES
		('appointment', 1, 0.5, 0.0, 0.00, 1, 1::bigint),
		('appointment', 2, 0.5, 0.5, 500.00, 1, 1),
		('created', 1, 0.5, 0.0, 0.00, 1, 1),
		('proposal', 1, 0.5, 0.5, 500.00, 1, 2),
		('proposal', 5, 0.5, 0.5, 500.00, 1, 1),
		('proposal', 6, NULL, NULL, NULL, 4, 4),
		('proposal', 400, 0.0, 0.0, 0.00, 4, 1)$$,
	'each step takes its days; later than all others is not known, later than the horizon is too late');
SELECT results_eq($$SELECT rep_id, starts_on, goal_revenue_won, deals, deals_expected, open_amount, expected_open, round(opportunities_to_come, 2), expected_new, expected FROM forecast ORDER BY 1$$,
	$$VALUES
		('Ada', date '2026-06-01', 0.00, 11::bigint, 7::bigint, 11000.00, 2000.00, round(9 / 13.0, 2), 0.00, 2000.00),
		('Bo', '2026-06-01', 0.00, 0, 0, 0.00, 0.00, 0.00, 0.00, 0.00),
		('Cy', '2026-06-01', 0.00, 0, 0, 0.00, 0.00, NULL, NULL, NULL),
		('Di', '2026-04-01', 0.00, 26, 26, 0.00, 13000.00, 2.00, 0.00, 13000.00),
		('Ed', '2026-06-01', 4000.00, 0, 0, 0.00, 0.00, round(8 / 13.0, 2), 0.00, 4000.00),
		('Gus', '2026-06-01', 0.00, 1, 1, 0.00, 500.00, round(12 / 91.0, 2), round(1000 / 91.0, 2), 500 + round(1000 / 91.0, 2))$$,
	'what is expected; of the new rep nothing can be, who has no goal is not there');
SELECT results_eq($$SELECT rep_id, low, high, chance FROM forecast WHERE rep_id IN ('Bo', 'Cy', 'Ed') ORDER BY 1$$,
	$$VALUES ('Bo', 0.00, 0.00, 0.0), ('Cy', NULL, NULL, NULL), ('Ed', 4000.00, 4000.00, 1.0)$$, 'what is certain has no range, what is not known neither');
SELECT is_empty('SELECT * FROM forecast WHERE NOT (low BETWEEN goal_revenue_won AND expected AND high BETWEEN expected AND goal_revenue_won + open_amount + 1000 * deals + 1000)',
	'all are within what can come in');
SELECT results_eq($$SELECT rep_id, round(required_new_per_week_remaining, 4), status FROM forecast ORDER BY 1$$,
	$$VALUES ('Ada', NULL, 'not reachable by new opportunities'), ('Bo', 1.4, 'reachable'), ('Cy', NULL, 'not reachable by new opportunities'), ('Di', 0.0, 'target met'), ('Ed', 0.0, 'target met'), ('Gus', 1.75, 'reachable')$$,
	'required: on 30 of the 38 days left to Bo half of what begins is won in time');
UPDATE goal SET revenue = 1000000 WHERE rep_id = 'Bo';
SELECT is((round(required_new_per_week_remaining, 2), status)::text, '(466.67,"not reachable by new opportunities")', 'nor by more a week than anybody had') FROM forecast WHERE rep_id = 'Bo';
SELECT set_eq($$SELECT gateway, deals, coverage FROM pipeline_health WHERE rep_id = 'Ada'$$, $$VALUES ('created', 1::bigint, 0.1), ('appointment', 2, 0.2), ('proposal', 8, 0.8)$$, 'coverage of what is left of the goal');
SELECT is(count(*), 3::bigint, 'nothing is left of the goal') FROM pipeline_health WHERE rep_id = 'Ed' AND coverage IS NULL AND deals = 0 AND stale_share IS NULL;

-- Gateways that are not recorded
CREATE FUNCTION pg_temp.with_gateways(gateways text[]) RETURNS SETOF text
	LANGUAGE plpgsql
AS $$
BEGIN
	UPDATE hand.config SET gateways = with_gateways.gateways;
	PERFORM kpi.refresh_mart_now('hand');
	RETURN NEXT public.set_eq('SELECT DISTINCT gateway FROM hand.pipeline_health', format('SELECT unnest(%L::text[]) EXCEPT VALUES (''closing'')', '{created}'::text[] || gateways), format('%s: gateways', gateways));
	RETURN NEXT public.is((SELECT count(*) FROM hand.forecast), 6::bigint, format('%s: forecasts', gateways));
	RETURN NEXT public.is((SELECT (sum(deals), sum(open_amount))::text FROM hand.pipeline), '(48,11000.00)', format('%s: all open deals', gateways));
END
$$;
SELECT r FROM (VALUES ('{closing}'::text[]), ('{proposal,closing}'), ('{appointment,closing}')) AS g(gateways), pg_temp.with_gateways(gateways) AS r;
UPDATE config SET gateways = '{closing}';
DO $$BEGIN PERFORM kpi.refresh_mart_now('hand'); END$$;
SELECT set_eq($$SELECT days_since_step, win_probability, win_probability_in_goal FROM deal WHERE rep_id = 'Ada' AND outcome = 'open'$$,
	$$VALUES (1, 0.5, 0.0), (3, 0.5, 0.0), (4, 0.5, 0.5), (6, 0.5, 0.5), (10, 0.5, 0.5), (11, NULL, NULL), (405, 0.0, 0.0)$$, 'with nothing but creation and closing');
SELECT is(required_new_per_week_remaining, round(1000000 / 1000 / 14.0 * 7, 6), 'new opportunities begin with their creation') FROM forecast WHERE rep_id = 'Bo';

-- A simulation: 200 reps whose ratios differ, three weeks into the quarter; the ranges of 90 % hold what came of it

CREATE SCHEMA simulated;
SET LOCAL search_path = simulated, kpi, public;
CREATE FUNCTION pg_temp.u(id bigint, seed bigint) RETURNS double precision
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (hashint8extended(id, seed) & 9007199254740991) / 9007199254740992.0::double precision;
CREATE TABLE rep AS
SELECT n AS rep_id, 'rep ' || n AS rep_name, 'team ' || n % 10 AS team, 'all'::text AS peer_group, 0.6 + 0.25 * pg_temp.u(n, 1) AS proposal, 0.35 + 0.3 * pg_temp.u(n, 2) AS closing
FROM generate_series(1, 200) AS n;
CREATE TABLE opportunity AS
WITH drawn AS (
	SELECT o.*, pg_temp.u(id, 3) < 0.75 AS met, pg_temp.u(id, 4) < proposal AS proposed, pg_temp.u(id, 5) < closing AS bought, pg_temp.u(id, 6) < 0.1 AS forgotten,
		-8 * ln(1 - pg_temp.u(id, 7)) AS a, -6 * ln((1 - pg_temp.u(id, 8)) * (1 - pg_temp.u(id, 9))) AS p, -12 * ln((1 - pg_temp.u(id, 10)) * (1 - pg_temp.u(id, 11))) AS c,
		round(exp(8 + 0.5 * sqrt(-2 * ln(1 - pg_temp.u(id, 12))) * cos(2 * pi() * pg_temp.u(id, 13)))::numeric, 2) AS amount
	FROM (SELECT id, 1 + floor(200 * pg_temp.u(id, 14))::integer AS rep_id, timestamptz '2024-12-01 00:00Z' + id * interval '485 days' / 42000 AS created_at FROM generate_series(0, 41999) AS id) AS o JOIN rep USING (rep_id)
)
SELECT id AS opportunity_id, rep_id, created_at,
	CASE WHEN met THEN created_at + a * interval '1 day' END AS appointment_at,
	CASE WHEN met AND proposed THEN created_at + (a + p) * interval '1 day' END AS proposal_at,
	CASE WHEN met AND proposed AND bought OR NOT forgotten THEN created_at + (a + CASE WHEN met THEN p ELSE 0 END + CASE WHEN met AND proposed THEN c ELSE 0 END) * interval '1 day' END AS closed_at,
	CASE WHEN met AND proposed AND bought THEN 'won' WHEN NOT forgotten THEN 'lost' ELSE 'open' END AS outcome, amount
FROM drawn;
CREATE TABLE goal AS SELECT rep_id, date '2026-01-01' AS starts_on, date '2026-03-31' AS ends_on, 38000 AS revenue FROM rep;
ANALYZE rep, opportunity, goal;
DO $$BEGIN
	PERFORM create_mart('simulated', options => '{"as_of": "2026-01-21 12:00Z", "confidence": 0.9}');
	PERFORM refresh_mart_now('simulated');
END$$;
CREATE TABLE outcome AS
SELECT f.*, (SELECT sum(amount) FROM opportunity AS o WHERE o.rep_id = f.rep_id AND outcome = 'won' AND closed_at >= '2026-01-01' AND closed_at < '2026-04-01') AS came,
	(SELECT coalesce(sum(amount), 0) FROM opportunity AS o WHERE o.rep_id = f.rep_id AND outcome = 'won' AND closed_at > '2026-01-21 12:00Z' AND closed_at < '2026-04-01' AND created_at <= '2026-01-21 12:00Z') AS came_of_open
FROM forecast AS f;
SELECT is(count(*), 200::bigint, '200 reps'), ok(avg((came BETWEEN low AND high)::integer) BETWEEN 0.85 AND 0.95, 'the range holds'),
	ok(avg((came < low)::integer) < 0.075, 'not too little comes'), ok(avg((came > high)::integer) < 0.075, 'nor too much'),
	ok(sum(expected_open) / sum(came_of_open) BETWEEN 0.95 AND 1.05, 'what is expected of open deals comes'),
	ok(sum(expected) / sum(came) BETWEEN 0.95 AND 1.05, 'and of all'), ok(abs(avg(chance) - avg((came >= goal_revenue)::integer)) < 0.05, 'as many reach the goal as had the chance')
FROM outcome;
SELECT ok(corr(win_level, proposal * closing) > 0.6 AND stddev(win_level) < stddev(proposal * closing) / 0.36, 'who wins more is known, and not taken for more than it is')
FROM outlook JOIN rep USING (rep_id) WHERE gateway = 'created';

SELECT * FROM finish();
ROLLBACK;
