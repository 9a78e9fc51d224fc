\set ECHO none
SET default_transaction_isolation = 'repeatable read';
\i test/setup.sql
SELECT plan(37);

-- The source in a schema of an odd name, which a plain role may read
CREATE SCHEMA "Sales ""force""";
SET LOCAL search_path = "Sales ""force""", kpi, public;
\i test/adapter/salesforce.sql
CREATE ROLE kpi_owner;
SELECT current_database() AS database \gset
GRANT CREATE ON DATABASE :"database" TO kpi_owner;
GRANT USAGE ON SCHEMA "Sales ""force""" TO kpi_owner;
GRANT SELECT ON ALL TABLES IN SCHEMA "Sales ""force""" TO kpi_owner;
SET LOCAL search_path = kpi, public;
SET LOCAL ROLE kpi_owner;

SELECT throws_ok($$SELECT create_mart('sales', adapter => 'salesforce', source => 'Sales "force"')$$, '22023',
	'the opportunities are in several currencies: NOK (35), EUR (2), SEK (1)', 'currencies are not added up');
SELECT lives_ok($$SELECT create_mart('sales', adapter => 'salesforce', source => 'Sales "force"',
	options => '{"time_zone": "Europe/Oslo", "as_of": "2024-07-01 00:00+02", "currency": "NOK", "rate": "\"Sales \"\"force\"\"\".exchange"}')$$, 'made');

RESET ROLE;

-- The contract: each row, by hand

CREATE FUNCTION pg_temp.number(id text) RETURNS integer
	RETURN CASE id WHEN '006D000000IRFmaIAH' THEN 40 WHEN '006D000000IRfmaIAD' THEN 41 ELSE substr(id, 4, 12)::integer END;

CREATE TEMPORARY TABLE expected (n integer, owner integer, created_at timestamptz, appointment_at timestamptz, proposal_at timestamptz, closed_at timestamptz,
	outcome text, amount numeric, pipeline text, kind text, lost_reason text, currency text);
INSERT INTO expected
SELECT e.n, coalesce(owner, 1), d.created, appointment_at::timestamptz, proposal_at::timestamptz, closed_at::timestamptz, e.outcome,
	1000 + e.n, pipeline, kind, lost_reason, 'NOK'
FROM (VALUES
	(1, NULL, '2024-01-16 12:00Z', '2024-02-01 10:00Z', '2024-02-20 15:00Z', 'won', NULL, NULL, NULL),
	(2, NULL, '2024-01-16 10:00Z', '2024-02-02 10:00Z', '2024-02-29 10:00Z', 'lost', NULL, NULL, 'Price'),
	(3, NULL, '2024-06-10 08:00Z', NULL, NULL, 'open', NULL, NULL, NULL),
	(4, NULL, '2024-01-20 09:00Z', '2024-02-10 09:00Z', '2024-03-01 09:00Z', 'won', NULL, NULL, NULL),
	(5, NULL, NULL, '2024-02-01 12:00Z', '2024-02-01 12:00Z', 'won', NULL, NULL, NULL),
	(6, NULL, '2024-01-19 09:00Z', '2024-03-15 09:00Z', '2024-04-30 08:00Z', 'won', NULL, NULL, NULL),
	(7, NULL, NULL, '2024-02-15 09:00Z', NULL, 'open', NULL, NULL, NULL),
	(8, NULL, NULL, NULL, '2024-03-10 08:00Z', 'won', NULL, NULL, NULL),
	(9, NULL, NULL, '2024-04-02 08:00Z', '2024-04-02 08:00Z', 'won', NULL, NULL, NULL),
	(10, NULL, '2024-01-18 09:00Z', '2024-02-18 09:00Z', '2024-03-15 08:00Z', 'won', NULL, NULL, NULL),
	(11, NULL, '2024-06-04 09:00Z', NULL, NULL, 'open', NULL, NULL, NULL),
	(12, NULL, NULL, NULL, '2024-03-18 11:00Z', 'won', NULL, NULL, NULL),
	(13, NULL, '2024-03-20 12:00Z', NULL, '2024-03-19 23:00Z', 'lost', NULL, NULL, NULL),
	(14, NULL, NULL, NULL, '2024-03-21 08:00Z', 'won', NULL, NULL, NULL),
	(15, NULL, '2024-01-24 09:00Z', NULL, NULL, 'void', NULL, NULL, NULL),
	(16, NULL, '2024-01-25 09:00Z', NULL, NULL, 'void', NULL, NULL, NULL),
	(17, NULL, NULL, NULL, NULL, 'void', NULL, NULL, NULL),
	(18, NULL, '2024-02-09 12:00Z', '2024-02-20 08:00Z', NULL, 'open', NULL, NULL, NULL),
	(19, NULL, '2024-02-14 12:00Z', '2024-03-20 08:00Z', NULL, 'open', NULL, NULL, NULL),
	(20, NULL, '2024-02-10 08:00Z', NULL, NULL, 'open', NULL, NULL, NULL),
	(21, NULL, NULL, '2024-02-18 09:00Z', NULL, 'open', NULL, NULL, NULL),
	(22, NULL, NULL, '2024-03-25 09:00Z', NULL, 'open', NULL, NULL, NULL),
	(23, NULL, NULL, NULL, '2024-03-10 08:00Z', 'won', NULL, NULL, NULL),
	(24, NULL, NULL, NULL, '2024-04-10 08:00Z', 'won', NULL, NULL, NULL),
	(25, NULL, NULL, NULL, '2024-03-12 08:00Z', 'won', NULL, NULL, NULL),
	(26, NULL, NULL, NULL, '2024-03-13 08:00Z', 'won', NULL, NULL, NULL),
	(27, NULL, NULL, NULL, '2024-03-14 08:00Z', 'won', NULL, 'renewal', NULL),
	(28, NULL, NULL, NULL, '2024-03-15 08:00Z', 'won', 'Renewals', 'renewal', NULL),
	(29, NULL, NULL, NULL, '2024-03-16 08:00Z', 'won', 'Direct', 'expansion', NULL),
	(30, NULL, NULL, NULL, '2024-03-17 08:00Z', 'won', NULL, 'new', NULL),
	(31, 77, NULL, NULL, NULL, 'open', NULL, NULL, NULL),
	(32, 4, NULL, NULL, NULL, 'open', NULL, NULL, NULL),
	(33, 3, '2024-03-01 09:00Z', NULL, NULL, 'open', NULL, NULL, NULL),
	(34, NULL, NULL, '2024-03-03 09:00Z', NULL, 'open', NULL, NULL, NULL),
	(35, NULL, NULL, NULL, '2024-03-26 09:00Z', 'won', NULL, NULL, NULL),
	(36, NULL, NULL, NULL, '2024-02-27 09:00Z', 'won', NULL, NULL, NULL),
	(37, NULL, NULL, NULL, '2022-08-30 22:00Z', 'won', NULL, NULL, NULL),
	(38, NULL, NULL, '2024-03-28 09:00Z', '2024-04-28 08:00Z', 'won', NULL, NULL, NULL),
	(39, NULL, NULL, '2024-03-28 09:00Z', NULL, 'open', NULL, NULL, NULL),
	(42, NULL, NULL, '2024-03-15 09:00Z', '2024-03-31 22:00Z', 'won', NULL, NULL, NULL),
	(40, 2, NULL, NULL, '2024-03-21 09:00Z', 'won', NULL, NULL, NULL),
	(41, 2, '2024-03-02 09:00Z', NULL, '2024-03-22 09:00Z', 'lost', NULL, NULL, NULL)
) AS e(n, owner, appointment_at, proposal_at, closed_at, outcome, pipeline, kind, lost_reason)
	JOIN (SELECT n, created FROM deal UNION ALL VALUES (40, '2024-03-01 09:00Z'::timestamptz), (41, '2024-03-02 09:00Z')) AS d USING (n);
UPDATE expected SET amount = 1023 * 11, currency = 'EUR' WHERE n = 23;
UPDATE expected SET amount = 1024 * 12, currency = 'EUR' WHERE n = 24;
UPDATE expected SET amount = NULL, currency = 'SEK' WHERE n = 25;
UPDATE expected SET amount = NULL, currency = NULL WHERE n = 26;

-- The opportunities of a mart, by number
CREATE FUNCTION pg_temp.opportunities(mart name) RETURNS SETOF expected
	LANGUAGE plpgsql
AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT pg_temp.number(opportunity_id), substr(rep_id, 4, 12)::integer, created_at, appointment_at, proposal_at, closed_at, outcome, amount,
		pipeline, kind, lost_reason, currency FROM %I.opportunity', mart);
END
$$;
SELECT bag_eq('SELECT * FROM pg_temp.opportunities(''sales'')', 'TABLE expected', 'opportunity');
SELECT bag_eq($$SELECT n FROM (SELECT pg_temp.number(opportunity_id) AS n, account_id, updated_at FROM sales.opportunity) AS o JOIN deal USING (n)
		WHERE account_id = pg_temp.key('001', n % 7) AND updated_at = modified$$, 'SELECT n FROM deal', 'with account and last change');

SELECT bag_eq('SELECT substr(rep_id, 4, 12)::integer, rep_name, team, peer_group, left_on FROM sales.rep', $$VALUES
	(1, 'Ada', 'Sales North', 'Account Executive', NULL::date),
	(2, 'Bo', 'Sales South', 'Account Executive', NULL),
	(3, 'Cy', 'Mo', 'Sales', NULL),
	(4, 'Di', 'Sales South', 'Sales South', '2024-06-01'),
	(5, 'Ed', 'Sales', 'Key Account Manager', NULL)$$, 'rep');

SELECT bag_eq('SELECT substr(rep_id, 4, 12)::integer, starts_on, ends_on, revenue FROM sales.goal', $$VALUES
	(1, '2024-01-01'::date, '2024-01-31'::date, 10000::numeric), (1, '2024-02-01', '2024-02-29', 12000),
	(2, '2024-02-01', '2024-02-29', 11000), (3, '2024-02-01', '2024-02-29', 11000), (4, '2024-02-01', '2024-02-29', NULL),
	(5, '2024-04-01', '2024-06-30', 30000)$$, 'goal');

CREATE TEMPORARY TABLE expected_activity (owner integer, kind text, happened_at timestamptz, n integer);
INSERT INTO expected_activity VALUES
	(1, 'call', '2024-01-08 10:00Z', 1), (1, 'call', '2024-01-09 10:00Z', 1), (1, 'conversation', '2024-01-09 10:00Z', 1),
	(2, 'call', '2024-01-09 23:00Z', NULL), (2, 'call', '2024-01-02 09:00Z', NULL), (2, 'conversation', '2024-01-02 09:00Z', NULL), (2, 'call', '2024-01-11 10:00Z', NULL),
	(1, 'booked', '2024-01-31 09:00Z', 18), (1, 'appointment', '2024-02-09 12:00Z', 18),
	(1, 'booked', '2024-01-31 09:00Z', 18), (1, 'appointment', '2024-02-15 12:00Z', 18),
	(1, 'booked', '2024-01-31 09:00Z', 19), (1, 'appointment', '2024-02-14 12:00Z', 19),
	(1, 'call', '2024-02-07 14:00Z', 20), (1, 'conversation', '2024-02-07 14:00Z', 20), (1, 'booked', '2024-01-31 09:00Z', 20),
	(1, 'booked', '2024-01-31 09:00Z', 35), (1, 'appointment', '2024-04-05 12:00Z', 35), (1, 'booked', '2024-01-31 09:00Z', 13), (1, 'appointment', '2024-03-20 12:00Z', 13),
	(2, 'booked', '2024-01-31 09:00Z', NULL), (2, 'appointment', '2024-03-05 12:00Z', NULL),
	(2, 'booked', '2024-01-31 09:00Z', NULL), (2, 'appointment', '2024-03-06 12:00Z', NULL);
SELECT bag_eq('SELECT substr(rep_id, 4, 12)::integer, kind, happened_at, pg_temp.number(opportunity_id) FROM sales.activity', 'TABLE expected_activity', 'activity');

SELECT bag_eq('SELECT stage, stage_name, ordinal, milestone FROM sales.stage WHERE pipeline = ''''', $$VALUES
	('Prospecting', 'Prospecting', 1, 'none'), ('Qualification', 'Qualification', 2, 'none'), ('Needs Analysis', 'Needs Analysis', 3, 'appointment'),
	('Value Proposition', 'Value Proposition', 4, NULL), ('Proposal/Price Quote', 'Proposal/Price Quote', 5, 'proposal'),
	('Negotiation/Review', 'Negotiation/Review', 6, 'proposal'), ('Verbally Won', 'Verbally Won', 7, NULL), ('Closed Won', 'In the bag', 8, 'won'),
	('Closed Lost', 'Closed Lost', 9, 'lost'), ('Duplicate', 'Duplicate', 10, 'void'), ('Offer sent', 'Offer sent', NULL, 'proposal')$$, 'stage');

SELECT bag_eq('SELECT relation, pg_temp.number(key), substr(rep_id, 4, 12)::integer, issue, problem FROM sales.source_issue', $$VALUES
	('opportunity', 6, 1, 'reopened', 'it was closed at 2024-02-15 10:00 already'),
	('opportunity', 7, 1, 'reopened', 'it was closed at 2024-03-15 10:00 already'),
	('opportunity', 8, 1, 'reopened', 'it was closed at 2024-03-01 10:00 already'),
	('opportunity', 9, 1, 'reopened', 'it was closed at 2024-03-02 10:00 already'),
	('opportunity', 38, 1, 'reopened', 'it was closed at 2024-03-08 10:00 already'),
	('opportunity', 42, 1, 'reopened', 'it was closed at 2024-03-05 10:00 already'),
	('opportunity', 19, 1, 'appointment_sources_differ', 'first meeting 2024-02-14 13:00, stage of the appointment entered 2024-03-12 10:00'),
	('opportunity', 22, 1, 'proposal_sources_differ', 'first quote 2024-03-25 10:00, stage of the proposal entered 2024-02-21 10:00'),
	('opportunity', 25, 1, 'other_currency', 'amount is in SEK, and there is no rate to NOK')$$, 'source_issue');

-- The whole mart on it
SET LOCAL ROLE kpi_owner;
SELECT lives_ok($$CALL refresh_mart('sales')$$, 'refreshed');
RESET ROLE;
-- Ada, from 1 April in Oslo: won are 6, 9, 24, 38 and 42, which was closed when that day began
SELECT results_eq('SELECT rep_name, closing_passed, revenue FROM sales.scorecard WHERE rep_name IN (''Ada'', ''Bo'') ORDER BY 1',
	$$VALUES ('Ada', 5::bigint, (1006 + 1009 + 12288 + 1038 + 1042)::numeric(18,2)), ('Bo', 0, 0)$$, 'the scorecard');
SELECT bag_eq($$SELECT issue, pg_temp.number(key) FROM sales.data_issue WHERE relation = 'opportunity' AND issue IN ('void', 'unknown_rep', 'open_after_left', 'won_without_amount', 'reopened')$$,
	$$VALUES ('void', 15), ('void', 16), ('void', 17), ('unknown_rep', 31), ('open_after_left', 32), ('won_without_amount', 25), ('won_without_amount', 26),
		('reopened', 6), ('reopened', 7), ('reopened', 8), ('reopened', 9), ('reopened', 38), ('reopened', 42)$$, 'what is wrong is told');
SELECT set_eq($$SELECT subject, message FROM check_mart('sales') WHERE subject IN ('stage', 'opportunity.currency') OR message ~ 'goes without'$$, $$VALUES
	('stage', 'stages without a milestone, which are taken as none: Value Proposition, Verbally Won'),
	('opportunity.currency', 'amounts that no rate converts are taken as unknown: SEK (1)')$$, 'and what is to be done');
SELECT is_empty($$SELECT c.relname, a.attname FROM pg_class AS c LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
	WHERE c.relnamespace = 'sales'::regnamespace AND c.relkind IN ('r', 'v', 'm')
		AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL)$$, 'all has a comment');

-- Stages are mapped in one place
UPDATE sales.stage SET milestone = 'proposal' WHERE stage = 'Value Proposition';
UPDATE sales.stage SET milestone = 'appointment' WHERE stage = 'Qualification';
SELECT results_eq('SELECT n, appointment_at, proposal_at FROM pg_temp.opportunities(''sales'') WHERE n IN (6, 33) ORDER BY n',
	$$VALUES (6, '2024-01-12 09:00Z'::timestamptz, '2024-03-15 09:00Z'::timestamptz), (33, '2024-03-01 09:00Z', '2024-03-22 09:00Z')$$, 'a stage that is mapped anew');
UPDATE sales.stage SET milestone = NULL WHERE stage = 'Value Proposition';
UPDATE sales.stage SET milestone = 'none' WHERE stage = 'Qualification';

-- Ids of 15 characters in some tables, and of 18 in others
RESET ROLE;
CREATE FUNCTION pg_temp.rewrite(size integer, VARIADIC names text[]) RETURNS void
	LANGUAGE plpgsql
AS $$
DECLARE
	name text;
BEGIN
	FOREACH name IN ARRAY names LOOP
		EXECUTE format(CASE size WHEN 15 THEN 'UPDATE "Sales ""force""".%1$I SET %2$I = left(%2$I, 15)' ELSE 'UPDATE "Sales ""force""".%1$I SET %2$I = kpi.adapter_salesforce_id(%2$I)' END,
			split_part(name, '.', 1), split_part(name, '.', 2));
	END LOOP;
END
$$;
SELECT pg_temp.rewrite(15, 'opportunity_history.opportunity_id', 'opportunity_field_history.opportunity_id', 'quote.opportunity_id', 'event.what_id', 'task.what_id', 'task.owner_id',
	'user.id', 'forecasting_quota.quota_owner_id');
SELECT set_eq('SELECT DISTINCT length(opportunity_id) FROM "Sales ""force""".opportunity_history', ARRAY[15], 'short ids');
SET LOCAL ROLE kpi_owner;
SELECT create_mart('sales');
RESET ROLE;
SELECT bag_eq('SELECT * FROM pg_temp.opportunities(''sales'')', 'TABLE expected', 'the same opportunities with short ids in the other tables');
SELECT bag_eq('SELECT substr(rep_id, 4, 12)::integer, kind, happened_at, pg_temp.number(opportunity_id) FROM sales.activity', 'TABLE expected_activity', 'the same activities');
SELECT pg_temp.rewrite(18, 'opportunity_history.opportunity_id', 'opportunity_field_history.opportunity_id', 'quote.opportunity_id', 'event.what_id', 'task.what_id', 'task.owner_id',
	'user.id', 'forecasting_quota.quota_owner_id');
SELECT pg_temp.rewrite(15, 'opportunity.id', 'opportunity.owner_id');
SET LOCAL ROLE kpi_owner;
SELECT create_mart('sales');
RESET ROLE;
SELECT bag_eq('SELECT * FROM pg_temp.opportunities(''sales'')', 'TABLE expected', 'and with short ids in opportunity');
SELECT pg_temp.rewrite(18, 'opportunity.id', 'opportunity.owner_id');
SET LOCAL ROLE kpi_owner;
SELECT create_mart('sales');
RESET ROLE;
SELECT is(adapter_salesforce_id(short), long, short)
FROM (VALUES ('006D000000IRFma', '006D000000IRFmaIAH'), ('001D000000IqhSL', '001D000000IqhSLIAZ'), ('006000000000001AAA', '006000000000001AAA'), ('', ''), (NULL, NULL)) AS i(short, long);

-- One opportunity is found by the CRM's indexes
SET LOCAL enable_seqscan = off;
CREATE FUNCTION pg_temp.plan(query text) RETURNS SETOF text
	LANGUAGE plpgsql
AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END
$$;
SELECT bag_has($$SELECT DISTINCT (regexp_match(line, 'Index (?:Only )?Scan(?: using| on) (\w+)'))[1] FROM pg_temp.plan('SELECT * FROM sales.opportunity WHERE opportunity_id = ''006000000000001AAA''') AS line$$,
	$$VALUES ('opportunity_pkey'), ('opportunity_history_opportunity_id_idx'), ('opportunity_field_history_opportunity_id_idx'), ('event_what_id_idx'), ('quote_opportunity_id_idx')$$,
	'one opportunity is found by index');
RESET enable_seqscan;

-- As other loaders land it: names run together, all of it text, empty where there is nothing, ids padded
CREATE SCHEMA raw;
SET LOCAL search_path = raw, kpi, public;
CREATE FUNCTION pg_temp.landed(at timestamptz) RETURNS text
	RETURN coalesce(to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"+0000"'), '');
CREATE TABLE opportunity AS
SELECT id::char(20), coalesce(account_id, '')::char(20) AS accountid, coalesce(type, '') AS type, stage_name::varchar AS stagename, coalesce(amount::text, '') AS amount,
	to_char(close_date, 'YYYY-MM-DD') AS closedate, is_closed::text AS isclosed, is_won::text AS iswon, (is_deleted OR NOT _fivetran_active)::text AS isdeleted,
	owner_id::char(20) AS ownerid, coalesce(record_type_id, '')::char(20) AS recordtypeid, pg_temp.landed(created_date) AS createddate, pg_temp.landed(last_modified_date) AS lastmodifieddate,
	pg_temp.landed(last_stage_change_date) AS laststagechangedate, currency_iso_code AS currencyisocode, coalesce(loss_reason_c, '') AS loss_reason__c
FROM "Sales ""force""".opportunity;
CREATE TABLE opportunityhistory AS
SELECT id::char(20), opportunity_id::char(20) AS opportunityid, pg_temp.landed(created_date) AS createddate, stage_name AS stagename, coalesce(is_deleted::text, '') AS isdeleted
FROM "Sales ""force""".opportunity_history;
CREATE TABLE opportunityfieldhistory AS
SELECT id, opportunity_id AS opportunityid, pg_temp.landed(created_date) AS createddate, field, coalesce(old_value, '') AS oldvalue, coalesce(new_value, '') AS newvalue,
	is_deleted::text AS isdeleted
FROM "Sales ""force""".opportunity_field_history;
CREATE TABLE opportunitystage AS
SELECT master_label AS masterlabel, api_name AS apiname, sort_order::text AS sortorder, is_closed::text AS isclosed, is_won::text AS iswon FROM "Sales ""force""".opportunity_stage;
CREATE TABLE quote AS
SELECT id, coalesce(opportunity_id, '') AS opportunityid, status, pg_temp.landed(created_date) AS createddate, is_deleted::text AS isdeleted FROM "Sales ""force""".quote;
CREATE TABLE event AS
SELECT id, owner_id AS ownerid, coalesce(what_id, '') AS whatid, coalesce(who_id, '') AS whoid, subject, coalesce(type, '') AS type, pg_temp.landed(start_date_time) AS startdatetime,
	pg_temp.landed(created_date) AS createddate, is_all_day_event::text AS isalldayevent, is_child::text AS ischild, is_recurrence::text AS isrecurrence, is_deleted::text AS isdeleted
FROM "Sales ""force""".event;
CREATE TABLE task AS
SELECT id, owner_id AS ownerid, coalesce(what_id, '') AS whatid, coalesce(type, '') AS type, coalesce(task_subtype, '') AS tasksubtype, coalesce(call_type, '') AS calltype,
	coalesce(call_disposition, '') AS calldisposition, is_closed::text AS isclosed, coalesce(to_char(activity_date, 'YYYY-MM-DD'), '') AS activitydate,
	pg_temp.landed(completed_date_time) AS completeddatetime, pg_temp.landed(created_date) AS createddate, is_deleted::text AS isdeleted
FROM "Sales ""force""".task;
CREATE TABLE forecastingquota AS
SELECT quota_owner_id AS quotaownerid, quota_amount::text AS quotaamount, is_amount::text AS isamount, start_date::text AS startdate, period_id AS periodid,
	coalesce(currency_iso_code, '') AS currencyisocode, forecasting_type_id AS forecastingtypeid
FROM "Sales ""force""".forecasting_quota WHERE NOT _fivetran_deleted;
CREATE TABLE period AS SELECT id::char(20), end_date::text AS enddate FROM "Sales ""force""".period;
CREATE TABLE recordtype AS SELECT id, name FROM "Sales ""force""".record_type;
CREATE TABLE userrole AS SELECT id, name FROM "Sales ""force""".user_role;
CREATE TABLE "user" AS
SELECT id::char(20), name, coalesce(title, '') AS title, coalesce(department, '') AS department, is_active::text AS isactive, coalesce(manager_id, '') AS managerid,
	coalesce(user_role_id, '') AS userroleid, pg_temp.landed(last_login_date) AS lastlogindate
FROM "Sales ""force"""."user";
SELECT lives_ok($$SELECT create_mart('text', adapter => 'salesforce', source => 'raw',
	options => '{"time_zone": "Europe/Oslo", "as_of": "2024-07-01 00:00+02", "currency": "NOK", "rate": "\"Sales \"\"force\"\"\".exchange"}')$$, 'made of text');
SET LOCAL TimeZone = 'America/New_York';
SELECT bag_eq('SELECT * FROM pg_temp.opportunities(''text'')', 'TABLE expected', 'the same opportunities');
SELECT bag_eq('TABLE text.rep', 'TABLE sales.rep', 'reps');
SELECT bag_eq('TABLE text.goal', 'TABLE sales.goal', 'goals');
SELECT bag_eq('TABLE text.activity', 'TABLE sales.activity', 'activities');
SET LOCAL TimeZone = 'UTC';

-- History mode: each version of an opportunity is a row, as opportunity itself or beside it as opportunity_history
CREATE SCHEMA version;
CREATE SCHEMA beside;
CREATE TABLE version.opportunity (
	id text, owner_id text, stage_name text, amount double precision, close_date timestamp, is_closed boolean, is_won boolean, created_date timestamptz, is_deleted boolean,
	_fivetran_start timestamptz, _fivetran_end timestamptz, _fivetran_active boolean, PRIMARY KEY (id, _fivetran_start)
);
INSERT INTO version.opportunity
SELECT pg_temp.key('006', n), pg_temp.key('005', 1), stage, 100, closes, stage LIKE 'Closed%', stage = 'Closed Won', created, false,
	start, lead(start, 1, '9999-12-31 00:00Z') OVER deal - interval '1 ms', lead(start) OVER deal IS NULL AND n <> 4
FROM (VALUES
	-- won, and changed afterwards
	(1, '2024-01-08 09:00Z'::timestamptz, '2024-01-08 09:00Z'::timestamptz, 'Prospecting', '2024-03-31'::timestamp), (1, '2024-01-08 09:00Z', '2024-01-10 09:00Z', 'Prospecting', '2024-03-31'),
	(1, '2024-01-08 09:00Z', '2024-01-15 10:00Z', 'Needs Analysis', '2024-03-31'), (1, '2024-01-08 09:00Z', '2024-02-01 10:00Z', 'Proposal', '2024-03-31'),
	(1, '2024-01-08 09:00Z', '2024-02-20 15:00Z', 'Closed Won', '2024-03-31'), (1, '2024-01-08 09:00Z', '2024-03-05 15:00Z', 'Closed Won', '2024-02-20'),
	-- closed long before the first version
	(2, '2022-05-02 09:00Z', '2024-06-01 09:00Z', 'Closed Lost', '2022-08-31'),
	-- in a proposal by the first version
	(3, '2024-01-08 09:00Z', '2024-06-01 10:00Z', 'Proposal', '2024-12-31'),
	-- the same, but the field history tells since when
	(6, '2024-01-08 09:00Z', '2024-06-01 10:00Z', 'Proposal', '2024-12-31'),
	-- and that it was in another stage of a proposal from the first
	(7, '2024-01-08 09:00Z', '2024-06-01 10:00Z', 'Negotiation', '2024-12-31'),
	-- gone from Salesforce
	(4, '2024-01-08 09:00Z', '2024-01-08 09:00Z', 'Prospecting', '2024-12-31'), (4, '2024-01-08 09:00Z', '2024-01-18 09:00Z', 'Needs Analysis', '2024-12-31'),
	-- won, reopened, and won
	(5, '2024-01-09 09:00Z', '2024-01-09 09:00Z', 'Prospecting', '2024-12-31'), (5, '2024-01-09 09:00Z', '2024-02-09 09:00Z', 'Closed Won', '2024-02-09'),
	(5, '2024-01-09 09:00Z', '2024-03-09 09:00Z', 'Prospecting', '2024-12-31'), (5, '2024-01-09 09:00Z', '2024-04-09 09:00Z', 'Closed Won', '2024-04-09'),
	(5, '2024-01-09 09:00Z', '2024-05-09 09:00Z', 'Closed Won', '2024-04-09')
) AS v(n, created, start, stage, closes)
WINDOW deal AS (PARTITION BY n ORDER BY start);
CREATE TABLE version.opportunity_field_history AS
SELECT pg_temp.key('006', 6) AS opportunity_id, 'StageName' AS field, 'Prospecting' AS old_value, 'Proposal' AS new_value, '2024-02-05 09:00Z'::timestamptz AS created_date
UNION ALL SELECT pg_temp.key('006', 7), 'StageName', 'Proposal', 'Negotiation', '2024-02-05 09:00Z';
CREATE VIEW beside.opportunity_field_history AS TABLE version.opportunity_field_history;
-- quotas by quarter, without periods
CREATE TABLE version.forecasting_quota AS
SELECT pg_temp.key('005', 1) AS quota_owner_id, 1000 AS quota_amount, start_date FROM unnest(ARRAY['2024-01-01', '2024-04-01']::date[]) AS start_date;
CREATE VIEW version."user" AS SELECT id, name FROM "Sales ""force"""."user";
CREATE VIEW beside."user" AS SELECT id, name FROM "Sales ""force"""."user";
CREATE VIEW beside.opportunity_history AS SELECT id, stage_name, created_date, is_deleted, _fivetran_start, _fivetran_end, _fivetran_active FROM version.opportunity;
CREATE VIEW beside.opportunity AS
SELECT DISTINCT ON (id) id, owner_id, stage_name, amount, close_date, is_closed, is_won, created_date, NOT _fivetran_active AS is_deleted
FROM version.opportunity ORDER BY id, _fivetran_start DESC;
SELECT lives_ok($$SELECT create_mart('version mart', adapter => 'salesforce', source => 'version', options => '{"time_zone": "Europe/Oslo", "as_of": "2024-07-01 00:00+02"}')$$,
	'made of versions');
SELECT create_mart('beside mart', adapter => 'salesforce', source => 'beside', options => '{"time_zone": "Europe/Oslo", "as_of": "2024-07-01 00:00+02"}');
SELECT bag_eq(format('SELECT pg_temp.number(opportunity_id), appointment_at, proposal_at, closed_at, outcome FROM %I.opportunity', mart), $$VALUES
	(1, '2024-01-15 10:00Z'::timestamptz, '2024-02-01 10:00Z'::timestamptz, '2024-02-20 15:00Z'::timestamptz, 'won'),
	(2, NULL, NULL, '2022-08-30 22:00Z', 'lost'),
	(3, NULL, '2024-06-01 10:00Z', NULL, 'open'),
	(4, '2024-01-18 09:00Z', NULL, NULL, 'void'),
	(5, NULL, NULL, '2024-04-09 09:00Z', 'won'),
	(6, NULL, '2024-02-05 09:00Z', NULL, 'open'),
	(7, NULL, '2024-01-08 09:00Z', NULL, 'open')$$, mart)
FROM unnest(ARRAY['version mart', 'beside mart']) AS mart;
SELECT results_eq('SELECT issue, pg_temp.number(key) FROM "version mart".source_issue', $$VALUES ('reopened', 5)$$, 'and reopened');

SELECT bag_eq('SELECT starts_on, ends_on, revenue FROM "version mart".goal', $$VALUES
	('2024-01-01'::date, '2024-03-31'::date, 1000::numeric), ('2024-04-01', '2024-06-30', 1000)$$, 'and goals');

-- What is missing
SELECT set_eq($$SELECT regexp_replace(subject, '.*\.', '') FROM check_mart('version mart') WHERE message ~ 'goes without'$$,
	$$VALUES ('user_role'), ('record_type'), ('opportunity_stage'), ('opportunity_history'), ('quote'), ('event'), ('task'),
		('period')$$, 'optional tables that are missing are told');
DROP VIEW beside.opportunity CASCADE;
CREATE VIEW beside.opportunity AS SELECT id, stage_name, amount AS is_won FROM version.opportunity;
DROP VIEW beside."user" CASCADE;
SELECT throws_ok($$SELECT create_mart('broken', adapter => 'salesforce', source => 'beside')$$, '42P15', 'schema "beside" does not hold what adapter "salesforce" reads', 'so are required ones');

SELECT * FROM finish();
ROLLBACK;
