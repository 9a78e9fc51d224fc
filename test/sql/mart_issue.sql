\set ECHO none
\i test/setup.sql
SELECT plan(27);

-- A mart over a few rows without fault

CREATE SCHEMA dirt;
SET LOCAL search_path = dirt, kpi, public;
CREATE TABLE opportunity (
	opportunity_id integer, rep_id integer, created_at timestamptz, appointment_at timestamptz, proposal_at timestamptz, closed_at timestamptz,
	outcome text, amount numeric, kind text, offering text
);
CREATE TABLE rep (rep_id integer, rep_name text, team text, peer_group text, hired_on date, left_on date);
CREATE TABLE goal (rep_id integer, starts_on date, ends_on date, revenue numeric);
INSERT INTO rep VALUES
	(1, 'Ada', 'North', 'all', NULL, NULL),
	(2, 'Bo', 'North', 'all', '2026-05-05', NULL),
	(3, 'Cy', 'South', 'all', '2020-01-01', '2026-05-01');
INSERT INTO opportunity
SELECT n, 1 + n % 3, '2025-10-06 08:00Z'::timestamptz + n * interval '1 day', '2025-10-08 08:00Z'::timestamptz + n * interval '1 day',
	'2025-10-15 08:00Z'::timestamptz + n * interval '1 day', '2025-10-29 08:00Z'::timestamptz + n * interval '1 day',
	CASE WHEN n % 2 = 0 THEN 'won' ELSE 'lost' END, 1000 + n, 'new', 'basic'
FROM generate_series(1, 60) AS n
WHERE n % 3 <> 1;
SELECT create_mart('dirt', options => '{"time_zone": "Europe/Oslo", "as_of": "2026-06-24 12:00+02"}');
SELECT refresh_mart_now('dirt');
SELECT is_empty('SELECT * FROM data_issue', 'rows without fault');

-- What the KPIs make of the rows: to be compared, and summed
CREATE FUNCTION pg_temp.figures() RETURNS text
	RETURN (SELECT string_agg(line, E'\n' ORDER BY line COLLATE "C")
		FROM (
			SELECT w::text FROM dirt.weekly_now AS w
			UNION ALL
			SELECT c::text FROM dirt.curve_now AS c, dirt.config WHERE cycle <> 'empty' AND (start = 'creation' OR start = ANY (gateways))
		) AS f(line));
CREATE FUNCTION pg_temp.sums() RETURNS numeric[]
	RETURN (SELECT ARRAY[sum(new_opportunities), sum(closing_decided), sum(closing_passed), sum(sales_count), sum(revenue), sum(won_with_days + lost_with_days)]
		FROM dirt.weekly_now);

-- Opportunities: each row with its issues, whether it changes a figure, what it adds to the sums, and a row without fault
-- that the KPIs cannot tell from it, or 'none'

CREATE TYPE pg_temp.lead AS (
	id integer, rep integer, created timestamptz, appointment timestamptz, proposal timestamptz, closed timestamptz, outcome text, amount numeric, kind text
);
CREATE FUNCTION pg_temp.planted(o pg_temp.lead) RETURNS void
	BEGIN ATOMIC
		INSERT INTO dirt.opportunity
		VALUES (o.id, o.rep, o.created, o.appointment, o.proposal, o.closed, o.outcome, o.amount, o.kind, 'basic');
	END;
CREATE FUNCTION pg_temp.uprooted() RETURNS void
	BEGIN ATOMIC
		DELETE FROM dirt.opportunity WHERE opportunity_id > 1000 OR opportunity_id IS NULL;
	END;

CREATE FUNCTION pg_temp.effect(place integer, o text, taken text, OUT place_out integer, OUT issues text, OUT counted boolean, OUT changes boolean,
	OUT adds numeric[], OUT same boolean)
	LANGUAGE plpgsql
AS $$
DECLARE
	before text := pg_temp.figures();
	sums_before numeric[] := pg_temp.sums();
	after text;
BEGIN
	place_out := place;
	PERFORM pg_temp.planted(o::pg_temp.lead);
	SELECT string_agg(d.issue, ' ' ORDER BY d.issue), bool_and(d.counted) INTO issues, counted FROM dirt.data_issue AS d;
	after := pg_temp.figures();
	changes := after <> before;
	adds := (SELECT array_agg(a - b ORDER BY n) FROM unnest(pg_temp.sums(), sums_before) WITH ORDINALITY AS u(a, b, n));
	PERFORM pg_temp.uprooted();
	IF taken <> 'none' THEN
		PERFORM pg_temp.planted(taken::pg_temp.lead);
		same := after = pg_temp.figures();
		PERFORM pg_temp.uprooted();
	END IF;
END
$$;

CREATE TEMPORARY TABLE opportunity_case (place integer, o text, taken text, issues text, counted boolean, changes boolean, adds numeric[], same boolean);
INSERT INTO opportunity_case VALUES
	-- not counted
	(1, '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,void,500,new)', 'none', 'void', false, false, '{0,0,0,0,0,0}', NULL),
	(2, '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,500,renewal)', 'none', 'kind_not_counted', false, false, '{0,0,0,0,0,0}', NULL),
	(3, '(1001,,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,500,new)', 'none', 'no_owner', false, false, '{0,0,0,0,0,0}', NULL),
	(4, '(1001,9,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,500,new)', 'none', 'unknown_rep', false, false, '{0,0,0,0,0,0}', NULL),
	(5, '(1001,1,2026-06-24 10:01Z,2026-06-26 08:00Z,,,open,500,new)', 'none', 'after_as_of', false, false, '{0,0,0,0,0,0}', NULL),
	(6, '(1001,1,,,,,open,500,new)', 'none', 'no_usable_time', false, false, '{0,0,0,0,0,0}', NULL),
	(7, '(1001,1,,,,2026-05-20 08:00Z,open,500,new)', 'none', 'no_usable_time', false, false, '{0,0,0,0,0,0}', NULL),
	(8, '(1001,1,infinity,-infinity,,,lost,500,new)', 'none', 'no_usable_time', false, false, '{0,0,0,0,0,0}', NULL),
	-- taken for something else
	(11, '(,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,500,new)',
		'(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,500,new)', 'no_opportunity_id', true, true, '{1,1,1,1,500,1}', true),
	(12, '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,Won,500,new)',
		'(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,,open,500,new)', 'unknown_outcome', true, true, '{1,0,0,0,0,0}', true),
	(13, '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,,500,)',
		'(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,,open,500,new)', 'unknown_outcome', true, true, '{1,0,0,0,0,0}', true),
	(14, '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,open,500,new)',
		'(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,,open,500,new)', 'open_with_closed_at', true, true, '{1,0,0,0,0,0}', true),
	(15, '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,,won,500,new)',
		'(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,,open,500,new)', 'won_without_closed_at', true, true, '{1,0,0,0,0,0}', true),
	(16, '(1001,1,2026-05-04 08:00Z,,,,lost,500,new)', '(1001,1,2026-05-04 08:00Z,,,,open,500,new)', 'lost_without_closed_at', true, true, '{0,0,0,0,0,0}', true),
	(17, '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,,2026-06-24 10:01Z,won,500,new)', '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,,,open,500,new)',
		'closed_after_as_of', true, true, '{1,0,0,0,0,0}', true),
	(18, '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,,2026-09-30,open,500,new)', '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,,,open,500,new)',
		'closed_after_as_of', true, true, '{1,0,0,0,0,0}', true),
	(19, '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-07-01 08:00Z,2026-05-20 08:00Z,lost,500,new)',
		'(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,,2026-05-20 08:00Z,lost,500,new)', 'milestone_after_as_of', true, true, '{1,0,0,0,0,1}', true),
	(20, '(1001,1,2026-07-04 08:00Z,2026-05-06 08:00Z,,2026-05-20 08:00Z,won,500,new)', '(1001,1,,2026-05-06 08:00Z,,2026-05-20 08:00Z,won,500,new)',
		'milestone_after_as_of', true, true, '{1,1,1,1,500,0}', true),
	(21, '(1001,1,2026-05-04 08:00Z,infinity,2026-05-13 08:00Z,2026-05-20 08:00Z,won,500,new)',
		'(1001,1,2026-05-04 08:00Z,,2026-05-13 08:00Z,2026-05-20 08:00Z,won,500,new)', 'infinite_time', true, true, '{0,1,1,1,500,1}', true),
	(22, '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,,-infinity,won,500,new)', '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,,,open,500,new)',
		'infinite_time', true, true, '{1,0,0,0,0,0}', true),
	(23, '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,,infinity,lost,500,new)', '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,,,open,500,new)',
		'infinite_time', true, true, '{1,0,0,0,0,0}', true),
	(24, '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,NaN,new)', '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,,new)', 'amount_out_of_range', true, true, '{1,1,1,0,0,1}', true),
	(25, '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,-Infinity,new)', '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,,new)', 'amount_out_of_range', true, true, '{1,1,1,0,0,1}', true),
	(26, '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,99999999999999.1,new)', '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,,new)', 'amount_out_of_range', true, true, '{1,1,1,0,0,1}', true),
	-- counted in part
	(30, '(1001,1,,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,500,new)', 'none', 'no_created_at', true, true, '{1,1,1,1,500,0}', NULL),
	(31, '(1001,1,2026-05-21 08:00Z,,,2026-05-20 08:00Z,lost,500,new)', '(1001,1,,,,2026-05-20 08:00Z,lost,500,new)', 'closed_before_created', true, true, '{0,0,0,0,0,0}', true),
	(32, '(1001,1,2026-05-21 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,500,new)', 'none',
		'closed_before_created created_after_milestone', true, true, '{1,1,1,1,500,0}', NULL),
	(33, '(1001,1,2026-05-07 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,500,new)', 'none', 'created_after_milestone', true, true, '{1,1,1,1,500,1}', NULL),
	(34, '(1001,1,2026-05-04 08:00Z,2026-05-14 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,500,new)', 'none', 'milestones_out_of_order', true, true, '{1,1,1,1,500,1}', NULL),
	(35, '(1001,1,2026-05-04 08:00Z,2026-05-21 08:00Z,,2026-05-20 08:00Z,won,500,new)', 'none', 'milestones_out_of_order', true, true, '{1,1,1,1,500,1}', NULL),
	(36, '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,,new)', 'none', 'won_without_amount', true, true, '{1,1,1,0,0,1}', NULL),
	(37, '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,0,new)', 'none', 'won_with_zero_amount', true, true, '{1,1,1,1,0,1}', NULL),
	(38, '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,-500,new)', 'none', 'negative_amount', true, true, '{1,1,1,1,-500,1}', NULL),
	(39, '(1001,1,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,lost,-500,new)', 'none', 'negative_amount', true, true, '{1,1,0,0,0,1}', NULL),
	(40, '(1001,1,1970-01-01 00:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,500,new)', 'none', 'time_before_1980', true, true, '{1,1,1,1,500,1}', NULL),
	(41, '(1001,2,2026-05-04 08:00Z,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,500,new)', 'none', 'created_before_hired', true, true, '{1,1,1,1,500,1}', NULL),
	(42, '(1001,3,2026-05-02 08:00Z,2026-05-06 08:00Z,,,open,500,new)', 'none', 'created_after_left open_after_left', true, true, '{1,0,0,0,0,0}', NULL),
	(43, '(1001,3,2026-04-20 08:00Z,2026-05-01 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,500,new)', 'none', 'closed_while_not_employed', true, true, '{1,1,1,1,500,1}', NULL),
	-- nothing the matter: in one day there is no order, and its last minute is still the rep's
	(51, '(1001,1,2026-05-04 14:00Z,2026-05-04 09:00Z,2026-05-04 08:00Z,2026-05-03 22:00Z,won,500,)', 'none', NULL, NULL, true, '{1,1,1,1,500,1}', NULL),
	(52, '(1001,3,2026-04-20 08:00Z,,,2026-05-01 21:59Z,lost,,expansion)', 'none', NULL, NULL, true, '{0,0,0,0,0,1}', NULL);

SELECT results_eq(
	'SELECT e.* FROM opportunity_case AS c, pg_temp.effect(place, o, taken) AS e ORDER BY place',
	'SELECT place, issues, counted, changes, adds, same FROM opportunity_case ORDER BY place',
	'opportunities: their issues and what the KPIs make of them');

-- What is written of them
CREATE FUNCTION pg_temp.issues(o text) RETURNS TABLE (key text, rep_id text, issue text, problem text, fault boolean)
	LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM pg_temp.planted(o::pg_temp.lead);
	RETURN QUERY SELECT d.key, d.rep_id, d.issue, d.problem, d.fault FROM dirt.data_issue AS d ORDER BY d.issue;
	PERFORM pg_temp.uprooted();
END
$$;
SELECT results_eq(
	$$SELECT DISTINCT ON (issue) issue, problem, fault FROM opportunity_case, pg_temp.issues(o) ORDER BY issue, place$$,
	$$VALUES
		('after_as_of', 'all is after 2026-06-24 12:00: created_at 2026-06-24 12:01, appointment_at 2026-06-26 10:00', false),
		('amount_out_of_range', 'amount is NaN', true),
		('closed_after_as_of', 'closed_at 2026-06-24 12:01 is after 2026-06-24 12:00', false),
		('closed_before_created', 'closed_at 2026-05-20 10:00 is before created_at 2026-05-21 10:00', true),
		('closed_while_not_employed', 'closed_at 2026-05-20 10:00 is not between hired_on 2020-01-01 and left_on 2026-05-01', true),
		('created_after_left', 'created_at 2026-05-02 10:00 is after left_on 2026-05-01', true),
		('created_after_milestone', 'created_at is after another: created_at 2026-05-21 10:00, appointment_at 2026-05-06 10:00, proposal_at 2026-05-13 10:00, closed_at 2026-05-20 10:00', true),
		('created_before_hired', 'created_at 2026-05-04 10:00 is before hired_on 2026-05-05', false),
		('infinite_time', 'appointment_at infinity', true),
		('kind_not_counted', 'kind is ''renewal''', false),
		('lost_without_closed_at', 'outcome is lost, closed_at NULL', true),
		('milestone_after_as_of', 'proposal_at 2026-07-01 10:00 is after 2026-06-24 12:00', false),
		('milestones_out_of_order', 'not in this order: created_at 2026-05-04 10:00, appointment_at 2026-05-14 10:00, proposal_at 2026-05-13 10:00, closed_at 2026-05-20 10:00', true),
		('negative_amount', 'amount is -500', true),
		('no_created_at', 'created_at is NULL', true),
		('no_opportunity_id', 'opportunity_id is NULL', true),
		('no_owner', 'rep_id is NULL', true),
		('no_usable_time', 'no time is known', true),
		('open_after_left', 'it is open, and the rep left on 2026-05-01', true),
		('open_with_closed_at', 'outcome is open, closed_at 2026-05-20 10:00', true),
		('time_before_1980', 'a time is before 1980: created_at 1970-01-01 01:00, appointment_at 2026-05-06 10:00, proposal_at 2026-05-13 10:00, closed_at 2026-05-20 10:00', true),
		('unknown_outcome', 'outcome is ''Won'': neither won, lost, open nor void', true),
		('unknown_rep', 'rep_id 9 is not in rep', true),
		('void', 'outcome is void', false),
		('won_with_zero_amount', 'outcome is won, amount 0', true),
		('won_without_amount', 'outcome is won, amount NULL', true),
		('won_without_closed_at', 'outcome is won, closed_at NULL', true)$$,
	'what is written of opportunities');
SELECT set_eq(
	-- what an adapter finds is tested with the adapters
	$$SELECT DISTINCT unnest(string_to_array(issues, ' ')) FROM opportunity_case WHERE issues <> ''
		UNION VALUES ('duplicate_opportunity_id'), ('reopened'), ('appointment_sources_differ'), ('proposal_sources_differ'), ('other_currency')$$,
	$$SELECT issue FROM mart_issue() WHERE relation = 'opportunity'$$,
	'every issue of opportunities is among them');

-- Where as_of is now, what comes after it is a fault
UPDATE config SET as_of = NULL;
SELECT results_eq(
	$$SELECT DISTINCT issue, fault FROM opportunity_case, pg_temp.issues(o) WHERE issues ~ 'after_as_of' ORDER BY issue$$,
	$$VALUES ('after_as_of', true), ('closed_after_as_of', true), ('milestone_after_as_of', true)$$,
	'what is after now is a fault');
UPDATE config SET as_of = refreshed_as_of;

-- Gateways that are not recorded give no time to count at
UPDATE config SET gateways = '{closing}';
SELECT results_eq(
	$$SELECT e.* FROM (VALUES
		(1, '(1001,1,,2026-05-06 08:00Z,2026-05-13 08:00Z,,open,500,new)', 'none'),
		(2, '(1001,1,,2026-05-06 08:00Z,2026-05-13 08:00Z,2026-05-20 08:00Z,won,500,new)', '(1001,1,,,,2026-05-20 08:00Z,won,500,new)')
	) AS c(place, o, taken), pg_temp.effect(place, o, taken) AS e ORDER BY place$$,
	$$VALUES (1, 'no_usable_time', false, false, '{0,0,0,0,0,0}'::numeric[], NULL::boolean), (2, 'no_created_at', true, true, '{0,1,1,1,500,0}', true)$$,
	'gateways that are not recorded');
UPDATE config SET gateways = DEFAULT;

-- An id that is there twice
SELECT pg_temp.planted((1001, 1, '2026-05-04 08:00Z', '2026-05-06 08:00Z', '2026-05-13 08:00Z', '2026-05-20 08:00Z', 'won', 500, 'new')::pg_temp.lead);
INSERT INTO activity VALUES (1, 'call', '2026-05-05 08:00Z', 1001);
CREATE TEMPORARY TABLE once AS SELECT pg_temp.sums() AS sums, (SELECT sum(calls) FROM weekly_now) AS calls;
SELECT pg_temp.planted((1001, 1, '2026-05-04 08:00Z', '2026-05-06 08:00Z', '2026-05-13 08:00Z', '2026-05-20 08:00Z', 'won', 500, 'new')::pg_temp.lead);
SELECT pg_temp.planted((1001, 1, '2026-05-04 08:00Z', '2026-05-06 08:00Z', '2026-05-13 08:00Z', '2026-05-20 08:00Z', 'void', 500, 'new')::pg_temp.lead);
SELECT results_eq(
	$$SELECT key, issue, problem, counted, fault, count(*) FROM data_issue GROUP BY 1, 2, 3, 4, 5 ORDER BY issue$$,
	$$VALUES ('1001', 'duplicate_opportunity_id', 'opportunity_id 1001 is there 3 times', true, true, 2::bigint), ('1001', 'void', 'outcome is void', false, false, 1)$$,
	'an id that is there more than once');
SELECT results_eq(
	$$SELECT (pg_temp.sums())[4] - sums[4], (SELECT sum(calls) FROM weekly_now) - calls FROM once$$,
	'VALUES (1.0, 0.0)',
	'each of its rows is counted, its activities once');
DELETE FROM activity;
SELECT pg_temp.uprooted();

-- Reps
INSERT INTO rep VALUES
	(NULL, 'Nobody', 'North', 'all', NULL, NULL),
	(2, 'Bo', 'South', 'all', '2026-05-05', NULL),
	(4, '', NULL, '', '2026-05-01', '2026-04-01'),
	(5, NULL, '', NULL, NULL, NULL);
INSERT INTO opportunity
SELECT 2000 + n, CASE WHEN n <= 8 THEN 4 ELSE 2 END, '2026-04-06 08:00Z'::timestamptz + n * interval '1 day', '2026-04-08 08:00Z'::timestamptz + n * interval '1 day',
	'2026-04-15 08:00Z'::timestamptz + n * interval '1 day', '2026-05-06 08:00Z'::timestamptz + n * interval '1 day',
	CASE WHEN n % 3 = 0 THEN 'won' ELSE 'lost' END, 1000 + n, 'new', 'basic'
FROM generate_series(1, 30) AS n;
SELECT results_eq(
	$$SELECT key, rep_id, issue, problem, counted, fault FROM data_issue WHERE relation = 'rep' ORDER BY key, issue, problem$$,
	$$VALUES
		('', NULL, 'rep_without_id', 'rep_id is NULL', false, true),
		('2', '2', 'rep_twice', 'rep_id 2 is there 2 times; this row is of team ''North'' and peer group ''all''', true, true),
		('2', '2', 'rep_twice', 'rep_id 2 is there 2 times; this row is of team ''South'' and peer group ''all''', false, true),
		('4', '4', 'hired_after_left', 'hired_on 2026-05-01 is after left_on 2026-04-01', true, true),
		('4', '4', 'rep_without_name', 'rep_name is ''''', true, true),
		('4', '4', 'rep_without_peer_group', 'peer_group is ''''', true, true),
		('4', '4', 'rep_without_team', 'team is NULL', true, true),
		('5', '5', 'rep_without_name', 'rep_name is NULL', true, true),
		('5', '5', 'rep_without_peer_group', 'peer_group is NULL', true, true),
		('5', '5', 'rep_without_team', 'team is ''''', true, true)$$,
	'reps');
SELECT results_eq(
	'SELECT rep_id, rep_name, team, peer_group, hired_on, left_on FROM roster ORDER BY rep_id',
	$$VALUES (1, 'Ada', 'North', 'all', NULL::date, NULL::date), (2, 'Bo', 'North', 'all', '2026-05-05', NULL), (3, 'Cy', 'South', 'all', '2020-01-01', '2026-05-01'),
		(4, '4', '', '', NULL, NULL), (5, '5', '', '', NULL, NULL)$$,
	'as the mart takes them');
SELECT lives_ok($$SELECT refresh_mart_now('dirt')$$, 'they do not stop the refresh');
SELECT results_eq(
	$$SELECT level, subject, n, peers_near, peers_n FROM measure WHERE kpi = 'closing_ratio' ORDER BY level, subject$$,
	$$VALUES ('rep', '1', 0::bigint, true, 22::bigint), ('rep', '2', 22, false, 8), ('rep', '3', 0, true, 22), ('rep', '4', 8, false, 22), ('rep', '5', 0, false, 30),
		('team', 'North', 22, false, 0), ('team', 'South', 0, true, 22)$$,
	'one who is there twice counts once, one without a team in none, one without peers is compared with all');
SELECT set_eq(
	$$SELECT issue FROM data_issue WHERE relation = 'rep'$$, $$SELECT issue FROM mart_issue() WHERE relation = 'rep'$$, 'every issue of reps is among them');
DELETE FROM rep WHERE rep_id IS NULL OR rep_id > 3 OR (rep_id, team) = (2, 'South');
DELETE FROM opportunity WHERE opportunity_id > 2000;
SELECT refresh_mart_now('dirt');

-- Goals
INSERT INTO goal VALUES
	(1, '2026-01-01', '2026-12-31', 12000), (1, '2026-04-01', '2026-06-30', 3000), (1, '2026-06-01', '2026-06-30', 1000),	-- nested: nothing the matter
	(1, '2026-06-29', '2026-08-02', 100),
	(2, '2026-04-01', '2026-06-30', 4000), (2, '2026-04-01', '2026-06-30', 3000), (2, '2026-01-01', '2026-06-30', -6000), (2, '2026-06-03', '2026-06-26', NULL),
	(3, '2026-04-06', '2026-04-05', 1), (3, NULL, '2026-04-05', 1), (3, '2026-01-01', 'infinity', 1), (3, '2026-07-01', '2026-07-31', 'NaN'),
	(3, '2026-06-03', '2026-06-30', 5), (3, '2026-06-01', '2026-06-26', 6),
	(9, '2026-07-01', '2026-07-31', 1), (NULL, '2026-07-01', '2026-07-31', 1);
SELECT results_eq(
	$$SELECT key, rep_id, issue, problem, counted, fault FROM data_issue WHERE relation = 'goal' ORDER BY rep_id, key COLLATE "C", issue COLLATE "C"$$,
	$$VALUES
		('1 2026-04-01 2026-06-30', '1', 'goals_partly_overlapping', 'it shares days with another goal, and neither holds the other: 2026-06-29 to 2026-08-02', true, true),
		('1 2026-06-01 2026-06-30', '1', 'goals_partly_overlapping', 'it shares days with another goal, and neither holds the other: 2026-06-29 to 2026-08-02', true, true),
		('1 2026-06-29 2026-08-02', '1', 'goals_partly_overlapping', 'it shares days with another goal, and neither holds the other: 2026-04-01 to 2026-06-30', true, true),
		('2 2026-01-01 2026-06-30', '2', 'negative_goal', 'revenue is -6000', true, true),
		('2 2026-04-01 2026-06-30', '2', 'goals_of_equal_length', 'it shares days with a goal of equal length: 2026-04-01 to 2026-06-30', true, true),
		('2 2026-04-01 2026-06-30', '2', 'goals_of_equal_length', 'it shares days with a goal of equal length: 2026-04-01 to 2026-06-30', true, true),
		('2 2026-06-03 2026-06-26', '2', 'goal_without_revenue', 'starts_on is 2026-06-03, ends_on 2026-06-26, revenue NULL', false, true),
		('3 2026-01-01 infinity', '3', 'goal_out_of_range', 'starts_on is 2026-01-01, ends_on infinity, revenue 1', false, true),
		('3 2026-04-05', '3', 'goal_without_days', 'starts_on is NULL, ends_on 2026-04-05, revenue 1', false, true),
		('3 2026-04-06 2026-04-05', '3', 'goal_without_days', 'starts_on is 2026-04-06, ends_on 2026-04-05, revenue 1', false, true),
		('3 2026-06-01 2026-06-26', '3', 'goal_off_edges', 'it begins on a Monday and ends on a Friday, not both at the edge of a week or month', true, false),
		('3 2026-06-01 2026-06-26', '3', 'goals_partly_overlapping', 'it shares days with another goal, and neither holds the other: 2026-06-03 to 2026-06-30', true, true),
		('3 2026-06-03 2026-06-30', '3', 'goal_off_edges', 'it begins on a Wednesday and ends on a Tuesday, not both at the edge of a week or month', true, false),
		('3 2026-06-03 2026-06-30', '3', 'goals_partly_overlapping', 'it shares days with another goal, and neither holds the other: 2026-06-01 to 2026-06-26', true, true),
		('3 2026-07-01 2026-07-31', '3', 'goal_out_of_range', 'starts_on is 2026-07-01, ends_on 2026-07-31, revenue NaN', false, true),
		('9 2026-07-01 2026-07-31', '9', 'goal_of_unknown_rep', 'rep_id 9 is not in rep', false, true),
		('2026-07-01 2026-07-31', NULL, 'goal_of_unknown_rep', 'rep_id NULL is not in rep', false, true)$$,
	'goals');
SELECT results_eq(
	'SELECT rep_id, starts_on, goal_revenue FROM current_goal ORDER BY rep_id',
	$$VALUES (1, '2026-06-01'::date, 1000::numeric), (2, '2026-04-01', 3000), (3, '2026-06-01', 6)$$,
	'the shortest that is usable is taken, and of equal ones the smallest');
SELECT set_eq(
	$$SELECT issue FROM data_issue WHERE relation = 'goal'$$, $$SELECT issue FROM mart_issue() WHERE relation = 'goal'$$, 'every issue of goals is among them');

-- Activities: without fault, and with
INSERT INTO activity VALUES (1, 'call', '2026-06-01 08:00Z', 2), (1, 'call', '2026-06-01 08:00Z', NULL);
CREATE TEMPORARY TABLE before AS TABLE weekly_now;
INSERT INTO activity VALUES
	(NULL, 'call', '2026-06-01 08:00Z', NULL), (9, 'call', '2026-06-01 08:00Z', 2), (1, 'email', '2026-06-08 08:00Z', 2), (1, NULL, '2026-06-01 08:00Z', NULL),
	(1, 'call', NULL, NULL), (1, 'booked', '-infinity', NULL), (1, 'appointment', '2026-06-24 10:01Z', 2), (1, 'conversation', '2026-06-01 08:00Z', 1001);
SELECT results_eq(
	$$SELECT key, rep_id, issue, problem, counted, fault FROM data_issue WHERE relation = 'activity' ORDER BY issue COLLATE "C", key COLLATE "C"$$,
	$$VALUES
		('appointment 2026-06-24 12:01 2', '1', 'activity_after_as_of', 'happened_at 2026-06-24 12:01 is after 2026-06-24 12:00', false, false),
		('conversation 2026-06-01 10:00 1001', '1', 'activity_of_unknown_opportunity', 'opportunity_id 1001 is not in opportunity', true, true),
		('call 2026-06-01 10:00', NULL, 'activity_of_unknown_rep', 'rep_id NULL is not in rep', false, true),
		('call 2026-06-01 10:00 2', '9', 'activity_of_unknown_rep', 'rep_id 9 is not in rep', false, true),
		('booked -infinity', '1', 'activity_without_time', 'happened_at is -infinity', false, true),
		('call', '1', 'activity_without_time', 'happened_at is NULL', false, true),
		('2026-06-01 10:00', '1', 'unknown_activity_kind', 'kind is NULL: neither call, conversation, booked nor appointment', false, true),
		('email 2026-06-08 10:00 2', '1', 'unknown_activity_kind', 'kind is ''email'': neither call, conversation, booked nor appointment', false, true)$$,
	'activities');
SELECT results_eq(
	$$SELECT rep_id, offering, week, calls, conversations, booked, appointments FROM (TABLE weekly_now EXCEPT TABLE before) AS w$$,
	$$VALUES (1, '', '2026-06-01'::date, 1::bigint, 1::bigint, 0::bigint, 0::bigint)$$,
	'of them only that of an unknown opportunity is counted, without an offering');
SELECT set_eq(
	$$SELECT issue FROM data_issue WHERE relation = 'activity'$$, $$SELECT issue FROM mart_issue() WHERE relation = 'activity'$$, 'every issue of activities is among them');
SELECT is_empty('SELECT * FROM data_issue WHERE num_nulls(relation, key, issue, problem, treatment, counted, fault) > 0', 'nothing is left unsaid');

-- Columns that a CRM may lack, types that it may have, and a name that is no fun
CREATE SCHEMA "100% ""dirt""";
CREATE VIEW "100% ""dirt""".opportunity AS
SELECT opportunity_id::text, rep_id::text, created_at, appointment_at, proposal_at, closed_at, outcome, amount::double precision FROM dirt.opportunity;
CREATE VIEW "100% ""dirt""".rep AS SELECT rep_id::text, rep_name, team, peer_group FROM dirt.rep;
SELECT create_mart('100% "dirt"', options => '{"as_of": "2026-06-24 00:00Z"}');
SELECT refresh_mart_now('100% "dirt"');
INSERT INTO opportunity VALUES
	(5001, 1, '2026-06-01', NULL, NULL, '2026-05-01', 'lost', 'NaN', 'renewal', NULL), (5002, NULL, '2026-06-01', NULL, NULL, NULL, 'open', NULL, NULL, NULL);
SELECT results_eq(
	$$SELECT key, issue, problem FROM "100% ""dirt""".data_issue ORDER BY key, issue$$,
	$$VALUES ('5001', 'amount_out_of_range', 'amount is NaN'), ('5001', 'closed_before_created', 'closed_at 2026-05-01 00:00 is before created_at 2026-06-01 00:00'),
		('5002', 'no_owner', 'rep_id is NULL')$$,
	'without the columns that may be left out');

-- The generated CRM with more dirt in it
\set crm `sed '/^BEGIN;$/d; /^COMMIT;$/d; /^-- Activities:/,/;$/d' demo/crm.sql`
:crm
SET LOCAL TimeZone = 'UTC';
SET LOCAL search_path = dirt, kpi, public;
CREATE SCHEMA planted;
CREATE TABLE planted.opportunity AS
SELECT nullif(opportunity_id, 1000) AS opportunity_id,
	CASE WHEN opportunity_id % 211 = 0 THEN NULL WHEN opportunity_id % 223 = 0 THEN 99 ELSE rep_id END AS rep_id,
	CASE WHEN opportunity_id % 227 = 0 THEN NULL WHEN opportunity_id % 229 = 0 THEN 'infinity' ELSE created_at END AS created_at,
	CASE WHEN opportunity_id % 227 = 0 THEN '-infinity' WHEN opportunity_id % 233 = 0 THEN '2031-01-01' ELSE appointment_at END AS appointment_at,
	CASE WHEN opportunity_id % 227 <> 0 THEN proposal_at END AS proposal_at,
	CASE WHEN opportunity_id % 227 = 0 OR opportunity_id % 239 = 0 THEN NULL WHEN opportunity_id % 241 = 0 THEN '2031-01-01' ELSE closed_at END AS closed_at,
	CASE WHEN opportunity_id % 251 = 0 THEN 'void' WHEN opportunity_id % 257 = 0 THEN upper(outcome) ELSE outcome END AS outcome,
	CASE WHEN opportunity_id % 263 = 0 THEN -amount WHEN opportunity_id % 269 = 0 THEN 0 WHEN opportunity_id % 271 = 0 THEN 'NaN' ELSE amount END AS amount,
	CASE WHEN opportunity_id % 277 = 0 THEN 'renewal' END AS kind
FROM crm.opportunity
UNION ALL
SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount, 'new'
FROM crm.opportunity
WHERE opportunity_id % 281 = 0;
CREATE VIEW planted.rep AS SELECT rep_id, name AS rep_name, team, peer_group, hired_on, left_on FROM crm.rep;
SELECT create_mart('planted', options => '{"time_zone": "Europe/Oslo", "as_of": "2026-06-24 12:00+02"}');
CREATE SCHEMA plain;
CREATE VIEW plain.opportunity AS TABLE crm.opportunity;
CREATE VIEW plain.rep AS TABLE planted.rep;
SELECT create_mart('plain', options => '{"time_zone": "Europe/Oslo", "as_of": "2026-06-24 12:00+02"}');
SELECT refresh_mart_now('planted'), refresh_mart_now('plain');

-- Each row is in fact and makes a figure (or is of the pipeline), or it is listed, once, as one that is not counted
CREATE FUNCTION pg_temp.counts(mart name) RETURNS TABLE (listed bigint, counts_out bigint, astray bigint)
	LANGUAGE plpgsql
AS $$
BEGIN
	RETURN QUERY EXECUTE format('
		WITH one AS (
			SELECT coalesce(opportunity_id::text, '''') AS key, row_number() OVER () AS number, created_at <= refreshed_as_of AND isfinite(created_at) AS is_open,
				created_at, appointment_at, proposal_at, closed_at, won, amount, time_zone, refreshed_as_of, gateways
			FROM %1$I.fact, %1$I.config
		),
		made AS (
			SELECT key, bool_or(is_open) OR EXISTS (
					SELECT FROM weeks(weekly_agg(created_at, appointment_at, proposal_at, closed_at, won, amount, time_zone, refreshed_as_of, gateways))) AS is_used
			FROM one GROUP BY key, number, time_zone, refreshed_as_of, gateways
		),
		counts AS (
			SELECT key, sum(n_in) AS n_in, sum(n_used) AS n_used, sum(n_listed) AS n_listed
			FROM (
				SELECT coalesce(opportunity_id::text, '''') AS key, 1 AS n_in, 0 AS n_used, 0 AS n_listed FROM %1$I.opportunity
				UNION ALL SELECT key, 0, 1, 0 FROM made WHERE is_used
				UNION ALL SELECT key, 0, 0, 1 FROM %1$I.data_issue WHERE relation = ''opportunity'' AND NOT counted
			) AS c
			GROUP BY key
		)
		SELECT sum(n_listed)::bigint, sum(n_used + n_listed)::bigint, count(*) FILTER (WHERE n_in <> n_used + n_listed) FROM counts', mart);
END
$$;
SELECT results_eq(
	$$SELECT c.* FROM pg_temp.counts('plain') AS c$$, 'SELECT 0::bigint, count(*), 0::bigint FROM plain.opportunity',
	'counts in are counts used: the generated CRM');
SELECT results_eq(
	$$SELECT listed > 300, counts_out, astray FROM pg_temp.counts('planted')$$, 'SELECT true, count(*), 0::bigint FROM planted.opportunity',
	'counts in are counts used and counts listed: with dirt planted in it');

-- quality says the same as data_issue
SET LOCAL search_path = planted, kpi, public;
SELECT results_eq(
	'SELECT rep_id::text, opportunities, clean_opportunities, not_counted FROM quality ORDER BY 1',
	$$WITH fault AS (
		SELECT rep_id, key, bool_or(fault) AS fault, bool_and(counted) AS counted, bool_or(issue IN ('void', 'kind_not_counted', 'after_as_of')) AS outside
		FROM data_issue
		WHERE relation = 'opportunity'
		GROUP BY rep_id, key
	)
	SELECT o.rep_id::text, count(*) FILTER (WHERE outside IS NOT TRUE), count(*) FILTER (WHERE outside IS NOT TRUE AND fault IS NOT TRUE),
		count(*) FILTER (WHERE NOT counted)
	FROM opportunity AS o LEFT JOIN fault AS f ON f.rep_id = o.rep_id::text AND f.key = coalesce(opportunity_id::text, '')
	WHERE o.rep_id IN (SELECT rep_id FROM rep)
	GROUP BY o.rep_id ORDER BY 1$$,
	'opportunities, and those without a fault');
SELECT results_eq(
	$$SELECT rep_id::text, clean_share, no_created_at, unknown_outcome, open_with_closed_at, won_without_closed_at, lost_without_closed_at, closed_before_created,
			created_after_milestone, milestones_out_of_order, won_without_amount, won_with_zero_amount, negative_amount, duplicate_opportunity_id, open_after_left
		FROM quality ORDER BY 1$$,
	$$SELECT r.rep_id::text, (clean_opportunities::numeric / opportunities)::numeric(12,6),
			count(*) FILTER (WHERE issue = 'no_created_at'), count(*) FILTER (WHERE issue = 'unknown_outcome'), count(*) FILTER (WHERE issue = 'open_with_closed_at'),
			count(*) FILTER (WHERE issue = 'won_without_closed_at'), count(*) FILTER (WHERE issue = 'lost_without_closed_at'),
			count(*) FILTER (WHERE issue = 'closed_before_created'), count(*) FILTER (WHERE issue = 'created_after_milestone'),
			count(*) FILTER (WHERE issue = 'milestones_out_of_order'), count(*) FILTER (WHERE issue = 'won_without_amount'),
			count(*) FILTER (WHERE issue = 'won_with_zero_amount'), count(*) FILTER (WHERE issue = 'negative_amount'),
			count(*) FILTER (WHERE issue = 'duplicate_opportunity_id'), count(*) FILTER (WHERE issue = 'open_after_left')
		FROM roster AS r JOIN quality USING (rep_id) LEFT JOIN data_issue AS d ON d.rep_id = r.rep_id::text AND d.relation = 'opportunity'
		GROUP BY r.rep_id, clean_opportunities, opportunities ORDER BY 1$$,
	'how often each is found');
SELECT results_eq(
	'SELECT rep_id, opportunities, clean_opportunities, clean_share FROM scorecard ORDER BY rep_id',
	'SELECT rep_id, opportunities, clean_opportunities, clean_share FROM quality ORDER BY rep_id',
	'the scorecard shows it');

-- A replay of the past: what was not known then makes no fault
CREATE SCHEMA masked;
CREATE VIEW masked.opportunity AS
SELECT opportunity_id, rep_id, CASE WHEN created_at <= t THEN created_at END AS created_at, CASE WHEN appointment_at <= t THEN appointment_at END AS appointment_at,
	CASE WHEN proposal_at <= t THEN proposal_at END AS proposal_at, CASE WHEN closed_at <= t THEN closed_at END AS closed_at,
	CASE WHEN closed_at > t AND outcome IN ('won', 'lost') THEN 'open' ELSE outcome END AS outcome, amount, kind
FROM planted.opportunity, (VALUES ('2025-11-05 12:00Z'::timestamptz)) AS a(t)
WHERE (SELECT bool_or(time <= t) IS NOT FALSE FROM (VALUES (created_at), (appointment_at), (proposal_at), (closed_at)) AS v(time) WHERE isfinite(time));
CREATE VIEW masked.rep AS TABLE planted.rep;
SELECT create_mart('masked', options => '{"time_zone": "Europe/Oslo", "as_of": "2025-11-05 12:00Z"}');
UPDATE planted.config SET as_of = '2025-11-05 12:00Z';
SELECT refresh_mart_now('planted'), refresh_mart_now('masked');
SELECT results_eq(
	'SELECT rep_id, opportunities, clean_opportunities FROM planted.quality ORDER BY rep_id',
	'SELECT rep_id, opportunities, clean_opportunities FROM masked.quality ORDER BY rep_id',
	'the clean share of the past');

SELECT * FROM finish();
ROLLBACK;
