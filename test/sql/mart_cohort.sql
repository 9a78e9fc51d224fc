\set ECHO none
\i test/setup.sql
\i test/crm.sql
SELECT plan(99);

-- The generated CRM, with reasons: price is why the dearest offering is lost in the end

CREATE SCHEMA sales;
CREATE VIEW sales.opportunity AS
SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount, offering,
	CASE WHEN outcome <> 'lost' THEN NULL
		WHEN offering = 'complete' AND proposal_at IS NOT NULL AND opportunity_id % 2 = 0 THEN 'price'
		ELSE (ARRAY['price', 'timing', 'competitor', NULL])[1 + opportunity_id / 2 % 4]
	END AS lost_reason
FROM crm.opportunity;
CREATE VIEW sales.rep AS SELECT rep_id, name AS rep_name, team, peer_group FROM crm.rep;
DO $$BEGIN
	PERFORM create_mart('sales', options => '{"time_zone": "Europe/Oslo", "as_of": "2026-06-24 12:00+02"}');
	PERFORM refresh_mart_now('sales');
END$$;
\set mart sales
\set label 'generated'
\i test/cohort.sql

SELECT results_eq(
	$$SELECT offering, gateway, lost_reason FROM sales.offering_feedback WHERE reason_q < 0.001 AND lift > 1 ORDER BY reason_p LIMIT 1$$,
	$$VALUES ('complete', 'closing', 'price')$$,
	'the planted reason is found before all others');
SELECT is_empty(
	$$SELECT week FROM sales.cohort
		WHERE NOT mature AND num_nonnulls(appointment_of_first, proposal_of_first, proposal_of_previous, won_of_first, won_of_previous) > 0
			OR mature AND num_nulls(appointment_of_first, proposal_of_first, won_of_first) > 0
			OR entered <> closing_passed + losses + pending$$,
	'shares stand where a cohort is mature, and only there; who came in is won, lost or pending');
SELECT is_empty(
	$$SELECT week FROM sales.cohort WHERE level = 'company'
		EXCEPT SELECT week FROM sales.cohort WHERE level = 'team' GROUP BY week
			HAVING sum(entered) = (SELECT entered FROM sales.cohort AS c WHERE c.level = 'company' AND c.week = cohort.week)$$,
	'the teams add up to the company');

-- What was not known then: the same opportunities a while ago, in the week after summer time, and with all that came later
-- taken out

CREATE SCHEMA past;
CREATE TABLE past.rep AS SELECT * FROM sales.rep WHERE rep_id <= 6;
CREATE TABLE past.opportunity AS SELECT * FROM sales.opportunity WHERE rep_id <= 6;
DO $$BEGIN
	PERFORM create_mart('past', options => '{"time_zone": "Europe/Oslo", "as_of": "2025-10-28 10:00+01", "cycle_horizon_days": 45, "trailing_weeks": 4}');
	PERFORM refresh_mart_now('past');
END$$;
\set mart past
\set label 'in the past'
\i test/cohort.sql

CREATE TEMPORARY TABLE relation AS
SELECT unnest(ARRAY['cohort_weekly', 'cohort', 'funnel', 'loss_weekly', 'loss_monthly', 'offering_feedback', 'week']) AS relation;
DO $$BEGIN
	EXECUTE (SELECT string_agg(format('CREATE TABLE past.old_%1$s AS TABLE past.%1$s', relation), ';') FROM relation);
	UPDATE past.opportunity SET
		created_at = CASE WHEN created_at <= as_of THEN created_at END,
		appointment_at = CASE WHEN appointment_at <= as_of THEN appointment_at END,
		proposal_at = CASE WHEN proposal_at <= as_of THEN proposal_at END,
		closed_at = CASE WHEN closed_at <= as_of THEN closed_at END,
		outcome = CASE WHEN closed_at <= as_of THEN outcome ELSE 'open' END
	FROM past.config;
	PERFORM refresh_mart_now('past');
END$$;
SELECT is_empty(format('(TABLE past.%1$s EXCEPT ALL TABLE past.old_%1$s) UNION ALL (TABLE past.old_%1$s EXCEPT ALL TABLE past.%1$s)', relation),
	relation || ': what is later than as_of makes no difference')
FROM relation;

-- By hand. Summer time begins in Oslo on Sunday 30 March 2025 at 02:00; the week from Monday 31 March lies in two months.

CREATE SCHEMA hand;
CREATE TABLE hand.rep (rep_id text, rep_name text, team text, peer_group text);
INSERT INTO hand.rep VALUES ('a', 'Ada', 'north', 'all'), ('b', 'Bo', 'south', 'all'), ('c', 'Cy', '', 'all'), ('d', 'Di', 'north', 'all');
CREATE TABLE hand.opportunity (opportunity_id integer, rep_id text, created_at timestamptz, appointment_at timestamptz, proposal_at timestamptz,
	closed_at timestamptz, outcome text, amount numeric, offering text, lost_reason text, kind text);
INSERT INTO hand.opportunity VALUES
	-- Sunday 23:30, Monday 00:30 and Tuesday 00:15 in Oslo
	(1, 'a', '2025-03-30 21:30Z', NULL, NULL, NULL, 'open', 100, 'x', NULL, 'new'),
	(2, 'a', '2025-03-30 22:30Z', '2025-04-01 08:00Z', NULL, NULL, 'open', 200, 'x', NULL, 'new'),
	(3, 'a', '2025-03-31 22:15Z', NULL, NULL, NULL, 'open', NULL, 'y', NULL, NULL),
	-- the last one known, and one that is not known yet
	(4, 'b', '2025-04-02 10:00Z', NULL, NULL, NULL, 'open', 400, 'x', NULL, 'new'),
	(5, 'b', '2025-04-02 10:00:00.000001Z', NULL, NULL, NULL, 'open', 500, 'x', NULL, 'new'),
	-- when these came in is not known
	(6, 'b', NULL, '2025-03-03 08:00Z', NULL, '2025-03-20 08:00Z', 'lost', 600, 'x', 'price', 'new'),
	(7, 'b', 'infinity', NULL, NULL, '2025-03-20 08:00Z', 'won', 700, 'x', NULL, 'new'),
	(8, 'b', '-infinity', NULL, NULL, NULL, 'open', 800, 'x', NULL, 'new'),
	-- one week in January, all known: won with all, with one and with no step recorded, lost at each gateway
	(11, 'a', '2025-01-06 08:00Z', '2025-01-08 08:00Z', '2025-01-15 08:00Z', '2025-01-29 08:00Z', 'won', 1000.50, 'x', NULL, 'new'),
	(12, 'a', '2025-01-06 08:00Z', '2025-01-08 08:00Z', NULL, '2025-01-29 08:00Z', 'won', NULL, 'x', NULL, 'new'),
	(13, 'a', '2025-01-06 08:00Z', NULL, NULL, '2025-01-29 08:00Z', 'won', 2000, 'x', 'never mind', 'new'),
	(14, 'a', '2025-01-07 08:00Z', NULL, NULL, '2025-01-30 08:00Z', 'lost', 300, 'x', 'price', 'new'),
	(15, 'a', '2025-01-07 08:00Z', '2025-01-09 08:00Z', NULL, '2025-01-31 22:30Z', 'lost', 300, 'x', 'price', 'new'),
	(16, 'a', '2025-01-07 08:00Z', NULL, '2025-01-16 08:00Z', '2025-01-31 23:30Z', 'lost', 300, 'y', 'timing', 'new'),
	-- lost later than it is now, lost when is not known, and no outcome of which kpi knows
	(17, 'a', '2025-01-07 08:00Z', '2025-01-10 08:00Z', NULL, '2025-04-03 08:00Z', 'lost', 300, 'x', 'price', 'new'),
	(18, 'a', '2025-01-07 08:00Z', NULL, NULL, NULL, 'lost', 300, 'x', 'price', 'new'),
	(19, 'a', '2025-01-07 08:00Z', 'infinity', '-infinity', '2025-02-01 08:00Z', 'abandoned', 300, 'x', 'price', 'new'),
	-- a week of which nothing is decided, of another rep, long ago
	(21, 'c', '2025-01-14 08:00Z', NULL, NULL, NULL, 'open', 50, NULL, NULL, 'new'),
	(22, 'c', '2025-01-15 08:00Z', '2025-01-20 08:00Z', NULL, NULL, 'open', 60, '', NULL, 'new'),
	-- closed before it came in, last week: nothing of that week is pending, so it can be read
	(31, 'b', '2025-03-25 08:00Z', NULL, NULL, '2025-03-24 08:00Z', 'lost', 10, 'z', '', 'new'),
	-- these do not count: void, a renewal, nobody's, and one of a rep who is not in rep
	(41, 'a', '2025-01-06 08:00Z', NULL, NULL, '2025-01-29 08:00Z', 'void', 1000, 'x', NULL, 'new'),
	(42, 'a', '2025-01-06 08:00Z', NULL, NULL, '2025-01-29 08:00Z', 'won', 1000, 'x', NULL, 'renewal'),
	(43, NULL, '2025-01-06 08:00Z', NULL, NULL, '2025-01-29 08:00Z', 'won', 1000, 'x', NULL, 'new'),
	(44, 'z', '2025-01-06 08:00Z', NULL, NULL, '2025-01-29 08:00Z', 'won', 1000, 'x', NULL, 'new');

DO $$BEGIN
	PERFORM create_mart('hand', options => '{"time_zone": "Europe/Oslo", "as_of": "2025-04-02 12:00+02", "cycle_horizon_days": 60, "trailing_weeks": 4}');
END$$;

-- A mart that was never refreshed
SELECT is_empty(format('TABLE hand.%I', relation), relation || ' is empty before the first refresh') FROM relation;

DO $$BEGIN PERFORM refresh_mart_now('hand'); END$$;
\set mart hand
\set label 'by hand'
\i test/cohort.sql

SELECT results_eq(
	$$SELECT week, month, sum(entered), sum(appointment_passed), sum(appointment_decided), sum(proposal_passed), sum(proposal_decided),
			sum(closing_passed), sum(closing_decided), sum(losses), sum(pending), sum(sales_count), sum(revenue)
		FROM hand.cohort_weekly GROUP BY week, month ORDER BY week, month$$,
	$$VALUES ('2025-01-06'::date, '2025-01-01'::date, 9::numeric, 6::numeric, 7::numeric, 4::numeric, 5::numeric, 3::numeric, 4::numeric, 3::numeric, 3::numeric, 2::numeric, 3000.50),
		('2025-01-13', '2025-01-01', 2, 1, 1, 0, 0, 0, 0, 0, 2, 0, 0),
		('2025-03-24', '2025-03-01', 2, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0),
		('2025-03-31', '2025-03-01', 1, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0),
		('2025-03-31', '2025-04-01', 2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0)$$,
	'by hand: what became of whom, by week and month of entry in Oslo');
SELECT results_eq(
	$$SELECT level, subject, week, mature, pending, appointment_of_first, proposal_of_previous, won_of_first, won_of_previous
		FROM hand.cohort WHERE level <> 'team' ORDER BY level, subject, week$$,
	$$VALUES ('company', '', '2025-01-06'::date, true, 3::bigint, 0.666667, 0.666667, 0.333333, 0.750000),
		('company', '', '2025-01-13', true, 2, 0.5, 0, 0, NULL), ('company', '', '2025-03-24', false, 1, NULL, NULL, NULL, NULL),
		('company', '', '2025-03-31', false, 3, NULL, NULL, NULL, NULL),
		('rep', 'a', '2025-01-06', true, 3, 0.666667, 0.666667, 0.333333, 0.750000), ('rep', 'a', '2025-03-24', false, 1, NULL, NULL, NULL, NULL),
		('rep', 'a', '2025-03-31', false, 2, NULL, NULL, NULL, NULL), ('rep', 'b', '2025-03-24', true, 0, 0, NULL, 0, NULL),
		('rep', 'b', '2025-03-31', false, 1, NULL, NULL, NULL, NULL), ('rep', 'c', '2025-01-13', true, 2, 0.5, 0, 0, NULL)$$,
	'by hand: a cohort is mature after the horizon, or when nothing is pending any more');
SELECT results_eq(
	$$SELECT span, entry_from, entry_until, mature, array_agg(reached ORDER BY step), array_agg(dropped_lost ORDER BY step), array_agg(dropped_pending ORDER BY step),
			array_agg(reached_amount ORDER BY step)
		FROM hand.funnel WHERE level = 'company' GROUP BY 1, 2, 3, 4 ORDER BY 1$$,
	$$VALUES ('mature', '2024-01-29'::date, '2025-01-27'::date, true, '{11,7,4,3}'::bigint[], '{NULL,1,1,1}'::bigint[], '{NULL,3,2,0}'::bigint[],
			'{4910.50,3960.50,3300.50,3000.50}'::numeric[]),
		('trailing', '2025-03-03', '2025-03-31', false, '{2,0,0,0}', '{NULL,1,0,0}', '{NULL,1,0,0}', '{110,0,0,0}'),
		('year', '2024-04-01', '2025-03-31', false, '{13,7,4,3}', '{NULL,2,1,1}', '{NULL,4,2,0}', '{5020.50,3960.50,3300.50,3000.50}')$$,
	'by hand: the funnel of each span');
SELECT results_eq(
	$$SELECT offering, gateway, lost_reason, month, losses, lost_amount FROM hand.loss_monthly ORDER BY month, offering, gateway, lost_reason$$,
	$$VALUES ('x', 'appointment', 'price', '2025-01-01'::date, 1::bigint, 300::numeric(18,2)), ('x', 'proposal', 'price', '2025-01-01', 1, 300),
		('y', 'closing', 'timing', '2025-02-01', 1, 300), ('x', 'proposal', 'price', '2025-03-01', 1, 600), ('z', 'appointment', '', '2025-03-01', 1, 10)$$,
	'by hand: losses by gateway and by month in Oslo');
-- Gateways that are not recorded

DO $$BEGIN
	UPDATE hand.config SET gateways = '{proposal,closing}';
	PERFORM refresh_mart_now('hand');
END$$;
\set label 'without appointments'
\i test/cohort.sql
SELECT results_eq(
	$$SELECT step, step_name, reached, of_previous FROM hand.funnel WHERE level = 'company' AND span = 'mature' ORDER BY step$$,
	$$VALUES (1, 'created', 11::bigint, NULL), (3, 'proposal', 4, 0.363636), (4, 'won', 3, 0.75)$$,
	'a gateway that is not recorded is no step of the funnel');
DO $$BEGIN
	UPDATE hand.config SET gateways = '{appointment,closing}';
	PERFORM refresh_mart_now('hand');
END$$;
\set label 'without proposals'
\i test/cohort.sql
DO $$BEGIN
	UPDATE hand.config SET gateways = '{closing}';
	PERFORM refresh_mart_now('hand');
END$$;
\set label 'without both'
\i test/cohort.sql

-- No opportunities

DO $$BEGIN
	UPDATE hand.config SET gateways = '{appointment,proposal,closing}';
	DELETE FROM hand.opportunity;
	PERFORM refresh_mart_now('hand');
END$$;
\set label 'of nothing'
\i test/cohort.sql
SELECT results_eq(
	$$SELECT step, reached, of_first, of_previous, mature FROM hand.funnel WHERE level = 'rep' AND subject = 'd' AND span = 'year' ORDER BY step$$,
	$$VALUES (1, 0::bigint, NULL::numeric, NULL::numeric, true), (2, 0, NULL, NULL, true), (3, 0, NULL, NULL, true), (4, 0, NULL, NULL, true)$$,
	'a rep without opportunities has a funnel without shares');

-- The definitions

SELECT is_empty($$
	SELECT kpi, relation, column_name
	FROM hand.kpi_definition, unnest(string_to_array(columns, ', ')) AS c(column_name)
	WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('hand.' || relation) AND attname = column_name)
	UNION ALL
	SELECT kpi, relation, NULL FROM hand.kpi_definition WHERE kpi <> split_part(columns, ', ', 1) AND columns NOT LIKE kpi || ', %'$$,
	'each KPI stands where its definition says, in a column of its name');
SELECT is_empty('SELECT kpi FROM hand.measure UNION SELECT kpi FROM hand.playbook EXCEPT SELECT kpi FROM hand.kpi_definition', 'each KPI that is measured or advised on is defined');
SELECT is_empty($$SELECT kpi FROM hand.kpi_definition GROUP BY kpi
	HAVING count(*) > 1 OR bool_or('' IN (name, unit, formula, source, null_rule) OR num_nulls(kpi, name, unit, formula, source, null_rule, relation, columns) > 0)$$,
	'each KPI is defined once, and whole');
SELECT is(name, 'Closing ratio', 'names are in the language of the mart') FROM hand.kpi_definition WHERE kpi = 'closing_ratio';
UPDATE hand.config SET locale = 'nb';
SELECT is(name, 'Lukkeandel', 'or in Norwegian') FROM hand.kpi_definition WHERE kpi = 'closing_ratio';

-- Comments

SELECT is_empty($$
	SELECT relname, attname
	FROM pg_class AS c JOIN pg_attribute AS a ON attrelid = c.oid
	WHERE relnamespace = 'hand'::regnamespace AND relkind IN ('r', 'v') AND relname NOT IN ('opportunity', 'rep') AND attnum > 0 AND NOT attisdropped
		AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, attnum) IS NULL)$$,
	'every relation and column has a comment');

SELECT * FROM finish();
ROLLBACK;
