\set ECHO none
SET default_transaction_isolation = 'repeatable read';
\i test/setup.sql
SELECT plan(32);

\set source 'workspace_1 "W"'
\i test/adapter/twenty.sql
SET LOCAL search_path = kpi, public;

-- All is done by a role that may read the workspace, and no more.
CREATE ROLE kpi_twenty;
SELECT current_database() AS database \gset
GRANT CREATE ON DATABASE :"database" TO kpi_twenty;
GRANT USAGE ON SCHEMA :"source" TO kpi_twenty;
GRANT SELECT ON ALL TABLES IN SCHEMA :"source" TO kpi_twenty;
CREATE FUNCTION pg_temp.id(n integer) RETURNS uuid
	RETURN ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid;
CREATE TEMPORARY TABLE expected (opportunity_id uuid, rep_id uuid, created_at timestamptz, appointment_at timestamptz, proposal_at timestamptz,
	closed_at timestamptz, outcome text, amount numeric, account_id uuid, updated_at timestamptz, currency text);
GRANT ALL ON expected TO kpi_twenty;
SET ROLE kpi_twenty;

SELECT throws_ok(format('SELECT create_mart(''sales'', ''twenty'', %L)', :'source'), '22023', 'the opportunities are in several currencies: NOK (31), EUR (1)', 'several currencies');
SELECT lives_ok(format($$SELECT create_mart('sales', 'twenty', %L, '{"currency": "NOK", "as_of": "2026-04-01 12:00Z", "time_zone": "Europe/Oslo"}')$$, :'source'), 'made');

SELECT results_eq('SELECT * FROM sales.stage ORDER BY ordinal, stage COLLATE "C"', $$VALUES
	('', 'NEW', 'New', 0, 'none'), ('', 'SCREENING', 'Screening', 1, 'none'), ('', 'MEETING', 'Meeting', 2, 'appointment'), ('', 'PROPOSAL', 'Proposal', 3, 'proposal'),
	('', 'CUSTOMER', 'Customer', 4, 'won'), ('', 'ON_HOLD', 'On Hold', 5, 'none'), ('', 'LOST', 'Lost', 6, 'lost'),
	('', 'BLUE', 'Blue', NULL, NULL), ('', 'DEMO', 'Demo', NULL, 'proposal'), ('', 'GREEN', 'Green', NULL, NULL)$$, 'stages');

INSERT INTO expected
SELECT pg_temp.id(id), pg_temp.id(100 + rep), coalesce(created::timestamptz, '2026-01-05 09:00Z'), appointment::timestamptz, proposal::timestamptz, closed::timestamptz,
	outcome, amount, pg_temp.id(account), '2026-05-01 12:00Z', currency
FROM (
	VALUES
		(1, 1, NULL, '2026-01-12 09:00Z', '2026-01-20 09:00Z', '2026-02-02 10:00Z', 'won', 1001, 301, 'NOK'),
		(2, 2, NULL, '2026-01-12 09:00Z', '2026-01-22 09:00Z', '2026-02-10 10:00Z', 'lost', 1002, NULL, 'NOK'),
		(3, 1, NULL, NULL, NULL, '2026-01-08 10:00Z', 'lost', 1003, NULL, 'NOK'),
		(4, 1, NULL, '2026-01-14 09:00Z', NULL, NULL, 'open', 1004, NULL, 'NOK'),
		(5, 4, NULL, NULL, '2026-01-15 09:00Z', NULL, 'open', 1005, NULL, 'NOK'),
		(6, 1, NULL, '2026-01-05 09:00Z', NULL, NULL, 'open', 1006, NULL, 'NOK'),
		(7, 1, NULL, NULL, '2026-01-05 09:00Z', NULL, 'open', 1007, NULL, 'NOK'),
		(8, 1, NULL, NULL, NULL, '2025-12-12 00:00Z', 'won', 1008, NULL, 'NOK'),
		(9, 1, NULL, NULL, NULL, '2026-01-05 09:00Z', 'won', 1009, NULL, 'NOK'),
		(10, 1, NULL, '2026-01-05 09:00Z', '2026-01-20 09:00Z', NULL, 'open', 1010, NULL, 'NOK'),
		(11, 1, NULL, NULL, '2026-01-05 09:00Z', '2026-02-11 10:00Z', 'won', 1011, NULL, 'NOK'),
		(12, 1, NULL, '2026-01-16 09:00Z', '2026-01-16 09:00Z', NULL, 'open', 1012, NULL, 'NOK'),
		(13, 1, NULL, NULL, NULL, NULL, 'open', 1013, NULL, 'NOK'),
		(14, 2, NULL, NULL, '2026-01-18 09:00Z', '2026-03-05 10:00Z', 'won', 1014, NULL, 'NOK'),
		(15, 1, NULL, NULL, NULL, NULL, 'open', 1015, NULL, 'NOK'),
		(16, 1, NULL, NULL, NULL, '2026-03-12 10:00Z', 'won', 1016, NULL, 'NOK'),
		(17, 1, NULL, NULL, '2026-01-13 09:00Z', NULL, 'open', 1017, NULL, 'NOK'),
		(18, 1, NULL, NULL, '2026-01-19 09:00Z', NULL, 'open', 1018, NULL, 'NOK'),
		(19, 1, NULL, NULL, NULL, '2026-02-19 10:00Z', 'void', 1019, NULL, 'NOK'),
		(20, 2, NULL, NULL, NULL, NULL, 'open', 1020, NULL, 'NOK'),
		(21, NULL, NULL, NULL, NULL, NULL, 'open', 1021, NULL, 'NOK'),
		(22, 9, NULL, NULL, NULL, NULL, 'open', 1022, NULL, 'NOK'),
		(23, 1, NULL, NULL, NULL, '2026-02-23 10:00Z', 'won', NULL, NULL, NULL),
		(24, 1, NULL, NULL, NULL, '2026-02-24 10:00Z', 'won', 1024.99, NULL, NULL),
		(25, 1, NULL, NULL, NULL, '2026-02-25 10:00Z', 'won', NULL, NULL, 'EUR'),
		(26, 2, NULL, '2026-01-15 09:00Z', NULL, NULL, 'open', 1026, NULL, 'NOK'),
		(27, 1, NULL, '2026-02-02 09:00Z', NULL, NULL, 'open', 1027, NULL, 'NOK'),
		(28, 1, NULL, NULL, NULL, NULL, 'open', 1028, NULL, 'NOK'),
		(29, 1, NULL, '2026-01-19 09:00Z', NULL, '2026-02-02 10:00Z', 'won', 1029, NULL, 'NOK'),
		(30, 1, NULL, '2026-01-21 09:00Z', NULL, NULL, 'open', 1030, NULL, 'NOK'),
		(31, 1, '2026-01-06 09:00Z', '2026-01-21 09:00Z', NULL, NULL, 'open', 1031, NULL, 'NOK'),
		(32, 1, NULL, NULL, NULL, NULL, 'open', 1032, NULL, 'NOK'),
		(33, 1, NULL, NULL, NULL, NULL, 'open', 1033, NULL, 'NOK'),
		(34, 1, NULL, NULL, NULL, '2026-02-24 10:00Z', 'lost', 1034, NULL, 'NOK'),
		(35, 1, NULL, NULL, '2026-01-05 09:00Z', NULL, 'open', 1035, NULL, 'NOK')
	) AS e(id, rep, created, appointment, proposal, closed, outcome, amount, account, currency);
SELECT results_eq('SELECT * FROM sales.opportunity ORDER BY opportunity_id', 'SELECT * FROM expected ORDER BY opportunity_id', 'opportunities');

SELECT results_eq('SELECT * FROM sales.rep ORDER BY rep_id', $$VALUES
	(pg_temp.id(101), 'Ada Moe', 'all', 'all', NULL::date), (pg_temp.id(102), 'Bo', 'all', 'all', NULL), (pg_temp.id(103), 'cy@example.org', 'all', 'all', NULL),
	(pg_temp.id(104), 'Di Vik', 'all', 'all', '2026-04-01')$$, 'reps');

SELECT results_eq('SELECT rep_id, kind, happened_at, opportunity_id FROM sales.activity ORDER BY happened_at, rep_id', $$VALUES
	(pg_temp.id(101), 'call', '2026-01-06 09:00Z'::timestamptz, pg_temp.id(31)),
	(pg_temp.id(102), 'booked', '2026-01-07 09:00Z', pg_temp.id(26)),
	(pg_temp.id(101), 'call', '2026-01-07 10:00Z', NULL),
	(pg_temp.id(103), 'booked', '2026-01-08 09:00Z', pg_temp.id(31)),
	(pg_temp.id(102), 'call', '2026-01-08 10:00Z', NULL),
	(pg_temp.id(102), 'appointment', '2026-01-15 09:00Z', pg_temp.id(26)),
	(pg_temp.id(101), 'booked', '2026-01-20 09:00Z', pg_temp.id(27)),
	(pg_temp.id(103), 'appointment', '2026-01-21 09:00Z', pg_temp.id(31)),
	(pg_temp.id(102), 'appointment', '2026-01-25 09:00Z', pg_temp.id(26)),
	(pg_temp.id(101), 'appointment', '2026-02-02 09:00Z', pg_temp.id(27))$$, 'activities');

SELECT results_eq('SELECT relation, right(key, 2), right(rep_id, 3), issue, problem FROM sales.source_issue ORDER BY key, issue', $$VALUES
	('opportunity', '14', '102', 'reopened', 'it was closed before, and reopened 2026-02-10 11:00'),
	('opportunity', '15', '101', 'reopened', 'it was closed before, and reopened 2026-02-20 11:00'),
	('opportunity', '16', '101', 'reopened', 'it was closed before, and reopened 2026-03-12 11:00'),
	('opportunity', '25', '101', 'other_currency', 'amount is in EUR, and there is no rate to NOK'),
	('opportunity', '27', '101', 'appointment_sources_differ', 'first meeting 2026-02-02 10:00, stage of the appointment entered 2026-01-19 10:00')$$, 'issues of the source');
SELECT is_empty($$SELECT c.oid::regclass, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
	WHERE c.relnamespace = 'sales'::regnamespace AND c.relkind = 'v' AND col_description(c.oid, a.attnum) IS NULL$$, 'columns have comments');
SELECT has_table('sales', 'goal', 'goals are not in Twenty: a table to fill in');

-- The mart on it
SELECT lives_ok($$CALL refresh_mart('sales')$$, 'refreshed');
SELECT results_eq('SELECT right(rep_id::text, 3), sales_count, revenue, closing_passed, closing_decided FROM sales.scorecard ORDER BY rep_id', $$VALUES
	('101', 6::bigint, 6090.99::numeric(18,2), 8::bigint, 8::bigint), ('102', 1, 1014, 1, 2), ('103', 0, 0, 0, 0), ('104', 0, 0, 0, 0)$$, 'scorecard');
SELECT results_eq($$SELECT right(key, 2), issue FROM sales.data_issue WHERE relation = 'opportunity' AND issue <> 'reopened' ORDER BY key, issue$$, $$VALUES
	('08', 'closed_before_created'), ('19', 'void'), ('21', 'no_owner'), ('22', 'unknown_rep'), ('23', 'won_without_amount'), ('25', 'other_currency'),
	('25', 'won_without_amount'), ('27', 'appointment_sources_differ')$$, 'what is the matter');
SELECT results_eq($$SELECT message FROM check_mart('sales') WHERE subject IN ('stage', 'opportunity.currency') ORDER BY subject$$, $$VALUES
	('amounts that no rate converts are taken as unknown: EUR (1)'), ('stages without a milestone, which are taken as none: Blue, Green')$$, 'check_mart');

-- What the user says of stages; Twenty itself has none that is lost
UPDATE sales.stage SET milestone = 'lost' WHERE stage = 'ON_HOLD';
SELECT results_eq('SELECT outcome, closed_at FROM sales.opportunity WHERE opportunity_id = pg_temp.id(33)', $$VALUES ('lost', '2026-02-03 10:00Z'::timestamptz)$$, 'stages are mapped by hand');
CREATE TABLE sales.own_rate (currency text, rate numeric);
INSERT INTO sales.own_rate VALUES ('EUR', 11.5), ('USD', 10);
SELECT lives_ok($$SELECT create_mart('sales', options => '{"rate": "sales.own_rate"}')$$, 'again, with rates');
SELECT is((SELECT milestone FROM sales.stage WHERE stage = 'ON_HOLD'), 'lost', 'which stay');
SELECT is((SELECT amount FROM sales.opportunity WHERE opportunity_id = pg_temp.id(25)), 11787.5, 'converted');

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
		FROM pg_temp.plan('SELECT * FROM sales.opportunity WHERE opportunity_id = pg_temp.id(26)') AS line,
			LATERAL (SELECT (regexp_match(line, '(?:using|Scan on) "?(\w+_(?:pkey|idx))'))[1]) AS i(name)
		WHERE i.name IS NOT NULL AND i.name NOT LIKE 'stage%'),
	'{calendarEventParticipant_personId_idx,calendarEvent_pkey,opportunity_pkey,timelineActivity_targetOpportunityId_idx}', 'an opportunity by its id');
SELECT is_empty($$SELECT line FROM pg_temp.plan('SELECT * FROM sales.opportunity WHERE opportunity_id = pg_temp.id(26)') AS line
	WHERE line ~ 'Seq Scan on (opportunity|"calendar\w*")( |$)'$$, 'and nothing is read whole');
RESET enable_seqscan;
RESET ROLE;

-- An older release: other names, no owner; by views
CREATE SCHEMA older;
SELECT set_config('search_path', quote_ident(:'source') || ', public', true) \g /dev/null
CREATE VIEW older.opportunity AS SELECT id, "createdAt", "updatedAt", "deletedAt", stage, "amountAmountMicros", "amountCurrencyCode", "closeDate", "createdByWorkspaceMemberId", "companyId" FROM opportunity;
CREATE VIEW older."workspaceMember" AS SELECT id, "nameFirstName", "nameLastName" FROM "workspaceMember";
CREATE VIEW older."timelineActivity" AS SELECT name, "happensAt", properties, "targetOpportunityId" AS "opportunityId" FROM "timelineActivity" WHERE "deletedAt" IS NULL;
CREATE VIEW older."taskTarget" AS SELECT "taskId", "targetOpportunityId" AS "opportunityId" FROM "taskTarget";
CREATE VIEW older.task AS SELECT * FROM task;
SET LOCAL search_path = kpi, public;
GRANT USAGE ON SCHEMA older TO kpi_twenty;
GRANT SELECT ON ALL TABLES IN SCHEMA older TO kpi_twenty;
SET ROLE kpi_twenty;
SELECT lives_ok($$SELECT create_mart('old_sales', 'twenty', 'older', '{"currency": "NOK"}')$$, 'an older one, by views');
SELECT results_eq('SELECT * FROM old_sales.opportunity ORDER BY opportunity_id', $$
	SELECT opportunity_id, CASE WHEN opportunity_id <> pg_temp.id(21) THEN pg_temp.id(101) END, created_at,
		CASE right(opportunity_id::text, 2) WHEN '27' THEN '2026-01-19 09:00Z' WHEN '26' THEN NULL WHEN '30' THEN NULL WHEN '31' THEN NULL ELSE appointment_at END,
		proposal_at, closed_at, outcome, amount, account_id, updated_at, currency
	FROM expected ORDER BY opportunity_id$$, 'all is whose who made it, and no meeting is known');
SELECT results_eq('SELECT rep_id, kind, happened_at, opportunity_id FROM old_sales.activity ORDER BY happened_at', $$VALUES
	(pg_temp.id(101), 'call', '2026-01-06 09:00Z'::timestamptz, pg_temp.id(31)), (pg_temp.id(101), 'call', '2026-01-07 10:00Z', pg_temp.id(1)), (pg_temp.id(102), 'call', '2026-01-08 10:00Z', NULL)$$, 'and calls only');
SELECT results_eq($$SELECT message FROM check_mart('old_sales') WHERE severity = 'info' AND subject LIKE 'older.%' ORDER BY 1$$, $$VALUES
	('adapter "twenty" goes without: calendarEvent: there is no such table'), ('adapter "twenty" goes without: calendarEventParticipant: there is no such table')$$,
	'what is not there is told');
SELECT lives_ok($$CALL refresh_mart('old_sales')$$, 'refreshed');
SELECT lives_ok($$SELECT upgrade_mart('sales')$$, 'upgraded');
RESET ROLE;

-- Without a history, and with stages that are plain text, the closing date is all there is, but no later than the last change.
CREATE SCHEMA least_there_is;
SELECT set_config('search_path', quote_ident(:'source') || ', public', true) \g /dev/null
CREATE TABLE least_there_is.opportunity AS
SELECT id, "createdAt" AT TIME ZONE 'UTC' AS "createdAt", "updatedAt", "deletedAt", stage::text, "amountAmountMicros"::bigint, "amountCurrencyCode", "closeDate" FROM opportunity;
CREATE TABLE least_there_is."workspaceMember" AS SELECT id, "nameFirstName", "nameLastName" FROM "workspaceMember";
SET LOCAL search_path = kpi, public;
GRANT USAGE ON SCHEMA least_there_is TO kpi_twenty;
GRANT SELECT ON ALL TABLES IN SCHEMA least_there_is TO kpi_twenty;
SET ROLE kpi_twenty;
SELECT lives_ok($$SELECT create_mart('poor', 'twenty', 'least_there_is', '{"currency": "NOK"}')$$, 'two tables will do');
SELECT results_eq('SELECT right(opportunity_id::text, 2), rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount FROM poor.opportunity
		WHERE opportunity_id IN (pg_temp.id(1), pg_temp.id(2), pg_temp.id(4), pg_temp.id(5), pg_temp.id(6), pg_temp.id(9)) ORDER BY opportunity_id', $$VALUES
	('01', NULL::uuid, '2026-01-05 09:00Z'::timestamptz, NULL::timestamptz, NULL::timestamptz, '2026-03-31 00:00Z'::timestamptz, 'won', 1001::numeric),
	('02', NULL, '2026-01-05 09:00Z', NULL, NULL, '2026-03-31 00:00Z', 'lost', 1002),
	('04', NULL, '2026-01-05 09:00Z', NULL, NULL, NULL, 'open', 1004),
	('05', NULL, '2026-01-05 09:00Z', NULL, NULL, NULL, 'open', 1005),
	('06', NULL, '2026-01-05 09:00Z', NULL, NULL, NULL, 'open', 1006),
	('09', NULL, '2026-01-05 09:00Z', NULL, NULL, '2026-05-01 12:00Z', 'won', 1009)$$, 'the plan, or the last change');
SELECT results_eq('SELECT stage, ordinal, milestone FROM poor.stage ORDER BY stage COLLATE "C"', $$VALUES
	('CUSTOMER', NULL::integer, 'won'), ('LOST', NULL, 'lost'), ('MEETING', NULL, 'appointment'), ('NEW', NULL, 'none'), ('ON_HOLD', NULL, 'none'),
	('PROPOSAL', NULL, 'proposal'), ('SCREENING', NULL, 'none')$$, 'the stages that are in use');
SELECT lives_ok($$SELECT drop_mart('poor', keep_data => false)$$, 'dropped');
RESET ROLE;

-- Nothing in it yet
TRUNCATE :"source".opportunity, :"source"."timelineActivity", :"source"."calendarEvent", :"source"."calendarEventParticipant", :"source".task, :"source"."taskTarget";
SET ROLE kpi_twenty;
SELECT lives_ok(format($$SELECT create_mart('fresh', 'twenty', %L)$$, :'source'), 'over a new workspace');
SELECT is((SELECT count(*) FROM fresh.stage WHERE ordinal IS NOT NULL), 7::bigint, 'whose stages are known');
RESET ROLE;

-- Too little
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
ALTER TABLE least_there_is.opportunity DROP COLUMN stage;
DROP TABLE least_there_is."workspaceMember";
SET ROLE kpi_twenty;
SELECT is(pg_temp.detail($$SELECT create_mart('too_little', 'twenty', 'least_there_is')$$),
	'opportunity.stage: there is no such column: any
workspaceMember: there is no such table', 'all that is missing is told at once');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
