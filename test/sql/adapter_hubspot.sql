\set ECHO none
SET default_transaction_isolation = 'repeatable read';
\i test/setup.sql
SELECT plan(36);

\set source 'Hub "Spot" 1'
\i test/adapter/hubspot.sql
SET LOCAL search_path = kpi, public;

-- All is done by a role that may read the CRM, and no more.
CREATE ROLE kpi_hubspot;
SELECT current_database() AS database \gset
GRANT CREATE ON DATABASE :"database" TO kpi_hubspot;
GRANT USAGE ON SCHEMA :"source" TO kpi_hubspot;
GRANT SELECT ON ALL TABLES IN SCHEMA :"source" TO kpi_hubspot;
CREATE TEMPORARY TABLE expected (opportunity_id bigint, rep_id bigint, created_at timestamptz, appointment_at timestamptz, proposal_at timestamptz,
	closed_at timestamptz, outcome text, amount numeric, lost_reason text, pipeline text, kind text, account_id bigint, updated_at timestamptz, currency text);
GRANT ALL ON expected TO kpi_hubspot;
SET ROLE kpi_hubspot;

-- Of what HubSpot has not converted 1 is in NOK, as it says, and 38 in euro.
SELECT throws_ok(format('SELECT create_mart(''sales'', ''hubspot'', %L)', :'source'), '22023', 'the opportunities are in several currencies: EUR (1), NOK (1)',
	'several currencies');
SELECT lives_ok(format($$SELECT create_mart('sales', 'hubspot', %L, '{"currency": "NOK", "as_of": "2026-04-01 12:00Z", "time_zone": "Europe/Oslo"}')$$, :'source'), 'made');

SELECT results_eq('SELECT * FROM sales.stage ORDER BY pipeline COLLATE "C", ordinal', $$VALUES
	('', '5550001', '5550001', NULL::integer, NULL),
	('7731', '9101', 'Partners: Blue', 0, NULL),
	('7731', '9102', 'Partners: First meeting', 1, 'appointment'),
	('7731', '9103', 'Partners: Quote sent', 2, 'proposal'),
	('7731', '9104', 'Partners: Signed', 3, 'won'),
	('7731', '9110', 'Partners: Invoiced', 4, 'won'),
	('7731', '9105', 'Partners: Dropped', 5, 'lost'),
	('7731', '9109', 'Partners: Not interested', 6, 'lost'),
	('7731', '9107', 'Partners: Won in principle', 7, NULL),
	('7731', '9106', 'Partners: Duplicate', 8, 'void'),
	('7731', '9108', 'Partners: Site visit done', 9, 'proposal'),
	('default', 'appointmentscheduled', 'Sales Pipeline: Appointment Scheduled', 0, 'none'),
	('default', 'qualifiedtobuy', 'Sales Pipeline: Qualified To Buy', 1, 'appointment'),
	('default', 'presentationscheduled', 'Sales Pipeline: Presentation Scheduled', 2, 'appointment'),
	('default', 'decisionmakerboughtin', 'Sales Pipeline: On hold', 3, 'none'),
	('default', 'contractsent', 'Sales Pipeline: Contract Sent', 4, 'proposal'),
	('default', 'closedwon', 'Sales Pipeline: Closed Won', 5, 'won'),
	('default', 'closedlost', 'Sales Pipeline: Closed Lost', 6, 'lost')$$, 'stages');

INSERT INTO expected
SELECT id, rep, coalesce(created::timestamptz, '2026-01-05 09:00Z'), appointment::timestamptz, proposal::timestamptz, closed::timestamptz, outcome, amount, lost_reason,
	CASE WHEN partners THEN 'Partners' ELSE 'Sales Pipeline' END, kind, account, updated::timestamptz, currency
FROM (
	VALUES
		(1, 11, NULL, '2026-01-12 09:00Z', '2026-01-20 09:00Z', '2026-02-02 10:00Z', 'won', 1001, NULL, false, 'new', 701, NULL, 'NOK'),
		(2, 11, NULL, '2026-01-12 09:00Z', '2026-01-22 09:00Z', '2026-02-10 10:00Z', 'lost', 1002, 'Price', false, NULL, 703, NULL, NULL),
		(3, 11, NULL, NULL, NULL, '2026-01-08 10:00Z', 'lost', NULL, NULL, false, NULL, NULL, NULL, NULL),
		(4, 11, NULL, '2026-01-14 09:00Z', NULL, NULL, 'open', 1004, NULL, false, NULL, NULL, NULL, NULL),
		(5, 11, NULL, '2026-01-14 09:00Z', '2026-01-21 09:00Z', NULL, 'open', 1005, NULL, false, NULL, NULL, NULL, NULL),
		(6, 11, NULL, '2026-01-05 09:00Z', NULL, NULL, 'open', 1006, NULL, false, NULL, NULL, NULL, NULL),
		(7, 12, NULL, NULL, NULL, '2026-02-07 12:00Z', 'won', 1007, NULL, false, NULL, NULL, '2026-03-01 08:00Z', NULL),
		(8, 12, NULL, NULL, NULL, '2026-02-08 10:00Z', 'won', 1008, NULL, false, NULL, NULL, NULL, NULL),
		(9, 12, NULL, '2026-02-09 10:00Z', '2026-02-09 10:00Z', '2026-02-09 10:00Z', 'won', 1009, NULL, false, NULL, NULL, NULL, NULL),
		(10, 12, NULL, NULL, '2026-01-20 09:00Z', '2026-03-05 10:00Z', 'won', 1010, NULL, false, NULL, NULL, NULL, NULL),
		(11, 12, NULL, '2026-02-20 10:00Z', NULL, NULL, 'open', 1011, NULL, false, NULL, NULL, NULL, NULL),
		(12, 12, NULL, NULL, NULL, '2026-03-12 10:00Z', 'won', 1012, NULL, false, NULL, NULL, NULL, NULL),
		(13, 12, NULL, NULL, '2026-01-13 09:00Z', NULL, 'open', 1013, NULL, false, NULL, NULL, NULL, NULL),
		(14, 12, NULL, '2026-01-14 09:00Z', '2026-02-14 09:00Z', NULL, 'open', 1014, NULL, true, NULL, NULL, NULL, NULL),
		(15, 13, NULL, '2026-01-15 09:00Z', '2026-01-25 09:00Z', '2026-02-15 10:00Z', 'won', 1015, NULL, true, NULL, NULL, NULL, NULL),
		(16, 13, NULL, '2026-01-16 09:00Z', NULL, '2026-02-16 10:00Z', 'lost', 1016, NULL, true, NULL, NULL, NULL, NULL),
		(17, 13, NULL, '2026-01-17 09:00Z', NULL, '2026-02-17 10:00Z', 'lost', 1017, NULL, true, NULL, NULL, NULL, NULL),
		(18, 13, NULL, NULL, NULL, NULL, 'void', 1018, NULL, true, NULL, NULL, NULL, NULL),
		(19, 13, NULL, NULL, NULL, '2026-02-19 10:00Z', 'void', 1019, NULL, false, NULL, NULL, NULL, NULL),
		(20, 13, NULL, NULL, NULL, '2026-02-20 10:00Z', 'void', 1020, NULL, false, NULL, NULL, NULL, NULL),
		(21, 13, NULL, NULL, NULL, '2026-02-21 10:00Z', 'void', 1022, NULL, false, NULL, NULL, NULL, NULL),
		(22, 13, NULL, NULL, NULL, '2026-02-22 10:00Z', 'won', 1022, NULL, false, NULL, NULL, NULL, NULL),
		(23, 13, NULL, NULL, '2026-01-23 09:00Z', NULL, 'void', 1022, NULL, false, NULL, NULL, NULL, NULL),
		(24, 13, NULL, NULL, '2026-01-24 09:00Z', NULL, 'void', 1022, NULL, false, NULL, NULL, NULL, NULL),
		(25, 14, NULL, NULL, '2026-01-25 09:00Z', '2026-02-25 10:00Z', 'won', 1025, NULL, true, NULL, NULL, NULL, NULL),
		(26, 14, NULL, NULL, NULL, '2026-02-26 10:00Z', 'lost', 1026, NULL, true, NULL, NULL, NULL, NULL),
		(27, 14, NULL, '2026-01-20 09:00Z', NULL, NULL, 'open', 1027, NULL, false, NULL, NULL, NULL, NULL),
		(28, 14, NULL, '2026-02-02 09:00Z', NULL, NULL, 'open', 1028, NULL, false, NULL, NULL, NULL, NULL),
		(29, 14, NULL, NULL, NULL, NULL, 'open', 1029, NULL, false, NULL, NULL, NULL, NULL),
		(30, 15, NULL, '2026-01-21 09:00Z', NULL, NULL, 'open', 1030, NULL, false, NULL, NULL, NULL, NULL),
		(31, 15, NULL, '2026-01-21 09:00Z', NULL, NULL, 'open', 1031, NULL, false, NULL, NULL, NULL, NULL),
		(32, 15, NULL, '2026-01-22 09:00Z', NULL, NULL, 'open', 1032, NULL, false, NULL, NULL, NULL, NULL),
		(33, 15, NULL, '2026-01-19 09:00Z', NULL, '2026-02-02 10:00Z', 'won', 1033, NULL, false, NULL, NULL, NULL, NULL),
		(34, 15, NULL, NULL, NULL, NULL, 'open', 1034, NULL, false, NULL, NULL, NULL, NULL),
		(35, 15, NULL, NULL, '2026-01-22 09:00Z', '2026-02-05 10:00Z', 'won', 1035, NULL, false, NULL, NULL, NULL, NULL),
		(36, 15, NULL, NULL, '2026-02-01 09:00Z', NULL, 'open', 1036, NULL, false, NULL, NULL, NULL, NULL),
		(37, 11, NULL, NULL, NULL, '2026-02-07 10:00Z', 'won', 1150, NULL, false, NULL, NULL, NULL, NULL),
		(38, 11, NULL, NULL, NULL, '2026-02-08 10:00Z', 'won', NULL, NULL, false, NULL, NULL, NULL, 'EUR'),
		(39, 11, '2025-10-01 09:00Z', NULL, NULL, '2025-11-15 10:00Z', 'won', 1039, NULL, false, NULL, NULL, NULL, NULL),
		(40, NULL, NULL, NULL, NULL, NULL, 'open', 1040, NULL, false, NULL, NULL, NULL, NULL),
		(41, 99, NULL, NULL, NULL, NULL, 'open', 1041, NULL, false, NULL, NULL, NULL, NULL),
		(42, 11, NULL, NULL, NULL, '2026-02-12 10:00Z', 'won', 1042, NULL, false, 'expansion', NULL, NULL, NULL),
		(43, 11, NULL, NULL, NULL, '2026-02-13 10:00Z', 'won', 1043, NULL, false, 'renewal', NULL, NULL, NULL),
		(44, 12, NULL, NULL, '2026-01-24 09:00Z', '2026-02-14 10:00Z', 'won', 1044, NULL, false, NULL, NULL, NULL, NULL),
		(45, 12, NULL, NULL, '2026-01-25 09:00Z', '2026-02-15 10:00Z', 'won', 1045, NULL, false, NULL, NULL, NULL, NULL),
		(46, 13, NULL, NULL, '2026-01-26 09:00Z', '2026-02-16 10:00Z', 'won', 1046, NULL, true, NULL, NULL, NULL, NULL),
		(47, 14, NULL, NULL, NULL, '2026-03-01 08:00Z', 'won', 1047, NULL, false, NULL, NULL, '2026-03-01 08:00Z', NULL),
		(48, 14, NULL, '2026-01-28 09:00Z', NULL, NULL, 'open', 1048, NULL, true, NULL, NULL, NULL, NULL)
	) AS e(id, rep, created, appointment, proposal, closed, outcome, amount, lost_reason, partners, kind, account, updated, currency);
SELECT results_eq('SELECT * FROM sales.opportunity ORDER BY opportunity_id', 'SELECT * FROM expected ORDER BY opportunity_id', 'opportunities');

SELECT results_eq('SELECT * FROM sales.rep ORDER BY rep_id', $$VALUES
	(11::bigint, 'Ada Moe', 'North', 'North'), (12, 'Bo Lie', 'South', 'South'), (13, 'cy@example.org', 'South', 'South'), (14, 'Di Vik', NULL, NULL),
	(15, 'Eva', 'North', 'North')$$, 'reps');

SELECT results_eq('SELECT rep_id, kind, happened_at, opportunity_id FROM sales.activity ORDER BY happened_at, rep_id, kind', $$VALUES
	(11::bigint, 'call', '2026-01-04 08:01Z'::timestamptz, 1::bigint), (11, 'conversation', '2026-01-04 08:01Z', 1),
	(11, 'call', '2026-01-04 08:02Z', 1), (11, 'conversation', '2026-01-04 08:02Z', 1),
	(11, 'call', '2026-01-04 08:03Z', NULL),
	(11, 'call', '2026-01-04 08:04Z', NULL), (11, 'conversation', '2026-01-04 08:04Z', NULL),
	(11, 'call', '2026-01-04 08:05Z', NULL),
	(11, 'conversation', '2026-01-04 08:07Z', NULL),
	(11, 'call', '2026-01-04 08:08Z', NULL),
	(14, 'booked', '2026-01-06 12:00Z', 27), (15, 'booked', '2026-01-06 12:00Z', 32),
	(14, 'booked', '2026-01-07 12:00Z', 28),
	(15, 'booked', '2026-01-08 12:00Z', 30),
	(11, 'booked', '2026-01-09 12:00Z', NULL),
	(14, 'booked', '2026-01-10 12:00Z', 29), (14, 'booked', '2026-01-10 12:00Z', 29), (14, 'booked', '2026-01-10 12:00Z', 29),
	(11, 'appointment', '2026-01-16 09:00Z', NULL),
	(14, 'appointment', '2026-01-20 09:00Z', 27),
	(15, 'appointment', '2026-01-21 09:00Z', 30),
	(14, 'booked', '2026-01-21 12:00Z', 27),
	(15, 'appointment', '2026-01-22 09:00Z', 32),
	(14, 'booked', '2026-01-28 12:00Z', 29),
	(14, 'appointment', '2026-02-02 09:00Z', 28),
	(14, 'appointment', '2026-02-03 09:00Z', 27),
	(15, 'appointment', '2026-02-23 09:00Z', 33), (15, 'booked', '2026-02-23 09:00Z', 33)$$, 'activities');

SELECT results_eq('SELECT * FROM sales.source_issue ORDER BY key::integer, issue', $$VALUES
	('opportunity', '9', '12', 'reopened', 'it was closed before, and reopened 2026-02-09 11:00'),
	('opportunity', '10', '12', 'reopened', 'it was closed before, and reopened 2026-02-10 11:00'),
	('opportunity', '11', '12', 'reopened', 'it was closed before, and reopened 2026-02-20 11:00'),
	('opportunity', '12', '12', 'reopened', 'it was closed before, and reopened 2026-03-12 11:00'),
	('opportunity', '28', '14', 'appointment_sources_differ', 'first meeting 2026-02-02 10:00, stage of the appointment entered 2026-01-19 10:00'),
	('opportunity', '35', '15', 'proposal_sources_differ', 'first quote 2026-01-22 10:00, stage of the proposal entered 2026-02-01 10:00'),
	('opportunity', '38', '11', 'other_currency', 'amount is in EUR, and there is no rate to NOK')$$, 'issues of the source');
SELECT is_empty($$SELECT c.oid::regclass, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
	WHERE c.relnamespace = 'sales'::regnamespace AND c.relkind = 'v' AND col_description(c.oid, a.attnum) IS NULL$$, 'columns have comments');
SELECT has_table('sales', 'goal', 'goals are not in HubSpot: a table to fill in');

-- The mart on it
SELECT lives_ok($$CALL refresh_mart('sales')$$, 'refreshed');
SELECT results_eq('SELECT rep_id, sales_count, revenue, closing_passed, closing_decided FROM sales.scorecard ORDER BY rep_id', $$VALUES
	(11::bigint, 3::bigint, 3193::numeric(18,2), 4::bigint, 5::bigint), (12, 7, 7135, 7, 7), (13, 3, 3083, 3, 3), (14, 2, 2072, 2, 2), (15, 2, 2068, 2, 2)$$, 'scorecard');
SELECT results_eq($$SELECT key FROM sales.data_issue WHERE issue = 'void' ORDER BY key::integer$$, $$VALUES ('18'), ('19'), ('20'), ('21'), ('23'), ('24')$$, 'void ones are listed');
SELECT results_eq($$SELECT key, issue FROM sales.data_issue WHERE relation = 'opportunity' AND issue NOT IN ('void', 'reopened') ORDER BY key::integer, issue$$, $$VALUES
	('28', 'appointment_sources_differ'), ('35', 'proposal_sources_differ'), ('38', 'other_currency'), ('38', 'won_without_amount'), ('40', 'no_owner'),
	('41', 'unknown_rep'), ('43', 'kind_not_counted')$$, 'and so are those with something the matter');
SELECT results_eq($$SELECT message FROM check_mart('sales') WHERE subject IN ('stage', 'opportunity.currency') ORDER BY subject$$, $$VALUES
	('amounts that no rate converts are taken as unknown: EUR (1)'),
	('stages without a milestone, which are taken as none: 5550001, 7731/Partners: Blue, 7731/Partners: Won in principle')$$, 'check_mart');

-- What the user says of stages
UPDATE sales.stage SET milestone = 'lost' WHERE stage = '9107';
UPDATE sales.stage SET milestone = 'proposal' WHERE stage = '5550001';
SELECT results_eq('SELECT outcome, closed_at, proposal_at FROM sales.opportunity WHERE opportunity_id IN (26, 48) ORDER BY opportunity_id', $$VALUES
	('lost', '2026-02-26 10:00Z'::timestamptz, '2026-01-26 09:00Z'::timestamptz), ('lost', '2026-02-18 10:00Z', NULL)$$, 'stages are mapped by hand');
CREATE TABLE sales.own_rate (currency text, rate numeric, from_date date);
INSERT INTO sales.own_rate VALUES ('EUR', 11, '2026-01-01'), ('EUR', 11.5, '2026-02-08'), ('EUR', 12, '2026-02-09'), ('USD', 10, '2026-01-01');
SELECT lives_ok($$SELECT create_mart('sales', options => '{"rate": "sales.own_rate"}')$$, 'again, with rates');
SELECT is((SELECT milestone FROM sales.stage WHERE stage = '9107'), 'lost', 'which stay');
SELECT results_eq('SELECT opportunity_id, amount, currency FROM sales.opportunity WHERE opportunity_id IN (1, 37, 38) ORDER BY 1',
	$$VALUES (1::bigint, 1001::numeric, 'NOK'), (37, 1150, NULL), (38, 2300, 'EUR')$$, 'by the day of closing');
SELECT is_empty($$SELECT FROM sales.source_issue WHERE issue = 'other_currency'$$, 'then nothing is left in another currency');
UPDATE sales.stage SET milestone = NULL WHERE stage IN ('9107', '5550001');

-- Keys find their rows by index
CREATE FUNCTION pg_temp.plan(query text) RETURNS SETOF text
	LANGUAGE plpgsql
AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END
$$;
SET LOCAL enable_seqscan = off;
SELECT is((SELECT array_agg(DISTINCT i.name COLLATE "C" ORDER BY i.name COLLATE "C")
		FROM pg_temp.plan('SELECT * FROM sales.opportunity WHERE opportunity_id = 27') AS line,
			LATERAL (SELECT (regexp_match(line, '(?:using|Scan on) (\w+_pkey)'))[1]) AS i(name)
		WHERE i.name IS NOT NULL),
	'{deal_company_pkey,deal_pipeline_pkey,deal_pkey,deal_property_history_pkey,deal_stage_pkey,engagement_deal_pkey,engagement_meeting_pkey,quote_deal_pkey,quote_pkey}',
	'an opportunity by its id');
SELECT is_empty($$SELECT line FROM pg_temp.plan('SELECT * FROM sales.opportunity WHERE opportunity_id = 27') AS line
	WHERE line ~ 'Seq Scan on (deal|engagement\w*|quote\w*)( |$)'$$, 'and nothing is read whole');
RESET enable_seqscan;
RESET ROLE;

-- Views, with the history of the property in place of deal_stage, which is empty
CREATE SCHEMA hub_views;
SELECT format('CREATE VIEW hub_views.%I AS SELECT * FROM %I.%I', relname, nspname, relname)
	|| CASE relname WHEN 'deal_stage' THEN ' WHERE false' ELSE '' END
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
WHERE nspname = :'source' AND relkind = 'r' \gexec
GRANT USAGE ON SCHEMA hub_views TO kpi_hubspot;
GRANT SELECT ON ALL TABLES IN SCHEMA hub_views TO kpi_hubspot;
SET ROLE kpi_hubspot;
SELECT lives_ok($$SELECT create_mart('by_views', 'hubspot', 'hub_views', '{"currency": "NOK"}')$$, 'views will do');
-- of 9 the milliseconds are known
SELECT results_eq($$SELECT opportunity_id, rep_id, created_at, date_trunc('second', appointment_at), date_trunc('second', proposal_at), date_trunc('second', closed_at),
		outcome, amount, lost_reason, pipeline, kind, account_id, updated_at, currency
	FROM by_views.opportunity ORDER BY opportunity_id$$, 'SELECT * FROM expected ORDER BY opportunity_id', 'the property''s history says the same');
SELECT results_eq('SELECT * FROM by_views.source_issue ORDER BY key::integer, issue', $$SELECT relation, key, rep_id, issue, replace(problem, '1:00', '0:00') FROM (VALUES
	('opportunity', '9', '12', 'reopened', 'it was closed before, and reopened 2026-02-09 10:00'),
	('opportunity', '10', '12', 'reopened', 'it was closed before, and reopened 2026-02-10 10:00'),
	('opportunity', '11', '12', 'reopened', 'it was closed before, and reopened 2026-02-20 10:00'),
	('opportunity', '12', '12', 'reopened', 'it was closed before, and reopened 2026-03-12 10:00'),
	('opportunity', '28', '14', 'appointment_sources_differ', 'first meeting 2026-02-02 09:00, stage of the appointment entered 2026-01-19 09:00'),
	('opportunity', '35', '15', 'proposal_sources_differ', 'first quote 2026-01-22 09:00, stage of the proposal entered 2026-02-01 09:00'),
	('opportunity', '38', '11', 'other_currency', 'amount is in EUR, and there is no rate to NOK')) AS v(relation, key, rep_id, issue, problem)$$, 'and so do its issues');
SELECT lives_ok($$CALL refresh_mart('by_views')$$, 'refreshed');
RESET ROLE;

-- The least there can be, in other types: no history, no meetings, no teams
CREATE SCHEMA hub_least;
SET LOCAL search_path = hub_least, public;
CREATE TABLE deal AS
SELECT deal_id::text, owner_id::integer, deal_pipeline_id::varchar, deal_pipeline_stage_id::varchar, property_createdate AT TIME ZONE 'UTC' AS property_createdate,
	property_closedate AT TIME ZONE 'UTC' AS property_closedate, property_amount::double precision
FROM :"source".deal;
CREATE TABLE deal_pipeline_stage AS SELECT stage_id, pipeline_id, label, probability FROM :"source".deal_pipeline_stage;
CREATE TABLE owner AS SELECT owner_id::text, email FROM :"source".owner;
SET LOCAL search_path = kpi, public;
GRANT USAGE ON SCHEMA hub_least TO kpi_hubspot;
GRANT SELECT ON ALL TABLES IN SCHEMA hub_least TO kpi_hubspot;
SET ROLE kpi_hubspot;
SELECT lives_ok($$SELECT create_mart('least_there_is', 'hubspot', 'hub_least')$$, 'three tables will do');
SELECT results_eq('SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount, pipeline FROM least_there_is.opportunity
		WHERE opportunity_id IN (1, 2, 4, 5, 7, 17) ORDER BY opportunity_id', $$VALUES
	(1::bigint, 11::bigint, '2026-01-05 09:00Z'::timestamptz, NULL::timestamptz, NULL::timestamptz, '2026-02-28 00:00Z'::timestamptz, 'won', 1001::numeric, 'default'),
	(2, 11, '2026-01-05 09:00Z', NULL, NULL, '2026-02-10 10:00Z', 'lost', 1002, 'default'),
	(4, 11, '2026-01-05 09:00Z', NULL, NULL, NULL, 'open', 1004, 'default'),
	(5, 11, '2026-01-05 09:00Z', NULL, NULL, NULL, 'open', 1005, 'default'),
	(7, 12, '2026-01-05 09:00Z', NULL, NULL, '2026-02-07 12:00Z', 'won', 1007, 'default'),
	(17, 13, '2026-01-05 09:00Z', NULL, NULL, '2026-02-17 10:00Z', 'lost', 1017, '7731')$$, 'then only the closing date is known');
SELECT is((SELECT array_agg(outcome || n ORDER BY outcome) FROM (SELECT outcome, count(*) AS n FROM least_there_is.opportunity GROUP BY 1) AS o), '{lost5,open19,void1,won23}', 'by probability');
SELECT results_eq('SELECT * FROM least_there_is.rep ORDER BY rep_id LIMIT 1', $$VALUES (11::bigint, 'ada@example.org', NULL::text, NULL::text)$$, 'reps by their address');
SELECT results_eq($$SELECT subject, message FROM check_mart('least_there_is') WHERE severity = 'info' AND subject IN ('hub_least.deal_stage', 'hub_least.team', 'hub_least.engagement_meeting') ORDER BY 1$$, $$VALUES
	('hub_least.deal_stage', 'adapter "hubspot" goes without: deal_stage: there is no such table'),
	('hub_least.engagement_meeting', 'adapter "hubspot" goes without: engagement_meeting: there is no such table'),
	('hub_least.team', 'adapter "hubspot" goes without: team: there is no such table')$$, 'what is not there is told');
SELECT lives_ok($$CALL refresh_mart('least_there_is')$$, 'refreshed');
SELECT lives_ok($$SELECT upgrade_mart('sales')$$, 'upgraded');
RESET ROLE;
DELETE FROM hub_least.deal_pipeline_stage WHERE pipeline_id = 'default';
SET ROLE kpi_hubspot;
SELECT results_eq($$SELECT stage, milestone FROM least_there_is.stage_found WHERE pipeline = '' ORDER BY stage COLLATE "C"$$, $$VALUES
	('appointmentscheduled', 'none'), ('closedlost', 'lost'), ('closedwon', 'won'), ('contractsent', 'proposal'), ('presentationscheduled', 'appointment'),
	('qualifiedtobuy', 'appointment')$$, 'of the first pipeline, once it is gone, the ids tell');
SELECT is((SELECT outcome FROM least_there_is.opportunity WHERE opportunity_id = 1), 'won', 'and its deals keep what stage says');
SELECT lives_ok($$SELECT drop_mart('least_there_is', keep_data => false)$$, 'dropped');
RESET ROLE;

-- Too little
DROP SCHEMA hub_views CASCADE;
ALTER TABLE hub_least.deal DROP COLUMN property_closedate;
ALTER TABLE hub_least.deal DROP COLUMN owner_id;
DROP TABLE hub_least.owner;
CREATE FUNCTION pg_temp.detail(query text) RETURNS text
	LANGUAGE plpgsql
AS $$
DECLARE
	detail text;
BEGIN
	EXECUTE query;
	RETURN NULL;
EXCEPTION WHEN invalid_schema_definition THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN detail;
END
$$;
SELECT is(pg_temp.detail($$SELECT create_mart('too_little', 'hubspot', 'hub_least')$$),
	'deal.owner_id: there is no such column: bigint
deal.property_closedate: there is no such column: timestamp with time zone
owner: there is no such table', 'all that is missing is told at once');

SELECT * FROM finish();
ROLLBACK;
