\set ECHO none
\i test/setup.sql
\i test/crm.sql
SELECT plan(84);

-- By hand. A mart of three reps whose stored relations are filled in here: a has the cases, b and c are the peers.

CREATE SCHEMA hand;
CREATE TABLE hand.rep AS
SELECT * FROM (VALUES ('a', 'Anna', 'North', 'field'), ('b', 'Bo', 'South', 'field'), ('c', 'Carl', 'South', 'field')) AS r(rep_id, rep_name, team, peer_group);
CREATE TABLE hand.opportunity (
	opportunity_id integer, rep_id text, created_at timestamptz, appointment_at timestamptz, proposal_at timestamptz, closed_at timestamptz, outcome text, amount numeric
);
DO $$BEGIN
	PERFORM create_mart('hand', options => '{"as_of": "2026-03-04 12:00Z"}');
	PERFORM refresh_mart_now('hand');
END$$;

CREATE FUNCTION pg_temp.hold(subject text, kpi text, rate rate, sales sales, cycle cycle, past_rate rate, past_sales sales, past_cycle cycle,
	before_rate rate DEFAULT NULL, earlier_rate rate DEFAULT NULL, level text DEFAULT 'rep') RETURNS void
	LANGUAGE sql
BEGIN ATOMIC
	INSERT INTO hand.measure (level, subject, kpi, n, peers_near, rate, sales, cycle)
	VALUES (level, subject, kpi, coalesce(decided(rate), sales_count(sales), won(cycle)), true, rate, sales, cycle);
	INSERT INTO hand.past (level, subject, kpi, rate, sales, cycle, before_rate, earlier_rate)
	VALUES (level, subject, kpi, past_rate, past_sales, past_cycle, before_rate, earlier_rate);
END;
CREATE FUNCTION pg_temp.sales(VARIADIC amounts numeric[]) RETURNS sales
	LANGUAGE sql
	RETURN (SELECT sales_agg(amount) FROM unnest(amounts) AS amount);
CREATE FUNCTION pg_temp.won(VARIADIC days integer[]) RETURNS cycle
	LANGUAGE sql
	RETURN (SELECT cycle_agg(day, true) FROM unnest(days) AS day);

DELETE FROM hand.measure;
DELETE FROM hand.past;
SELECT pg_temp.hold('a', 'closing_ratio', '20/40', NULL, NULL, '120/160', NULL, NULL),
	pg_temp.hold('b', 'closing_ratio', '40/50', NULL, NULL, '10/40', NULL, NULL),
	pg_temp.hold('c', 'closing_ratio', '30/40', NULL, NULL, '0/0', NULL, NULL),
	pg_temp.hold('a', 'average_revenue', NULL, pg_temp.sales(100, 200, 300), NULL, NULL, pg_temp.sales(250, 250, 200, 300), NULL),
	pg_temp.hold('b', 'average_revenue', NULL, pg_temp.sales(400, 500), NULL, NULL, pg_temp.sales(-1, 1), NULL),
	pg_temp.hold('c', 'average_revenue', NULL, pg_temp.sales(450), NULL, NULL, 'n=0 total=0 squares=0', NULL),
	pg_temp.hold('a', 'sales_cycle', NULL, NULL, pg_temp.won(40, 60, 61), NULL, NULL, pg_temp.won(20, 30, 40)),
	-- thirteen left open, so that fewer than half are followed: the mean of the days of the won takes the place of the median
	pg_temp.hold('b', 'sales_cycle', NULL, NULL, pg_temp.won(10, 20) OPERATOR(kpi.+) (SELECT cycle_agg(5, NULL) FROM generate_series(1, 13)), NULL, NULL, pg_temp.won(20, 40, 60, 80)),
	pg_temp.hold('c', 'sales_cycle', NULL, NULL, 'empty', NULL, NULL, pg_temp.won(5)),
	pg_temp.hold('a', 'win_ratio', NULL, NULL, (SELECT cycle_agg(10, n = 1) FROM generate_series(1, 4) AS n), NULL, NULL, (SELECT cycle_agg(10, n <= 2) FROM generate_series(1, 4) AS n)),
	pg_temp.hold('b', 'win_ratio', NULL, NULL, (SELECT cycle_agg(10, n <= 3) FROM generate_series(1, 4) AS n), NULL, NULL, 'empty'),
	pg_temp.hold('c', 'win_ratio', NULL, NULL, 'empty', NULL, NULL, (SELECT cycle_agg(5, NULL) FROM generate_series(1, 13)))
\g /dev/null
SELECT results_eq(
	format($$SELECT round(value, 4), round(reference, 4), round("drop", 4) FROM hand.signal_test_now WHERE (kind, subject, kpi, against) = ('tactical', %L, %L, %L)$$, subject, kpi, against),
	format('VALUES (%s::numeric, %s::numeric, %s::numeric)', coalesce(value::text, 'NULL'), coalesce(reference::text, 'NULL'), coalesce(drop::text, 'NULL')),
	name)
FROM (VALUES
	('a ratio against the peers, pooled', 'a', 'closing_ratio', 'peers', 0.5, 0.7778, -0.3571),
	('against the own past', 'a', 'closing_ratio', 'past', 0.5, 0.75, -0.3333),
	('a rise is a drop above 0', 'b', 'closing_ratio', 'past', 0.8, 0.25, 2.2),
	('nothing decided in the past', 'c', 'closing_ratio', 'past', 0.75, NULL, NULL),
	('the average sale against the peers', 'a', 'average_revenue', 'peers', 200, 450, -0.5556),
	('against the own past', 'a', 'average_revenue', 'past', 200, 250, -0.2),
	('against a past that earned nothing', 'b', 'average_revenue', 'past', 450, 0, NULL),
	('against a past without a sale', 'c', 'average_revenue', 'past', 450, NULL, NULL),
	('a longer cycle is a drop: medians', 'a', 'sales_cycle', 'past', 60, 30, -1),
	('where either was not followed: means', 'b', 'sales_cycle', 'past', 15, 50, 0.7),
	('against the peers, where they were not followed: means', 'a', 'sales_cycle', 'peers', 53.6667, 15, -2.5778),
	('nothing won', 'c', 'sales_cycle', 'past', NULL, 5, NULL),
	('the win ratio against the own past', 'a', 'win_ratio', 'past', 0.25, 0.5, -0.5),
	('against the peers', 'a', 'win_ratio', 'peers', 0.25, 0.75, -0.6667),
	('against a past without opportunities', 'b', 'win_ratio', 'past', 0.75, NULL, NULL),
	('nothing ended', 'c', 'win_ratio', 'past', NULL, NULL, NULL)
) AS c(name, subject, kpi, against, value, reference, drop);
SELECT is_empty(
	$$SELECT * FROM hand.signal_test_now WHERE (p IS NULL) <> (q IS NULL) OR p IS NOT NULL AND "drop" IS NULL$$,
	'there is no p without a drop, and no q without a p');
SELECT is((SELECT p FROM hand.signal_test_now WHERE (subject, kpi, against) = ('a', 'closing_ratio', 'peers')),
	p_value(rate '20/40', rate '70/90', 'less')::numeric(12,6), 'p is of less than the peers alone');
SELECT is((SELECT p FROM hand.signal_test_now WHERE (subject, kpi, against) = ('a', 'sales_cycle', 'past')),
	p_value(pg_temp.won(40, 60, 61), pg_temp.won(20, 30, 40), 'greater')::numeric(12,6), 'of a longer cycle for the cycle');
SELECT is((SELECT p FROM hand.signal_test_now WHERE (subject, kpi, against) = ('a', 'win_ratio', 'peers')),
	p_value(rate '1/4', rate '3/4', 'less')::numeric(12,6), 'of the won among the won and lost for the win ratio');

-- The average sale must be low by Welch's test and by the spread of the reference
SELECT is(mart_p_value_of_drop(own, reference)::numeric(9,6), expected, name)
FROM (VALUES
	('by Welch''s test', pg_temp.sales(1, 200, 399), pg_temp.sales(299, 300, 301, 300), p_value(pg_temp.sales(1, 200, 399), pg_temp.sales(299, 300, 301, 300), 'less')::numeric(9,6)),
	-- ln(200 / 300) * 300 / (158.1139 * sqrt(1/3 + 1/5)) is -1.05344
	('by the spread of the reference', pg_temp.sales(199, 200, 201), pg_temp.sales(100, 200, 300, 400, 500), 0.146072),
	('of an average below 0', pg_temp.sales(-101, -100, -99), pg_temp.sales(100, 300), p_value(pg_temp.sales(-101, -100, -99), pg_temp.sales(100, 300), 'less')::numeric(9,6)),
	('of a reference without a spread, Welch''s', pg_temp.sales(1, 2, 3), pg_temp.sales(4, 4), p_value(pg_temp.sales(1, 2, 3), pg_temp.sales(4, 4), 'less')::numeric(9,6)),
	('of one sale, none', pg_temp.sales(1), pg_temp.sales(4, 5, 6), NULL)
) AS c(name, own, reference, expected);

-- Entering and leaving: the data stay, the limits move. The signal is a's closing ratio against the peers, drop -0.357.

CREATE FUNCTION pg_temp.step(at date, setting text) RETURNS void
	LANGUAGE plpgsql
AS $$BEGIN
	EXECUTE format('UPDATE hand.config SET refreshed_as_of = %L::date + time ''12:00'', %s', at, setting);
	PERFORM refresh_relation('hand', 'period'), refresh_relation('hand', 'signal_test'), refresh_relation('hand', 'signal_state');
END$$;
SELECT q AS q0 FROM hand.signal_test_now WHERE (subject, kpi, against) = ('a', 'closing_ratio', 'peers') \gset
CREATE TEMP TABLE step AS SELECT * FROM (VALUES
	(1, 'in, with q under q_limit', '2026-03-04'::date, format('q_limit = %s * 1.5', :q0), '2026-03-04'::date),
	(2, 'with q between q_limit and twice that it stays, and since with it', '2026-03-11', format('q_limit = %s * 0.6', :q0), '2026-03-04'),
	(3, 'refreshed again, the same', '2026-03-11', 'q_limit = q_limit', '2026-03-04'),
	(4, 'with q above twice q_limit it is left', '2026-03-18', format('q_limit = %s * 0.4', :q0), NULL),
	(5, 'and not entered again between the limits', '2026-03-25', format('q_limit = %s * 0.6', :q0), NULL),
	(6, 'in again, since then', '2026-04-01', format('q_limit = %s * 1.5', :q0), '2026-04-01'),
	(7, 'with a drop between half of min_effect and min_effect it stays', '2026-04-08', 'min_effect = 0.5', '2026-04-01'),
	(8, 'with a drop under half of min_effect it is left', '2026-04-15', 'min_effect = 0.8', NULL),
	(9, 'and not entered again between them', '2026-04-22', 'min_effect = 0.5', NULL),
	(10, 'under min_decisions none is entered', '2026-04-29', 'min_effect = 0.1, min_decisions = 41', NULL),
	(11, 'with min_decisions one is', '2026-05-06', 'min_decisions = 40', '2026-05-06'),
	(12, 'and it stays under them', '2026-05-13', 'min_decisions = 41', '2026-05-06'),
	-- memory is not played back, and not lost either
	(13, 'at an earlier as_of what came later is not seen', '2026-02-04', 'min_decisions = 40, q_limit = 0.0000001', NULL),
	(14, 'raised there, it is since that day', '2026-02-11', format('q_limit = %s * 1.5', :q0), '2026-02-11'),
	(15, 'and back again it is since when it was', '2026-05-13', 'q_limit = q_limit', '2026-05-06')
) AS s(n, name, at, setting, since);
CREATE TEMP TABLE seen (n integer, since date);
DO $$
DECLARE
	s record;
BEGIN
	FOR s IN SELECT * FROM step ORDER BY n LOOP
		PERFORM pg_temp.step(s.at, s.setting);
		INSERT INTO seen SELECT s.n, (SELECT since FROM hand.signal WHERE (subject, kpi, against) = ('a', 'closing_ratio', 'peers'));
	END LOOP;
END$$;
SELECT is(seen.since, step.since, name) FROM step LEFT JOIN seen USING (n) ORDER BY n;
SELECT is(count(*)::integer, 1, 'of the days since, one is left') FROM hand.signal_state WHERE (subject, kpi, against) = ('a', 'closing_ratio', 'peers');

-- A gateway that is not recorded is judged neither way
SELECT is((SELECT enters FROM hand.signal_test WHERE (subject, kpi, against) = ('a', 'closing_ratio', 'peers')), true, 'recorded, it would enter');
UPDATE hand.measure SET recorded = 0.89 WHERE (subject, kpi) = ('a', 'closing_ratio');
SELECT is((SELECT enters FROM hand.signal_test_now WHERE (subject, kpi, against) = ('a', 'closing_ratio', 'peers')), false, 'recorded for 89 %, it would not');
UPDATE hand.measure SET recorded = 0.9 WHERE (subject, kpi) = ('a', 'closing_ratio');
SELECT is((SELECT enters FROM hand.signal_test_now WHERE (subject, kpi, against) = ('a', 'closing_ratio', 'peers')), true, 'for 90 %, it would');

-- Interventions: reps against a large peer whose ratios are 0.7, and others against one whose ratios are 0.4

DELETE FROM hand.measure;
DELETE FROM hand.past;
CREATE TEMP TABLE failing AS SELECT * FROM (VALUES
	('peer 1', 'field', '7000/10000', '7000/10000', '28000/40000', '7000/10000', '7000/10000', '28000/40000', NULL),
	('peer 2', 'low', '4000/10000', '4000/10000', '16000/40000', '4000/10000', '4000/10000', '16000/40000', NULL),
	('peer 3', 'easy', '7000/10000', '7000/10000', '28000/40000', '7000/10000', '7000/10000', '28000/40000', NULL),
	('both gateways, twice', 'field', '40/100', '40/100', '160/400', '40/100', '40/100', '160/400', 'closing_ratio proposal_ratio'),
	('one gateway', 'field', '40/100', '40/100', '160/400', '80/100', '80/100', '320/400', NULL),
	('one of them in this window alone', 'field', '40/100', '40/100', '160/400', '40/100', '66/100', '240/400', NULL),
	('both, not under the floor', 'field', '65/100', '65/100', '360/400', '65/100', '65/100', '360/400', NULL),
	('both under the floor, as the peers', 'low', '40/100', '40/100', '160/400', '40/100', '40/100', '160/400', NULL),
	('as the peers, but below the own past', 'low', '40/100', '40/100', '320/400', '40/100', '40/100', '320/400', 'closing_ratio proposal_ratio'),
	('below the own past but for luck', 'low', '40/100', '40/100', '168/400', '40/100', '40/100', '168/400', NULL),
	('too few before', 'field', '40/100', '0/9', '160/400', '40/100', '0/9', '160/400', NULL),
	('above the floor of the own peer group', 'easy', '40/100', '40/100', '160/400', '40/100', '40/100', '160/400', NULL)
) AS f(name, peer_group, proposal, proposal_before, proposal_earlier, closing, closing_before, closing_earlier, expected);
DELETE FROM hand.rep WHERE rep_id NOT IN ('a', 'b', 'c');
INSERT INTO hand.rep SELECT name, name, '', peer_group FROM failing;
INSERT INTO hand.playbook (kpi, comparison, floor, peer_group, locale, place, advice) VALUES
	('closing_ratio', 'value', 0.35, 'easy', 'en', 1, 'of easy'), ('closing_ratio', 'value', 0.9, 'easy', 'nb', 1, 'in another language'),
	('proposal_ratio', 'value', 0.2, '', 'en', 9, 'another advice, at a lower floor');
SELECT pg_temp.hold(name, kpi, rate, NULL, NULL, before OPERATOR(kpi.+) earlier, NULL, NULL, before, earlier)
FROM failing, LATERAL (VALUES
	('proposal_ratio', proposal::rate, proposal_before::rate, proposal_earlier::rate),
	('closing_ratio', closing::rate, closing_before::rate, closing_earlier::rate)
) AS k(kpi, rate, before, earlier) \g /dev/null
-- a team is held against the other teams
SELECT pg_temp.hold(team, kpi, '40/100', NULL, NULL, '200/500', NULL, NULL, '40/100', '160/400', 'team'),
	pg_temp.hold(team || ' peer', kpi, '700/1000', NULL, NULL, '3500/5000', NULL, NULL, '700/1000', '2800/4000', 'team')
FROM unnest(ARRAY['proposal_ratio', 'closing_ratio']) AS kpi, unnest(ARRAY['North']) AS team \g /dev/null
SELECT pg_temp.step('2026-06-03', 'q_limit = 0.1, min_effect = 0.1, min_decisions = 10') \g /dev/null
SELECT is((SELECT string_agg(kpi, ' ' ORDER BY kpi) FROM hand.signal WHERE kind = 'intervention' AND subject = name), expected, name)
FROM failing
WHERE name !~ 'peer \d';
SELECT results_eq(
	$$SELECT rep_id, rep_name, team, kpi, value, reference, "drop", n FROM hand.signal WHERE kind = 'intervention' AND level = 'team' ORDER BY kpi$$,
	$$VALUES (NULL::text, NULL::text, 'North', 'closing_ratio', 0.4::numeric(18,6), 0.65::numeric(18,6), -0.384615::numeric(12,6), 100::bigint), (NULL, NULL, 'North', 'proposal_ratio', 0.4, 0.65, -0.384615, 100)$$,
	'a team, too; value and drop are of the window against the floor');
SELECT ok(enters, 'a gateway that fails alone is told in signal_test') FROM hand.signal_test WHERE (subject, kpi, against) = ('one gateway', 'proposal_ratio', 'floor');
SELECT is(p, least(p_value(rate '80/200', rate '8160/20400', 'less'), p_value(rate '80/200', rate '160/400', 'less'))::numeric(12,6), 'p is of both periods together, against the stronger reference')
FROM (SELECT p FROM hand.signal_test WHERE (subject, kpi, against) = ('both under the floor, as the peers', 'closing_ratio', 'floor')) AS t;
UPDATE hand.config SET locale = 'nb';
SELECT is(reference, 0.9, 'what the playbook says in the language of the mart goes first') FROM hand.signal_test_now WHERE (subject, kpi, against) = ('above the floor of the own peer group', 'closing_ratio', 'floor');
DELETE FROM hand.playbook WHERE locale = 'nb';
SELECT set_eq('SELECT level, subject, kpi, reference FROM hand.signal_test_now WHERE kind = ''intervention''', 'SELECT level, subject, kpi, reference FROM hand.signal_test WHERE kind = ''intervention''',
	'but a floor that it has not in that language holds all the same');
SELECT is(meaning, 'Lukkeandel 40 %, under gulvet på 65 % for andre periode på rad, og det er også et steg til. Å trene ett steg er ikke nok: grip inn.', 'the meaning in Norwegian')
FROM hand.signal WHERE (subject, kpi, kind) = ('North', 'closing_ratio', 'intervention');
UPDATE hand.config SET locale = 'en';
SELECT is(meaning, 'Closing ratio 40 %, under the floor of 65 % for the second period running, and so is another gateway. Training one step is not enough: step in.', 'and in English')
FROM hand.signal WHERE (subject, kpi, kind) = ('North', 'closing_ratio', 'intervention');

-- it stays while both are under the floor and below the reference, and not when one is not
UPDATE hand.measure SET rate = '64/100' WHERE (subject, kpi) = ('both gateways, twice', 'closing_ratio');
UPDATE hand.past SET before_rate = '44/100' WHERE (subject, kpi) = ('both gateways, twice', 'closing_ratio');
SELECT pg_temp.step('2026-06-10', 'q_limit = q_limit') \g /dev/null
SELECT is(array_agg(since), '{2026-06-03,2026-06-03}', 'under the floor it stays') FROM hand.signal WHERE kind = 'intervention' AND subject = 'both gateways, twice';
UPDATE hand.measure SET rate = '65/100' WHERE (subject, kpi) = ('both gateways, twice', 'closing_ratio');
SELECT pg_temp.step('2026-06-17', 'q_limit = q_limit') \g /dev/null
SELECT is_empty($$SELECT * FROM hand.signal WHERE kind = 'intervention' AND subject = 'both gateways, twice'$$, 'when one gateway has left it, neither is a signal');

-- The barometer: 10 a week are required; 8 of 40 are under half beyond luck (at most 15.8), 12 are not (at most 21.0)

INSERT INTO hand.required_weekly (rep_id, week, required)
SELECT rep_id, monday - 7 * n, 10 FROM hand.period, unnest(ARRAY['a', 'b', 'c', 'peer 1']) AS rep_id, generate_series(1, 8) AS n WHERE rep_id <> 'peer 1' OR n <> 2;
INSERT INTO hand.rep_week (rep_id, week, month, new_opportunities)
SELECT rep_id, monday - 7 * n, date_trunc('month', monday - 7 * n), done
FROM hand.period, (VALUES ('a', 2, 2), ('b', 2, 5), ('c', 3, 3), ('peer 1', 0, 0)) AS r(rep_id, now, before), generate_series(1, 8) AS n,
	LATERAL (SELECT CASE WHEN n <= 4 THEN now ELSE before END) AS d(done);
SELECT pg_temp.step('2026-06-17', 'q_limit = q_limit') \g /dev/null
SELECT results_eq(
	$$SELECT level, subject, value, n, "drop", enters, stays FROM hand.signal_test WHERE kpi = 'barometer' ORDER BY level, subject$$,
	$$VALUES ('rep', 'a', 0.2::numeric(18,6), 8::bigint, -0.6::numeric(12,6), true, true), ('rep', 'b', 0.2, 8, -0.6, false, true), ('rep', 'c', 0.3, 12, -0.4, false, true),
		('team', 'North', 0.2, 8, -0.6, true, true), ('team', 'South', 0.25, 20, -0.5, false, true)$$,
	'under half in both: a and its team; a week without a goal: no barometer');
SELECT results_eq($$SELECT subject, meaning FROM hand.signal WHERE kpi = 'barometer' ORDER BY level, subject$$,
	$$SELECT subject, 'Activity barometer 20 %: less than half of the new opportunities that the goal takes, in these four weeks and in the four before. Step in.' FROM (VALUES ('a'), ('North')) AS s(subject)$$,
	'which are the signals, and what they mean');
UPDATE hand.rep_week SET new_opportunities = CASE week WHEN monday - 7 THEN 4 ELSE 5 END FROM hand.period WHERE rep_id = 'a' AND week >= monday - 28;
SELECT pg_temp.step('2026-06-18', 'q_limit = q_limit') \g /dev/null
SELECT is(since, '2026-06-17', 'at 19 of 20 it stays') FROM hand.signal WHERE (subject, kpi) = ('a', 'barometer');
UPDATE hand.rep_week SET new_opportunities = 5 FROM hand.period WHERE rep_id = 'a' AND week >= monday - 28;
SELECT pg_temp.step('2026-06-19', 'q_limit = q_limit') \g /dev/null
SELECT is_empty($$SELECT * FROM hand.signal WHERE (subject, kpi) = ('a', 'barometer')$$, 'at half it is left');

-- The generated CRM, against a definition of the same in plain SQL

CREATE SCHEMA sales;
CREATE TABLE sales.opportunity AS SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount FROM crm.opportunity;
CREATE VIEW sales.rep AS SELECT rep_id, name AS rep_name, team, peer_group, hired_on, left_on FROM crm.rep;
CREATE VIEW sales.goal AS SELECT rep_id, starts_on, ends_on, revenue FROM crm.goal;
DO $$BEGIN
	PERFORM create_mart('sales', options => '{"time_zone": "Europe/Oslo", "as_of": "2026-06-24 12:00+02"}');
	PERFORM refresh_mart_now('sales');
END$$;

CREATE TEMP TABLE known AS
SELECT rep_id, team, peer_group, outcome = 'won' AND closed IS NOT NULL AS won, outcome = 'lost' AND closed IS NOT NULL AS lost, amount, created, appointment, proposal, closed
FROM crm.opportunity JOIN crm.rep USING (rep_id),
	LATERAL (SELECT
		(CASE WHEN created_at <= '2026-06-24 12:00+02' THEN created_at END AT TIME ZONE 'Europe/Oslo')::date,
		(CASE WHEN appointment_at <= '2026-06-24 12:00+02' THEN appointment_at END AT TIME ZONE 'Europe/Oslo')::date,
		(CASE WHEN proposal_at <= '2026-06-24 12:00+02' THEN proposal_at END AT TIME ZONE 'Europe/Oslo')::date,
		(CASE WHEN closed_at <= '2026-06-24 12:00+02' THEN closed_at END AT TIME ZONE 'Europe/Oslo')::date
	) AS d(created, appointment, proposal, closed);
-- the window is the 13 weeks before 22 June, the past the 52 weeks before these
CREATE TEMP TABLE decision AS
SELECT d.*, decided < '2026-03-23' AS is_past
FROM (
	SELECT rep_id, team, peer_group, 'appointment_ratio' AS kpi, coalesce(appointment, least(proposal, CASE WHEN won THEN closed END)) AS decided, true AS passed, NULL::numeric AS amount FROM known
	UNION ALL SELECT rep_id, team, peer_group, 'appointment_ratio', closed, false, NULL FROM known WHERE lost AND appointment IS NULL AND proposal IS NULL
	UNION ALL SELECT rep_id, team, peer_group, 'proposal_ratio', coalesce(proposal, CASE WHEN won THEN closed END), true, NULL FROM known
	UNION ALL SELECT rep_id, team, peer_group, 'proposal_ratio', closed, false, NULL FROM known WHERE lost AND appointment IS NOT NULL AND proposal IS NULL
	UNION ALL SELECT rep_id, team, peer_group, 'closing_ratio', closed, won, NULL FROM known WHERE won OR lost AND proposal IS NOT NULL
	UNION ALL SELECT rep_id, team, peer_group, 'average_revenue', closed, NULL, amount FROM known WHERE won AND amount IS NOT NULL
) AS d
WHERE decided >= date '2026-03-23' - 364 AND decided < '2026-06-22';
-- which of them belong to what is compared, and on which side
CREATE TEMP TABLE subject AS
SELECT 'rep' AS level, rep_id::text AS subject, 'tactical' AS kind, rep_id, team, peer_group FROM crm.rep
UNION ALL
SELECT DISTINCT 'team', team, 'strategic', NULL::integer, team, NULL FROM crm.team;
CREATE FUNCTION pg_temp.side(s subject, against text, rep_id integer, team text, peer_group text, is_past boolean) RETURNS text
	LANGUAGE sql IMMUTABLE
	RETURN CASE
		WHEN s.rep_id IS NULL AND s.team = team OR s.rep_id = rep_id THEN CASE WHEN NOT is_past THEN 'own' WHEN against = 'past' THEN 'reference' END
		WHEN s.rep_id <> rep_id AND s.peer_group = peer_group AND NOT is_past AND against = 'peers' THEN 'reference'
	END;
CREATE TEMP TABLE ratio_or_sale AS
SELECT level, subject, kind, against, kpi,
	count(*) FILTER (WHERE side = 'own') AS n,
	avg(coalesce(amount, passed::integer)) FILTER (WHERE side = 'own') AS value,
	avg(coalesce(amount, passed::integer)) FILTER (WHERE side = 'reference') AS reference,
	CASE kpi WHEN 'average_revenue' THEN mart_p_value_of_drop(sales_agg(amount) FILTER (WHERE side = 'own'), sales_agg(amount) FILTER (WHERE side = 'reference'))
		ELSE p_value(rate_agg(passed) FILTER (WHERE side = 'own'), rate_agg(passed) FILTER (WHERE side = 'reference'), 'less')
	END AS p
FROM subject AS s, unnest(ARRAY['peers', 'past']) AS against, decision AS d, LATERAL (SELECT pg_temp.side(s, against, d.rep_id, d.team, d.peer_group, is_past)) AS x(side)
WHERE side IS NOT NULL AND (level = 'rep' OR against = 'past')
GROUP BY level, subject, kind, against, kpi;
-- the life tables are kpi's own, of the deals themselves
CREATE TEMP TABLE life AS
SELECT level, subject, kind, against, kpi,
	cycle_agg(started, closed, CASE WHEN won OR lost THEN won END, CASE WHEN is_past THEN date '2026-03-23' - 364 ELSE '2026-03-23' END,
		CASE WHEN is_past THEN date '2026-03-23' ELSE '2026-06-22' END) FILTER (WHERE side = 'own') AS own,
	cycle_agg(started, closed, CASE WHEN won OR lost THEN won END, CASE WHEN is_past THEN date '2026-03-23' - 364 ELSE '2026-03-23' END,
		CASE WHEN is_past THEN date '2026-03-23' ELSE '2026-06-22' END) FILTER (WHERE side = 'reference') AS reference,
	array_agg(closed - started) FILTER (WHERE side = 'own' AND is_seen) AS own_days, array_agg(closed - started) FILTER (WHERE side = 'reference' AND is_seen) AS reference_days
FROM subject AS s, unnest(ARRAY['peers', 'past']) AS against, known AS k, unnest(ARRAY[false, true]) AS is_past,
	LATERAL (VALUES ('sales_cycle', created), ('win_ratio', appointment)) AS l(kpi, started),
	LATERAL (SELECT pg_temp.side(s, against, k.rep_id, k.team, k.peer_group, is_past),
		won AND closed >= started AND closed >= CASE WHEN is_past THEN date '2026-03-23' - 364 ELSE '2026-03-23' END
			AND closed < CASE WHEN is_past THEN date '2026-03-23' ELSE '2026-06-22' END) AS x(side, is_seen)
WHERE side IS NOT NULL AND (level = 'rep' OR against = 'past')
GROUP BY level, subject, kind, against, kpi;
CREATE TEMP TABLE expected AS
SELECT t.*, CASE kpi WHEN 'sales_cycle' THEN (reference - value) / nullif(reference, 0) ELSE (value - reference) / nullif(reference, 0) END AS drop
FROM (
	SELECT level, subject, kind, against, kpi, n, value, reference, p FROM ratio_or_sale
	UNION ALL
	SELECT level, subject, kind, against, kpi, coalesce(cardinality(own_days), 0),
		CASE WHEN median IS NOT NULL AND reference_median IS NOT NULL THEN median ELSE (SELECT avg(d) FROM unnest(own_days) AS d) END,
		CASE WHEN median IS NOT NULL AND reference_median IS NOT NULL THEN reference_median ELSE (SELECT avg(d) FROM unnest(reference_days) AS d) END,
		p_value(own, reference, 'greater')
	FROM life, LATERAL (SELECT median_days(own, 365), median_days(reference, 365)) AS m(median, reference_median)
	WHERE kpi = 'sales_cycle'
	UNION ALL
	SELECT level, subject, kind, against, kpi, won(own) + lost(own), win_probability(own, 365), win_probability(reference, 365),
		p_value(rate(won(own), won(own) + lost(own)), rate(won(reference), won(reference) + lost(reference)), 'less')
	FROM life
	WHERE kpi = 'win_ratio'
) AS t;
SELECT is((SELECT count(*)::integer FROM sales.signal_test WHERE kind <> 'intervention'), 25 * 6 * 2 + 5 * 6, 'every rep and KPI twice, every team and KPI once');
SELECT is_empty(
	$$SELECT * FROM sales.signal_test AS t LEFT JOIN expected AS e USING (level, subject, kind, against, kpi)
		WHERE t.kind <> 'intervention' AND e.p IS NOT NULL AND (
			t.n IS DISTINCT FROM e.n OR abs(t.value - e.value) > 0.00001 OR abs(t.reference - e.reference) > 0.00001 OR abs(t."drop" - e."drop") > 0.00001
			OR num_nulls(t.value, e.value) = 1 OR num_nulls(t.reference, e.reference) = 1 OR num_nulls(t."drop", e."drop") = 1)$$,
	'n, value, reference and drop');
SELECT is_empty(
	$$SELECT * FROM sales.signal_test AS t LEFT JOIN expected AS e USING (level, subject, kind, against, kpi)
		WHERE t.kind <> 'intervention' AND t.p IS DISTINCT FROM (CASE WHEN e."drop" IS NOT NULL THEN e.p END)::numeric(12,6)$$,
	'p, one-sided');
SELECT is((SELECT count(*)::integer FROM sales.signal_test WHERE kpi = 'sales_cycle' AND value = round(value) AND reference = round(reference)) BETWEEN 3 AND 50, true,
	'some cycles are medians, most are means');
SELECT is_empty(
	$$SELECT * FROM sales.signal_test AS t LEFT JOIN (
			SELECT level, subject, kind, against, kpi, least(1, min(p * m / rank) OVER (PARTITION BY kind ORDER BY rank DESC)) AS q
			FROM (
				SELECT e.*, rank() OVER (PARTITION BY kind ORDER BY p) + count(*) OVER (PARTITION BY kind, p) - 1 AS rank, count(*) OVER (PARTITION BY kind) AS m
				FROM expected AS e WHERE p IS NOT NULL AND "drop" IS NOT NULL
			) AS r
		) AS e USING (level, subject, kind, against, kpi)
		WHERE t.kind <> 'intervention' AND t.q IS DISTINCT FROM e.q::numeric(12,6)$$,
	'q, over all p of a kind');
SELECT set_eq(
	$$SELECT level, subject, kpi, kind, against, value, reference, "drop", n, p, q, since FROM sales.signal WHERE kind <> 'intervention'$$,
	$$SELECT t.level, t.subject, t.kpi, t.kind, t.against, t.value, t.reference, t."drop", t.n, t.p, t.q, date '2026-06-24'
		FROM sales.signal_test AS t LEFT JOIN sales.measure AS m USING (level, subject, kpi)
		WHERE t.kind <> 'intervention' AND t.q < 0.1 AND t."drop" <= -0.1 AND t.n >= 10 AND (m.recorded >= 0.9 OR m.recorded IS NULL)$$,
	'the signals are those with q under 0.10 and a drop of 0.10 or more');
SELECT set_eq(
	$$SELECT rep_id, kpi FROM sales.signal WHERE kind = 'tactical' AND against = 'peers'$$,
	$$VALUES (4, 'average_revenue'), (7, 'proposal_ratio'), (13, 'appointment_ratio'), (22, 'sales_cycle'), (23, 'proposal_ratio'), (23, 'closing_ratio')$$,
	'which are, but for a slow one, reps whose figures the generator lowered');

-- A replay: what came after the moment makes no difference. Memory apart, as_of and the masked times give the same.
UPDATE sales.config SET as_of = '2026-06-03 12:00+02';
SELECT refresh_mart_now('sales') \g /dev/null
CREATE TEMP TABLE replayed AS TABLE sales.signal_test;
CREATE TEMP TABLE replayed_signal AS TABLE sales.signal;
UPDATE sales.opportunity SET
	created_at = CASE WHEN created_at <= as_of THEN created_at END, appointment_at = CASE WHEN appointment_at <= as_of THEN appointment_at END,
	proposal_at = CASE WHEN proposal_at <= as_of THEN proposal_at END, closed_at = CASE WHEN closed_at <= as_of THEN closed_at END
FROM sales.config;
SELECT refresh_mart_now('sales') \g /dev/null
SELECT set_eq('TABLE sales.signal_test', 'TABLE replayed', 'the tests of a replay, with what came later and without');
SELECT set_eq('TABLE sales.signal', 'TABLE replayed_signal', 'and its signals');
SELECT set_eq($$SELECT rep_id, kpi, since FROM sales.signal WHERE kind = 'intervention'$$, $$VALUES (23, 'closing_ratio', '2026-06-03'::date), (23, 'proposal_ratio', '2026-06-03')$$,
	'an intervention: both gateways of one rep, under the floor and below the peers for the second period');
SELECT is((SELECT count(*)::integer FROM sales.signal WHERE since > '2026-06-03'), 0, 'none is seen that was raised later');
SELECT is((SELECT count(*)::integer FROM sales.signal_state WHERE since > '2026-06-03'), 6, 'but they are kept');

-- Equal reps: two companies of 25 for a year of Mondays. Their deals are drawn whole, two and a half years of them; the
-- mart's own templates see them week by week. What is added up by weeks is the same whenever it is added up, so it is
-- added up once.

CREATE SCHEMA equal;
CREATE TABLE equal.rep AS SELECT n AS rep_id, 'Rep ' || n AS rep_name, 'Team ' || (n - 1) / 5 AS team, 'all'::text AS peer_group FROM generate_series(1, 25) AS n;
CREATE TABLE equal.opportunity (
	opportunity_id bigint, rep_id integer, created_at timestamptz, appointment_at timestamptz, proposal_at timestamptz, closed_at timestamptz, outcome text, amount numeric
);
DO $$BEGIN
	PERFORM create_mart('equal', options => '{"as_of": "2026-06-24 12:00Z"}');
	PERFORM refresh_mart_now('equal');
END$$;
CREATE FUNCTION pg_temp.spread(sigma double precision) RETURNS double precision
	LANGUAGE sql VOLATILE
	RETURN exp(sigma * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()));
CREATE FUNCTION pg_temp.draw(seed double precision) RETURNS void
	LANGUAGE sql
BEGIN ATOMIC
	SELECT setseed(seed);
	DELETE FROM equal.opportunity;
	DELETE FROM equal.signal_state;
	INSERT INTO equal.opportunity
	SELECT row_number() OVER (), rep_id, created, CASE WHEN agreed THEN created + wait END, CASE WHEN agreed AND advanced THEN created + wait + next_wait END,
		created + wait + CASE WHEN agreed THEN next_wait + CASE WHEN advanced THEN last_wait ELSE interval '0' END ELSE interval '0' END,
		CASE WHEN agreed AND advanced AND bought THEN 'won' ELSE 'lost' END, round(amount::numeric)
	FROM (
		SELECT rep_id, timestamptz '2024-01-01' + random() * interval '905 days' AS created,
			random() < 0.75 AS agreed, random() < 0.73 AS advanced, random() < 0.70 AS bought,
			6 * pg_temp.spread(0.6) * interval '1 day' AS wait, 8 * pg_temp.spread(0.6) * interval '1 day' AS next_wait,
			15 * pg_temp.spread(0.6) * interval '1 day' AS last_wait, 24000 * pg_temp.spread(0.55) AS amount
		FROM equal.rep, generate_series(1, 650)
	) AS d;
END;
-- as refresh_mart does it, but for what nothing here reads
CREATE FUNCTION pg_temp.refresh(at timestamptz, VARIADIC relations text[] DEFAULT '{period,rep_window,curve,measure,past,signal_test}') RETURNS void
	LANGUAGE plpgsql
AS $$
DECLARE
	relation text;
BEGIN
	UPDATE equal.config SET refreshed_as_of = at;
	FOREACH relation IN ARRAY relations LOOP
		EXECUTE format('DELETE FROM equal.%1$I', relation);
		EXECUTE format('INSERT INTO equal.%1$I SELECT * FROM equal.%1$I_now', relation);
	END LOOP;
	PERFORM refresh_relation('equal', 'signal_state');
END$$;
CREATE TEMP TABLE raised (company integer, subject text, kind text, since date, q numeric);
DO $$BEGIN
	FOR company IN 1 .. 2 LOOP
		PERFORM pg_temp.draw(company / 1000.0);
		PERFORM pg_temp.refresh('2026-06-24 12:00Z', 'period', 'weekly', 'rep_week');
		FOR week IN REVERSE 51 .. 0 LOOP
			PERFORM pg_temp.refresh(timestamptz '2026-06-24 12:00Z' - week * interval '7 days');
			INSERT INTO raised SELECT company, subject, kind, since, q FROM equal.signal;
		END LOOP;
	END LOOP;
END$$;
SELECT cmp_ok(count(DISTINCT (company, subject))::integer, '<=', 5, 'of 50 rep-years of equal reps, 5 at most raise a tactical signal') FROM raised WHERE kind = 'tactical';
SELECT is(count(*)::integer, 0, 'and none an intervention') FROM raised WHERE kind = 'intervention';

-- What really fell, in the last half year: the closing ratio of rep 7, the average sale of rep 9, and the proposal ratio of
-- a whole team

DO $$BEGIN
	UPDATE equal.opportunity SET outcome = 'lost' WHERE rep_id = 7 AND outcome = 'won' AND closed_at >= '2025-12-29' AND opportunity_id % 2 = 0;
	UPDATE equal.opportunity SET amount = amount / 2 WHERE rep_id = 9 AND closed_at >= '2025-12-29';
	UPDATE equal.opportunity SET outcome = 'lost', closed_at = proposal_at, proposal_at = NULL
	WHERE rep_id BETWEEN 16 AND 20 AND proposal_at >= '2025-12-29' AND opportunity_id % 4 = 0;
	PERFORM pg_temp.refresh('2026-06-24 12:00Z', 'period', 'weekly', 'rep_week');
	FOR week IN REVERSE 24 .. 0 BY 4 LOOP
		PERFORM pg_temp.refresh(timestamptz '2026-06-24 12:00Z' - week * interval '7 days');
	END LOOP;
END$$;
SELECT is((SELECT string_agg(against, ' ' ORDER BY against) FROM equal.signal WHERE rep_id = 7 AND kpi = 'closing_ratio'), 'peers', 'a rep whose closing ratio fell');
SELECT is((SELECT string_agg(against, ' ' ORDER BY against) FROM equal.signal WHERE rep_id = 9 AND kpi = 'average_revenue'), 'past peers', 'one whose average sale fell');
SELECT is((SELECT string_agg(kind, ' ') FROM equal.signal WHERE team = 'Team 3' AND level = 'team' AND kpi = 'proposal_ratio'), 'strategic', 'a team whose proposal ratio fell');
SELECT is(min(since) > '2026-01-01' AND max(since) <= '2026-04-15', true, 'all within 15 weeks, and not before')
FROM equal.signal
WHERE (subject, kpi) IN (('7', 'closing_ratio'), ('9', 'average_revenue'), ('Team 3', 'proposal_ratio'));
SELECT * FROM finish();
ROLLBACK;
