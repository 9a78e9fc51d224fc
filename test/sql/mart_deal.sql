\set ECHO none
\i test/setup.sql
\i test/crm.sql
SELECT plan(73);

CREATE SCHEMA sales;
CREATE TABLE sales.opportunity AS
SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, CASE WHEN opportunity_id % 11 > 0 THEN amount END AS amount, offering,
	CASE outcome WHEN 'lost' THEN 'price' END AS lost_reason, CASE WHEN opportunity_id % 3 = 0 THEN 'web' END AS pipeline,
	CASE opportunity_id % 50 WHEN 0 THEN 'renewal' ELSE 'new' END AS kind
FROM crm.opportunity;
CREATE INDEX opportunity_of_rep ON sales.opportunity (rep_id);
ANALYZE sales.opportunity;
CREATE VIEW sales.rep AS SELECT rep_id, name AS rep_name, team, peer_group, hired_on, left_on FROM crm.rep;
CREATE VIEW sales.goal AS TABLE crm.goal;
DO $$BEGIN
	PERFORM create_mart('sales', options => '{"time_zone": "Europe/Oslo", "as_of": "2026-06-24 12:00+02"}');
	PERFORM refresh_mart_now('sales');
END$$;

-- What a deal is defined to be, by its milestones, numbered: who has reached one has passed all up to it

CREATE SCHEMA defined;
SET LOCAL search_path = defined, kpi, public;
CREATE VIEW moment AS
SELECT refreshed_as_of AS known_at, time_zone, (refreshed_as_of AT TIME ZONE time_zone)::date AS today, stale_after_days, cycle_horizon_days AS horizon, gateways FROM sales.config;
CREATE VIEW gateway AS
SELECT gateway, place FROM moment, unnest(ARRAY['appointment', 'proposal', 'closing']) WITH ORDINALITY AS g(gateway, place)
WHERE gateway = ANY (gateways);
CREATE VIEW usable AS
SELECT opportunity_id, what, at, (at AT TIME ZONE time_zone)::date AS day
FROM moment, sales.opportunity, LATERAL (VALUES ('created', created_at), ('appointment', appointment_at), ('proposal', proposal_at),
	(CASE WHEN outcome IN ('won', 'lost') THEN outcome END, closed_at)) AS m(what, at)
WHERE kind <> 'renewal' AND isfinite(at) AND at <= known_at AND what IS NOT NULL AND (what NOT IN ('appointment', 'proposal') OR what = ANY (gateways));
CREATE VIEW reached AS
SELECT opportunity_id, gateway, place, at FROM usable JOIN gateway ON gateway = CASE what WHEN 'won' THEN 'closing' ELSE what END;
SET LOCAL search_path = kpi, public;

-- The mart as read at a moment, with gateways: deal and weekly need no more than config and period
CREATE FUNCTION pg_temp.read(as_of timestamptz, gateways text[]) RETURNS void
	LANGUAGE plpgsql SET search_path = defined, pg_catalog
AS $$
BEGIN
	UPDATE sales.config SET refreshed_as_of = read.as_of, gateways = read.gateways;
	DELETE FROM sales.period;
	INSERT INTO sales.period SELECT * FROM sales.period_now;
	DROP TABLE IF EXISTS seen_deal, seen_week, known, state, decision, deal;
	CREATE TABLE seen_deal AS TABLE sales.deal;
	CREATE TABLE seen_week AS TABLE sales.weekly_now;

	CREATE TABLE known AS
	SELECT opportunity_id, furthest, coalesce(outcome, 'open') AS outcome, created.day AS created_on, created.at AS created_at, closed.day AS closed_on, closed.at AS closed_at
	FROM (
		SELECT opportunity_id, coalesce(max(place), 0) AS furthest, max(what) FILTER (WHERE what IN ('won', 'lost')) AS outcome
		FROM usable LEFT JOIN reached USING (opportunity_id)
		GROUP BY opportunity_id
	) AS u LEFT JOIN (SELECT * FROM usable WHERE what = 'created') AS created USING (opportunity_id)
	LEFT JOIN (SELECT * FROM usable WHERE what IN ('won', 'lost')) AS closed USING (opportunity_id);
	CREATE TABLE state AS
	SELECT opportunity_id, gateway, own IS NULL AND place <= furthest AS imputed,
		CASE WHEN place <= furthest THEN coalesce(own, later) END AS passed_at,
		CASE WHEN place <= furthest THEN 'passed' WHEN outcome = 'open' THEN 'pending' WHEN place = first_missed THEN 'failed' ELSE 'not reached' END AS state
	FROM (
		SELECT k.opportunity_id, furthest, outcome, g.gateway, g.place,
			min(at) FILTER (WHERE r.place = g.place) AS own, min(at) FILTER (WHERE r.place > g.place) AS later,
			(SELECT min(place) FROM gateway AS missed WHERE missed.place > furthest) AS first_missed
		FROM known AS k CROSS JOIN gateway AS g LEFT JOIN reached AS r USING (opportunity_id)
		GROUP BY k.opportunity_id, furthest, outcome, g.gateway, g.place
	) AS s;
	CREATE TABLE decision AS
	SELECT opportunity_id, gateway, date_trunc('week', coalesce(passed_at, closed_at) AT TIME ZONE time_zone)::date AS week
	FROM moment, state JOIN known USING (opportunity_id)
	WHERE state IN ('passed', 'failed');
	CREATE TABLE deal AS
	SELECT k.opportunity_id, k.outcome, coalesce(g.gateway, 'created') AS gateway,
		CASE k.outcome WHEN 'open' THEN today - created_on END AS age_days,
		CASE k.outcome WHEN 'open' THEN today - (coalesce(passed_at, k.created_at) AT TIME ZONE time_zone)::date END AS days_since_step,
		CASE WHEN closed_on >= created_on THEN closed_on - created_on END AS days, k.created_at, k.closed_at
	FROM moment CROSS JOIN known AS k LEFT JOIN gateway AS g ON place = furthest
	LEFT JOIN state AS s ON s.opportunity_id = k.opportunity_id AND s.gateway = g.gateway;
END
$$;

CREATE FUNCTION pg_temp.agrees(as_of timestamptz, gateways text[]) RETURNS SETOF text
	LANGUAGE plpgsql
AS $$
DECLARE
	reading CONSTANT text := format('as of %s, %s: ', as_of, gateways);
BEGIN
	PERFORM pg_temp.read(as_of, gateways);
	RETURN NEXT public.results_eq(
		'SELECT opportunity_id, outcome, gateway, age_days, days_since_step, days, stale, created_at, closed_at FROM defined.seen_deal ORDER BY 1',
		'SELECT opportunity_id, outcome, gateway, age_days, days_since_step, days, coalesce(days_since_step > 60, false), created_at, closed_at
			FROM defined.deal ORDER BY 1',
		reading || 'each opportunity');
	RETURN NEXT public.set_eq(
		'SELECT opportunity_id, g.* FROM defined.seen_deal AS d, LATERAL (VALUES
			(''appointment'', appointment_state, appointment_at, appointment_imputed = 1, appointment_week),
			(''proposal'', proposal_state, proposal_at, proposal_imputed = 1, proposal_week),
			(''closing'', closing_state, CASE closing_state WHEN ''passed'' THEN closed_at END, false, closing_week)) AS g(gateway, state, at, imputed, week)
			WHERE state <> ''absent''',
		'SELECT opportunity_id, gateway, s.state, passed_at, s.imputed, week FROM defined.state AS s LEFT JOIN defined.decision USING (opportunity_id, gateway)',
		reading || 'each gateway of each');
	RETURN NEXT public.is_empty(
		'SELECT opportunity_id FROM defined.seen_deal, sales.config WHERE (appointment_state = ''absent'') = (''appointment'' = ANY (gateways)) OR (proposal_state = ''absent'') = (''proposal'' = ANY (gateways))',
		reading || 'absent are the gateways that are not recorded');
	-- by the weeks in which they were decided, against weekly: all reps, offerings and gateways
	RETURN NEXT public.set_eq(
		'SELECT rep_id, offering, g.gateway, week, count(*) AS decided, sum((state = ''passed'')::integer) AS passed, sum(imputed)::bigint AS imputed
			FROM defined.seen_deal, LATERAL (VALUES (''appointment'', appointment_state, appointment_imputed, appointment_week), (''proposal'', proposal_state, proposal_imputed, proposal_week),
				(''closing'', closing_state, 0, closing_week)) AS g(gateway, state, imputed, week)
			WHERE week IS NOT NULL GROUP BY 1, 2, 3, 4',
		'SELECT rep_id, offering, gateway, week, sum(decided)::bigint AS decided, sum(passed)::bigint AS passed, sum(imputed)::bigint AS imputed
			FROM defined.seen_week, LATERAL (VALUES (''appointment'', appointment_decided, appointment_passed, appointment_imputed), (''proposal'', proposal_decided, proposal_passed, proposal_imputed),
				(''closing'', closing_decided, closing_passed, 0)) AS g(gateway, decided, passed, imputed)
			GROUP BY 1, 2, 3, 4 HAVING sum(decided) > 0',
		reading || 'the decisions of each week as in weekly');
	RETURN NEXT public.set_eq(
		'SELECT rep_id, offering, closing_week AS week, sum(amount) AS revenue, count(amount) AS sales, sum(days) AS days
			FROM defined.seen_deal WHERE outcome = ''won'' GROUP BY 1, 2, 3',
		'SELECT rep_id, offering, week, nullif(sum(revenue), 0) AS revenue, sum(sales_count)::bigint AS sales, CASE WHEN sum(won_with_days) > 0 THEN sum(won_days)::bigint END AS days
			FROM defined.seen_week GROUP BY 1, 2, 3 HAVING sum(closing_passed) > 0',
		reading || 'revenue, sales and days of each week as in weekly');
	RETURN NEXT public.set_eq(
		'SELECT rep_id, offering, week, count(*)
			FROM defined.seen_deal, sales.config, LATERAL (SELECT CASE WHEN ''appointment'' = ANY (gateways) THEN CASE WHEN appointment_imputed = 0 AND appointment_state = ''passed'' THEN appointment_week END
				ELSE date_trunc(''week'', created_at AT TIME ZONE time_zone)::date END) AS w(week)
			WHERE week IS NOT NULL GROUP BY 1, 2, 3',
		'SELECT rep_id, offering, week, sum(new_opportunities)::bigint FROM defined.seen_week GROUP BY 1, 2, 3 HAVING sum(new_opportunities) > 0',
		reading || 'new opportunities of each week as in weekly');
END
$$;
SELECT r FROM pg_temp.agrees('2026-06-24 12:00+02', '{appointment,proposal,closing}') AS r;

-- The chance of an open deal, from the rows: who waits for a step takes it on a day, or is lost, as often as those did who
-- waited on that day of theirs and were in view, and is from then on won as often as those who took it

SET LOCAL search_path = defined, kpi, public;
CREATE AGGREGATE pg_temp.product(double precision) (SFUNC = float8mul, STYPE = double precision, INITCOND = 1);
CREATE TABLE dated AS
SELECT opportunity_id, rep_id, peer_group, max(day) FILTER (WHERE what = 'created') AS created, max(day) FILTER (WHERE what = 'appointment') AS appointment,
	max(day) FILTER (WHERE what = 'proposal') AS proposal, max(day) FILTER (WHERE what = 'won') AS won, max(day) FILTER (WHERE what IN ('won', 'lost')) AS closed
FROM usable JOIN sales.opportunity USING (opportunity_id) JOIN sales.rep USING (rep_id)
GROUP BY opportunity_id, rep_id, peer_group;
CREATE TABLE stay AS
SELECT circle, rep_id, gateway, until, greatest(0, date '2025-06-23' - started) AS enters, least(ended, date '2026-06-22') - started AS leaves,
	CASE WHEN ended < date '2026-06-22' THEN taken END AS taken
FROM dated, unnest(ARRAY[peer_group, '']) AS circle, LATERAL (VALUES
	('created', 'step', created, least(appointment, proposal, closed), least(appointment, proposal, won) IS NOT NULL),
	('appointment', 'step', appointment, least(proposal, closed), least(proposal, won) IS NOT NULL),
	('proposal', 'step', proposal, closed, won IS NOT NULL),
	('created', 'end', created, closed, won IS NOT NULL),
	('appointment', 'end', appointment, closed, won IS NOT NULL),
	('proposal', 'end', proposal, closed, won IS NOT NULL)
) AS s(gateway, until, started, ended, taken)
WHERE started < date '2026-06-22' AND (ended IS NULL OR ended >= started AND ended >= date '2025-06-23');
CREATE TABLE day AS
SELECT e.*, coalesce(still * takers / nullif(at_risk, 0), 0)::double precision AS takes,
	sum(coalesce(still * takers / nullif(at_risk, 0), 0)) OVER (PARTITION BY circle, gateway, until ORDER BY day) AS taken
FROM (
	SELECT d.*, coalesce(pg_temp.product(CASE WHEN at_risk > 0 THEN 1 - enders::double precision / at_risk::double precision ELSE 1 END)
			OVER (PARTITION BY circle, gateway, until ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 1) AS still
	FROM (
		SELECT circle, gateway, until, day, takers, enders, sum(comes - goes) OVER (PARTITION BY circle, gateway, until ORDER BY day) AS at_risk
		FROM (
			SELECT circle, gateway, until, day, sum(comes) AS comes, sum(goes) AS goes, sum(takers) AS takers, sum(enders) AS enders
			FROM (
				SELECT circle, gateway, until, enters AS day, 1 AS comes, 0 AS goes, 0 AS takers, 0 AS enders FROM stay
				UNION ALL
				SELECT circle, gateway, until, leaves, 0, (taken IS NULL)::integer, coalesce(taken, false)::integer, (taken IS NOT NULL)::integer FROM stay
				UNION ALL
				SELECT circle, gateway, until, leaves + 1, 0, 1, 0, 0 FROM stay WHERE taken IS NOT NULL
				UNION ALL
				SELECT circle, gateway, until, day, 0, 0, 0, 0 FROM (SELECT DISTINCT circle, gateway, until FROM stay) AS c, generate_series(0, 365) AS day
			) AS change
			GROUP BY circle, gateway, until, day
		) AS c
	) AS d
) AS e;
CREATE FUNCTION pg_temp.next_gateway(gateway text) RETURNS text
	RETURN CASE gateway WHEN 'created' THEN 'appointment' WHEN 'appointment' THEN 'proposal' END;
-- won within so many days, of those who still wait on a day
CREATE FUNCTION pg_temp.chance(in_circle text, at text, waited integer, within integer) RETURNS double precision
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT sum(s.takes * CASE at WHEN 'proposal' THEN 1 ELSE n.taken END) / nullif(min(s.still) FILTER (WHERE s.day = waited), 0)
	FROM defined.day AS s LEFT JOIN defined.day AS n ON n.circle = in_circle AND n.gateway = pg_temp.next_gateway(at) AND n.until = 'end' AND n.day = waited + within - s.day
	WHERE s.circle = in_circle AND s.gateway = at AND s.until = 'step' AND s.day BETWEEN waited AND waited + within;
END;
CREATE INDEX ON day (circle, gateway, until, day);
ANALYZE day;

SELECT set_eq('SELECT peer_group, gateway, peers_near FROM sales.group_curve', $$SELECT circle AS peer_group, gateway, circle <> '' AS peers_near FROM defined.day$$,
	'each group was followed long enough');
SELECT is_empty($$
	SELECT * FROM sales.win_by_age, pg_temp.chance(peer_group, gateway, days_since_step, 365 - days_since_step)
	WHERE days_since_step % 7 = 0 AND (abs(win_probability - chance) < 1e-6) IS NOT TRUE$$,
	'by age, the chance is that of those who waited as long');
SELECT is_empty($$
	SELECT peer_group, gateway, ends_on, days_since_step, win_probability, chance
	FROM sales.win_in_goal, pg_temp.chance(peer_group, gateway, days_since_step, least(ends_on - '2026-06-24', 365 - days_since_step))
	WHERE days_since_step % 7 = 0 AND (abs(win_probability - chance) < 1e-6) IS NOT TRUE$$,
	'until the end of the goals, too');
SELECT set_eq('SELECT DISTINCT peer_group, ends_on FROM sales.win_in_goal',
	$$SELECT c AS peer_group, ends_on FROM sales.goal JOIN sales.rep USING (rep_id), unnest(ARRAY[peer_group, '']) AS c WHERE '2026-06-24' BETWEEN starts_on AND ends_on$$,
	'of all goals that run');
SELECT is_empty($$
	SELECT peer_group, gateway, q, days FROM sales.group_curve, LATERAL (VALUES (0.25, quartile_1_days), (0.5, quartile_2_days), (0.75, quartile_3_days)) AS v(q, days)
	WHERE days IS DISTINCT FROM (SELECT min(day) FROM day WHERE circle = peer_group AND day.gateway = group_curve.gateway AND until = 'end'
		AND taken >= q * (SELECT taken FROM day WHERE circle = peer_group AND day.gateway = group_curve.gateway AND until = 'end' AND day = 365) * (1 - 1e-9))$$,
	'the quartiles of the days of the won');

-- How much oftener a rep wins than the group, and what a sale brings

CREATE TABLE own AS
SELECT rep_id, gateway, count(*) FILTER (WHERE taken) AS wins, count(taken) AS ended
FROM sales.rep CROSS JOIN (SELECT DISTINCT gateway FROM stay) AS g LEFT JOIN (SELECT * FROM stay WHERE circle = '' AND until = 'end') AS s USING (rep_id, gateway)
GROUP BY rep_id, gateway;
SELECT set_eq('SELECT rep_id, gateway, wins, ended FROM sales.outlook', 'SELECT rep_id, gateway, wins, ended FROM own', 'wins and ends of each rep');
CREATE TABLE compared AS
SELECT o.*, q.taken AS q, round(coalesce(o.wins / nullif(kpi.win_probability(c.cycle, 365), 0), o.ended * g.ratio_of_ended / q.taken)) AS trials
FROM own AS o JOIN sales.rep USING (rep_id) JOIN day AS q ON circle = peer_group AND q.gateway = o.gateway AND until = 'end' AND day = 365
JOIN (SELECT circle, gateway, count(*) FILTER (WHERE taken)::double precision / count(taken) AS ratio_of_ended FROM stay WHERE until = 'end' GROUP BY circle, gateway) AS g
	ON g.circle = peer_group AND g.gateway = o.gateway
LEFT JOIN sales.curve AS c ON c.rep_id = o.rep_id AND span = 'year' AND start = CASE o.gateway WHEN 'created' THEN 'creation' ELSE o.gateway END;
SELECT is_empty($$
	SELECT rep_id, gateway, win_level, expected
	FROM sales.outlook JOIN compared USING (rep_id, gateway)
		JOIN (SELECT gateway, (a).alpha + (a).beta AS kappa FROM (SELECT gateway, kpi.prior_agg(kpi.rate(wins, trials::bigint)) AS a FROM compared GROUP BY gateway) AS p) AS p USING (gateway),
		LATERAL (SELECT (compared.wins + kappa * q) / (trials + kappa) / q) AS e(expected)
	WHERE (abs(win_level - expected) < 1e-6) IS NOT TRUE$$,
	'the win level: as if so many more opportunities had been won as often as the group''s');
SELECT ok(bool_and(win_level_error > 0.02 AND (win_level_error > 0.15) = (rep_id = 5)), 'it is least known of the new rep')
FROM sales.outlook WHERE gateway = 'created';
SELECT set_eq('SELECT rep_id, sales_count, average_revenue, revenue_stddev FROM sales.outlook',
	$$SELECT r.rep_id, count(*) AS sales_count, avg(amount)::numeric(18,2) AS average_revenue, stddev(amount)::numeric(18,2) AS revenue_stddev
		FROM sales.rep AS r JOIN (SELECT peer_group, rep_id, amount FROM dated JOIN sales.opportunity USING (opportunity_id, rep_id)
			WHERE won BETWEEN '2025-06-23' AND '2026-06-21' AND amount IS NOT NULL) AS o
			ON CASE r.rep_id WHEN 5 THEN o.peer_group = r.peer_group ELSE o.rep_id = r.rep_id END
		GROUP BY r.rep_id$$,
	'the average sale: the own, or with few sales the group''s');

-- Each open deal

SELECT is_empty($$
	SELECT opportunity_id, d.win_probability, d.expected_revenue, d.reckoned_amount, d.win_probability_in_goal, d.expected_in_goal
	FROM sales.deal AS d JOIN sales.rep USING (rep_id) JOIN sales.outlook AS o USING (rep_id, gateway)
		LEFT JOIN sales.win_by_age AS a ON a.peer_group = rep.peer_group AND a.gateway = d.gateway AND a.days_since_step = d.days_since_step
		LEFT JOIN sales.current_goal AS g USING (rep_id)
		LEFT JOIN sales.win_in_goal AS i ON i.peer_group = rep.peer_group AND i.gateway = d.gateway AND i.days_since_step = d.days_since_step AND i.ends_on = g.ends_on,
		LATERAL (SELECT CASE WHEN d.days_since_step > 365 THEN 0 WHEN a.win_probability * win_level > 1 THEN 1 ELSE round(a.win_probability * win_level, 6) END,
			CASE WHEN g.ends_on IS NULL THEN NULL WHEN d.days_since_step > 365 THEN 0 WHEN i.win_probability * win_level > 1 THEN 1 ELSE round(i.win_probability * win_level, 6) END,
			coalesce(amount, average_revenue)) AS e(chance, chance_in_goal, size)
	WHERE outcome = 'open' AND (d.win_probability, d.expected_revenue, d.reckoned_amount, d.win_probability_in_goal, d.expected_in_goal)
		IS DISTINCT FROM (chance::numeric(12,6), round(chance * size, 2), size, chance_in_goal::numeric(12,6), round(chance_in_goal * size, 2))$$,
	'chance and expected revenue');
SELECT is_empty($$
	SELECT opportunity_id FROM sales.deal WHERE outcome <> 'open'
		AND num_nonnulls(age_days, days_since_step, age_quartile, win_probability, expected_revenue, win_probability_in_goal, expected_in_goal, reckoned_amount) > 0 OR stale IS NULL$$,
	'what has ended is expected no more');
SELECT ok(count(*) FILTER (WHERE days_since_step > 365 AND win_probability = 0 AND amount IS NOT NULL) > 20 AND count(*) FILTER (WHERE win_probability IS NULL) = 0
	AND count(*) FILTER (WHERE amount IS NULL AND expected_revenue > 0) > 20, 'of old and young, with an amount and without')
FROM sales.deal WHERE outcome = 'open';
SELECT is_empty($$
	SELECT opportunity_id, age_quartile FROM sales.deal AS d JOIN sales.rep USING (rep_id) JOIN sales.group_curve AS g USING (peer_group, gateway)
	WHERE outcome = 'open' AND age_quartile IS DISTINCT FROM 1 + (days_since_step > quartile_1_days)::integer + (days_since_step > quartile_2_days)::integer + (days_since_step > quartile_3_days)::integer$$,
	'its age against the won');
SELECT is_empty($$
	SELECT opportunity_id FROM sales.deal JOIN sales.opportunity AS o USING (opportunity_id)
	WHERE (deal.offering, deal.pipeline, deal.lost_reason) IS DISTINCT FROM (o.offering, coalesce(o.pipeline, ''), CASE deal.outcome WHEN 'lost' THEN coalesce(o.lost_reason, '') ELSE '' END)
		OR deal.amount IS DISTINCT FROM o.amount$$,
	'and whose it is');

-- The CRM's index on rep_id is used
CREATE FUNCTION pg_temp.plan(query text) RETURNS text
	LANGUAGE plpgsql
AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	RETURN plan;
END
$$;
SELECT matches(pg_temp.plan('SELECT * FROM sales.deal WHERE rep_id = 7'), '"Index Name": "opportunity_of_rep",.*"Index Cond": "\(rep_id = 7\)"', 'the deals of a rep come by the index');
SELECT matches(pg_temp.plan($$SELECT * FROM sales.deal WHERE rep_id = 7 AND outcome = 'open'$$), '"Index Name": "opportunity_of_rep"', 'so do the open ones');
SELECT doesnt_match(pg_temp.plan('SELECT opportunity_id, closing_state FROM sales.deal'), 'win_by_age|win_in_goal', 'chances that nobody asks for are not looked up');

-- Read at other moments, with other gateways

SET LOCAL search_path = kpi, public;
DELETE FROM sales.opportunity WHERE rep_id > 8;
SELECT r FROM (VALUES
	('2025-10-26 02:30+01'::timestamptz, '{closing,proposal,appointment}'::text[]),
	('2026-01-31 23:59:59.999999+01', '{closing}'),
	('2026-03-29 03:00+02', '{proposal,closing}'),
	('2024-12-31 00:00+01', '{appointment,closing}')
) AS t(as_of, gateways), pg_temp.agrees(as_of, gateways) AS r;

-- One by one

CREATE SCHEMA hand;
SET LOCAL search_path = hand, kpi, public;
CREATE TABLE hand.case (
	name text, created_at timestamptz, appointment_at timestamptz, proposal_at timestamptz, closed_at timestamptz, outcome text,
	is_outcome text, is_appointment text, is_proposal text, is_closing text, is_gateway text, is_days integer, is_stale boolean, kind text DEFAULT 'new', rep_id integer DEFAULT 1, place integer GENERATED ALWAYS AS IDENTITY
);
INSERT INTO hand.case VALUES
	('came in', '2026-06-01', NULL, NULL, NULL, 'open', 'open', 'pending', 'pending', 'pending', 'created', NULL, false),
	('60 days ago is not stale', '2026-04-25', NULL, NULL, NULL, 'open', 'open', 'pending', 'pending', 'pending', 'created', NULL, false),
	('61 are, in Oslo', '2026-04-23 23:00Z', NULL, NULL, NULL, 'open', 'open', 'pending', 'pending', 'pending', 'created', NULL, true),
	('met', '2026-04-01', '2026-06-02', NULL, NULL, 'open', 'open', 'passed', 'pending', 'pending', 'appointment', NULL, false),
	('proposed without an appointment', '2026-01-01', NULL, '2026-02-03', NULL, 'open', 'open', 'imputed', 'passed', 'pending', 'proposal', NULL, true),
	('met after the proposal', '2026-01-01', '2026-06-20', '2026-02-03', NULL, 'open', 'open', 'passed', 'passed', 'pending', 'proposal', NULL, true),
	('won on all steps', '2026-01-01', '2026-01-08', '2026-01-15', '2026-01-22', 'won', 'won', 'passed', 'passed', 'passed', 'closing', 21, false),
	('won at once', '2026-01-01', NULL, NULL, '2026-01-01 22:30Z', 'won', 'won', 'imputed', 'imputed', 'passed', 'closing', 0, false),
	('won on the next day, in Oslo', '2026-01-01', NULL, '2026-01-01', '2026-01-01 23:30Z', 'won', 'won', 'imputed', 'passed', 'passed', 'closing', 1, false),
	('won before it came in', '2026-01-22', '2026-01-08', '2026-01-15', '2026-01-01', 'won', 'won', 'passed', 'passed', 'passed', 'closing', NULL, false),
	('lost before the appointment', '2026-01-01', NULL, NULL, '2026-02-01', 'lost', 'lost', 'failed', 'not reached', 'not reached', 'created', 31, false),
	('lost before the proposal', '2026-01-01', '2026-01-02', NULL, '2026-02-01', 'lost', 'lost', 'passed', 'failed', 'not reached', 'appointment', 31, false),
	('lost after the proposal', '2026-01-01', NULL, '2026-01-02', '2026-02-01', 'lost', 'lost', 'imputed', 'passed', 'failed', 'proposal', 31, false),
	('lost, and met later', '2026-01-01', '2026-03-01', NULL, '2026-02-01', 'lost', 'lost', 'passed', 'failed', 'not reached', 'appointment', 31, false),
	('won only later', '2026-06-01', '2026-06-02', '2026-06-25', '2026-06-30', 'won', 'open', 'passed', 'pending', 'pending', 'appointment', NULL, false),
	('won now', '2026-06-01', '2026-06-02', '2026-06-03', '2026-06-24 12:00+02', 'won', 'won', 'passed', 'passed', 'passed', 'closing', 23, false),
	('won a moment later', '2026-06-01', '2026-06-02', '2026-06-03', '2026-06-24 12:00:00.000001+02', 'won', 'open', 'passed', 'passed', 'pending', 'proposal', NULL, false),
	('won without a time', '2026-06-01', '2026-06-02', NULL, NULL, 'won', 'open', 'passed', 'pending', 'pending', 'appointment', NULL, false),
	('closed but open', '2026-06-01', NULL, NULL, '2026-06-05', 'open', 'open', 'pending', 'pending', 'pending', 'created', NULL, false),
	('no outcome', '2026-06-01', NULL, NULL, '2026-06-05', NULL, 'open', 'pending', 'pending', 'pending', 'created', NULL, false),
	('of an unknown outcome', '2026-06-01', NULL, NULL, '2026-06-05', 'maybe', 'open', 'pending', 'pending', 'pending', 'created', NULL, false),
	('met at the end of time', '2026-06-01', 'infinity', '-infinity', 'infinity', 'won', 'open', 'pending', 'pending', 'pending', 'created', NULL, false),
	('of no known beginning', NULL, NULL, '2026-06-02', NULL, 'open', 'open', 'imputed', 'passed', 'pending', 'proposal', NULL, false),
	('of which only the end is known', '-infinity', NULL, NULL, '2026-06-02', 'won', 'won', 'imputed', 'imputed', 'passed', 'closing', NULL, false);
INSERT INTO hand.case (name, created_at, outcome, kind, rep_id) VALUES
	('nothing known', NULL, 'open', 'new', 1),
	('still to come', '2026-06-24 12:00:00.000001+02', 'open', 'new', 1),
	('void', '2026-06-01', 'void', 'new', 1),
	('a renewal', '2026-06-01', 'open', 'renewal', 1),
	('of nobody', '2026-06-01', 'open', 'new', 2),
	('of no rep', '2026-06-01', 'open', 'new', NULL);
INSERT INTO hand.case (name, closed_at, outcome) VALUES ('closed, but neither won nor lost', '2026-06-01', 'open');
CREATE VIEW opportunity AS SELECT name AS opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, 100 AS amount, kind FROM hand.case;
CREATE VIEW rep AS SELECT 1 AS rep_id, 'Ada'::text AS rep_name, NULL::text AS team, NULL::text AS peer_group;
DO $$BEGIN
	PERFORM create_mart('hand', options => '{"time_zone": "Europe/Oslo", "as_of": "2026-06-24 12:00+02"}');
	PERFORM refresh_mart_now('hand');
END$$;
SELECT is((deal.outcome, CASE appointment_imputed WHEN 1 THEN 'imputed' ELSE appointment_state END, CASE proposal_imputed WHEN 1 THEN 'imputed' ELSE proposal_state END, closing_state, gateway, days, stale)::text,
	(is_outcome, is_appointment, is_proposal, is_closing, is_gateway, is_days, is_stale)::text, name)
FROM hand.case LEFT JOIN deal ON opportunity_id = name
WHERE is_outcome IS NOT NULL
ORDER BY place;
SELECT set_eq('SELECT opportunity_id FROM deal', 'SELECT name FROM hand.case WHERE is_outcome IS NOT NULL', 'all others do not count');
SELECT is((win_probability, expected_revenue, win_probability_in_goal, expected_in_goal)::text, '(,,,)', 'with so few nothing is to be expected') FROM deal WHERE opportunity_id = 'met';

SELECT * FROM finish();
ROLLBACK;
