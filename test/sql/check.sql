\set ECHO none
\i test/setup.sql
SELECT plan(41);

-- check_contract: schemas that hold less than a mart is made of

SELECT throws_ok($$SELECT * FROM check_contract('nowhere')$$, '3F000', 'schema "nowhere" does not exist', 'no schema');
SELECT is_empty('SELECT * FROM check_contract(NULL)', 'NULL');

CREATE SCHEMA raw;
SELECT results_eq(
	$$SELECT * FROM check_contract('raw')$$,
	$$VALUES ('error', 'rep', 'rep_id', 'there is no such relation', NULL::bigint, NULL), ('error', 'opportunity', 'opportunity_id', 'there is no such relation', NULL, NULL)$$,
	'nothing');
CREATE TABLE raw.rep (rep_id integer, rep_name text, team text);
CREATE TABLE raw.opportunity (
	opportunity_id uuid, rep_id text, created_at timestamp, appointment_at timestamptz, proposal_at timestamptz, closed_at timestamptz, outcome text, amount money
);
CREATE TABLE raw.goal (rep_id integer, starts_on date, ends_on date);
INSERT INTO raw.rep VALUES (1, 'Ada', 'North');
SELECT results_eq(
	$$SELECT * FROM check_contract('raw')$$,
	$$VALUES ('error', 'rep', 'peer_group', 'there is no such column: text, character varying (whom to compare with)', NULL::bigint, NULL),
		('error', 'opportunity', 'rep_id', 'it is of type text, but rep.rep_id is of type integer', NULL, NULL),
		('error', 'opportunity', 'created_at', 'it is of type timestamp without time zone: timestamp with time zone (when it came in)', NULL, NULL),
		('error', 'opportunity', 'amount', 'it is of type money: numeric, bigint, integer, smallint, double precision, real (revenue, in one currency)', NULL, NULL),
		('error', 'goal', 'revenue', 'there is no such column: numeric, bigint, integer, smallint, double precision, real (revenue to bring in, in the currency of the opportunities)', NULL, NULL),
		('info', 'opportunity', 'rows', 'number of rows', 0, NULL),
		('info', 'rep', 'rows', 'number of rows', 1, NULL),
		('info', 'goal', 'rows', 'number of rows', 0, NULL)$$,
	'columns that are missing, mistyped, or of types that do not go together');

-- the same schema, mended, and empty
DROP TABLE raw.goal, raw.opportunity;
ALTER TABLE raw.rep ADD peer_group text;
CREATE TABLE raw.opportunity (
	opportunity_id bigint, rep_id integer, created_at timestamptz, appointment_at timestamptz, proposal_at timestamptz, closed_at timestamptz, outcome varchar(10),
	amount double precision
);
SELECT results_eq(
	$$SELECT * FROM check_contract('raw')$$,
	$$VALUES ('info', 'opportunity', 'rows', 'number of rows', 0::bigint, NULL), ('info', 'rep', 'rows', 'number of rows', 1, NULL),
		('info', 'opportunity', 'created_at', 'NULL in 0 % of the rows, in 0 % of the won', 0, NULL),
		('info', 'opportunity', 'appointment_at', 'NULL in 0 % of the rows, in 0 % of the won', 0, NULL),
		('info', 'opportunity', 'proposal_at', 'NULL in 0 % of the rows, in 0 % of the won', 0, NULL),
		('info', 'opportunity', 'closed_at', 'NULL in 0 % of the rows, in 0 % of the won', 0, NULL),
		('info', 'opportunity', 'amount', 'NULL in 0 % of the rows, in 0 % of the won', 0, NULL),
		('warning', 'opportunity', 'outcome', 'no opportunity is won: without those the ratios say nothing', 0, NULL),
		('warning', 'rep', 'rep_without_peer_group', 'peer_group is NULL (compared with the whole company)', 1, '1')$$,
	'no opportunity yet');

-- What the won have, and rules: with the first five rows, in the same order wherever
INSERT INTO raw.opportunity
SELECT n, 1, '2026-01-01 08:00Z'::timestamptz + n * interval '1 day', CASE WHEN n % 12 = 0 THEN '2026-01-03 08:00Z'::timestamptz + n * interval '1 day' END, NULL,
	CASE WHEN n % 10 <> 0 THEN '2026-01-31 08:00Z'::timestamptz + n * interval '1 day' END, 'won', 100 * n
FROM generate_series(1, 60) AS n;
UPDATE raw.rep SET peer_group = 'all';
CREATE TEMPORARY TABLE raw_rows (severity text, relation text, subject text, problem text, rows bigint, keys text);
INSERT INTO raw_rows VALUES
	('info', 'opportunity', 'rows', 'number of rows', 60::bigint, NULL), ('info', 'rep', 'rows', 'number of rows', 1, NULL),
	('info', 'opportunity', 'created_at', 'NULL in 0.0 % of the rows, in 0.0 % of the won', 0, NULL),
	('info', 'opportunity', 'appointment_at', 'NULL in 91.7 % of the rows, in 91.7 % of the won', 55, NULL),
	('info', 'opportunity', 'proposal_at', 'NULL in 100.0 % of the rows, in 100.0 % of the won', 60, NULL),
	('info', 'opportunity', 'closed_at', 'NULL in 10.0 % of the rows, in 10.0 % of the won', 6, NULL),
	('info', 'opportunity', 'amount', 'NULL in 0.0 % of the rows, in 0.0 % of the won', 0, NULL),
	('warning', 'opportunity', 'outcome', 'no opportunity is lost: without those the ratios say nothing', 0, NULL),
	('warning', 'config', 'gateways', 'recorded for at least one in ten of the won: options => ''{"gateways": ["closing"]}''', 60, NULL),
	('warning', 'opportunity', 'won_without_closed_at', 'outcome is won, closed_at NULL (counted as open)', 6, '10, 20, 30, 40, 50');
SELECT results_eq($$SELECT * FROM check_contract('raw')$$, 'TABLE raw_rows', 'gateways and rules');
SELECT lives_ok(
	$$SELECT create_mart('raw', options => '{"gateways": ["closing"], "as_of": "2026-02-20 12:00Z", "time_zone": "America/New_York"}')$$,
	'a mart with the gateways that are proposed');
SELECT refresh_mart_now('raw');
INSERT INTO raw.goal VALUES (1, '2026-02-01', '2026-02-28', -1);
INSERT INTO raw.opportunity VALUES (100, 1, '2026-02-20 13:00Z', NULL, NULL, NULL, 'open', 1), (101, 1, '2026-02-02 02:00Z', NULL, NULL, '2026-02-01 02:00Z', 'lost', 1);
SELECT results_eq(
	$$SELECT * FROM check_contract('raw') WHERE subject NOT IN (SELECT subject FROM raw_rows)$$,
	$$VALUES ('warning', 'goal', 'negative_goal', 'revenue is -1 (it is the goal of its days, and takes no opportunities)', 1::bigint, '1 2026-02-01 2026-02-28'),
		('warning', 'opportunity', 'closed_before_created',
			'closed_at 2026-01-31 21:00 is before created_at 2026-02-01 21:00 (won or lost in the week of closed_at; left out of the sales cycle, it has no days)', 1, '101'),
		('info', 'opportunity', 'closed_after_as_of', 'closed_at 2026-02-21 03:00 is after 2026-02-20 07:00 (counted as open until then)', 27, '21, 22, 23, 24, 25'),
		('info', 'opportunity', 'after_as_of', 'all is after 2026-02-20 07:00: created_at 2026-02-20 08:00 (not counted until then)', 11, '100, 51, 52, 53, 54')$$,
	'with a mart the rules go by its settings');

-- Names and paths make no difference
CREATE SCHEMA "a ""b"" %s";
CREATE VIEW "a ""b"" %s".rep AS TABLE raw.rep;
CREATE VIEW "a ""b"" %s".opportunity AS SELECT * FROM raw.opportunity WHERE opportunity_id <= 60;
CREATE FUNCTION "a ""b"" %s".isfinite(timestamptz) RETURNS boolean RETURN 1 / 0 = 1;
SET LOCAL search_path = "a ""b"" %s", kpi, public;
SELECT results_eq($$SELECT * FROM check_contract('a "b" %s')$$, 'TABLE raw_rows', 'a schema with a name that is no fun, and functions of its own');
SET LOCAL search_path = kpi, public;
SET LOCAL DateStyle = 'German';
SET LOCAL TimeZone = 'Asia/Tokyo';
SELECT results_eq($$SELECT * FROM check_contract('a "b" %s')$$, 'TABLE raw_rows', 'the client''s settings');
SET LOCAL DateStyle = 'ISO';
SET LOCAL TimeZone = 'UTC';

CREATE ROLE kpi_check_nobody;
SET LOCAL ROLE kpi_check_nobody;
SELECT throws_ok($$SELECT * FROM check_contract('raw')$$, '42501', NULL, 'a role that may not read');
RESET ROLE;

-- check_mart

SELECT throws_ok($$SELECT * FROM check_mart('public')$$, '3F000', 'schema "public" is no mart', 'no mart');
SELECT throws_ok($$SELECT * FROM check_mart('nowhere')$$, '3F000', 'schema "nowhere" is no mart', 'no schema');
SELECT is_empty('SELECT * FROM check_mart(NULL)', 'NULL');

CREATE SCHEMA good;
CREATE TABLE good.rep AS SELECT n AS rep_id, 'Rep ' || n AS rep_name, 'Team ' || n % 2 AS team, 'all' AS peer_group, NULL::date AS left_on FROM generate_series(1, 4) AS n;
CREATE TABLE good.opportunity AS
SELECT n AS opportunity_id, n % 4 + 1 AS rep_id, created_at, created_at + interval '1 day 3 hours' AS appointment_at, created_at + interval '9 days 2 hours' AS proposal_at,
	CASE WHEN n <= 150 THEN created_at + interval '30 days' END AS closed_at,
	CASE WHEN n <= 150 THEN CASE WHEN n % 2 = 0 THEN 'won' ELSE 'lost' END ELSE 'open' END AS outcome, 1000.00 AS amount, created_at AS updated_at
FROM generate_series(1, 180) AS n, LATERAL (SELECT '2024-01-01 08:00Z'::timestamptz + n * interval '23 hours 7 minutes') AS c(created_at);
SELECT create_mart('good', options => '{"time_zone": "Europe/Oslo", "as_of": "2024-06-24 12:00+02"}');
INSERT INTO good.goal SELECT rep_id, '2024-04-01', '2024-06-30', 100000 FROM good.rep;
SELECT refresh_mart_now('good');
SELECT is_empty($$SELECT * FROM check_mart('good')$$, 'a mart that is well');

-- What check_mart says after a change, which is undone
CREATE FUNCTION pg_temp.checked(change text) RETURNS SETOF text
	LANGUAGE plpgsql
AS $$
DECLARE
	said text[];
BEGIN
	BEGIN
		EXECUTE change;
		said := ARRAY(SELECT concat_ws(' | ', severity, subject, message, hint) FROM check_mart('good'));
		RAISE EXCEPTION USING ERRCODE = 'KP001';
	EXCEPTION WHEN SQLSTATE 'KP001' THEN
		RETURN QUERY SELECT unnest(said);
	END;
END
$$;
CREATE ROLE kpi_check_reader;
SELECT alike(coalesce((SELECT string_agg(line, E'\n') FROM pg_temp.checked(change) AS line), ''), said, name)
FROM (VALUES
	(1, 'nothing', 'SELECT', ''),
	-- relations
	(2, 'another version', $$UPDATE good.config SET kpi_version = '0.0'$$,
		'warning | config.kpi\_version | made by kpi 0.0, and kpi is of version % | SELECT kpi.upgrade\_mart(''good'')'),
	(3, 'missing relations', 'ALTER VIEW good.best_practice RENAME TO b; ALTER VIEW good.change RENAME TO c',
		E'error | best\\_practice | there is no such relation | SELECT kpi.create\\_mart(''good'')\nerror | change | there is no such relation | %'),
	(4, 'the contract is broken', 'ALTER TABLE good.opportunity RENAME amount TO price',
		'error | opportunity.amount | there is no such column: numeric, % | SELECT * FROM kpi.check\_contract(''good'')'),
	-- rights
	(5, 'a role that may not look into the schema', 'GRANT SELECT ON ALL TABLES IN SCHEMA good TO kpi_check_reader',
		'warning | kpi\_check\_reader | may read relations of the mart, but not look into its schema | GRANT USAGE ON SCHEMA good TO kpi\_check\_reader'),
	(6, 'a role that may not read all',
		'GRANT USAGE ON SCHEMA good TO kpi_check_reader; GRANT SELECT ON ALL TABLES IN SCHEMA good TO kpi_check_reader; REVOKE SELECT ON good.scorecard FROM kpi_check_reader',
		'info | kpi\_check\_reader | may read relations of the mart, but not scorecard | GRANT SELECT ON ALL TABLES IN SCHEMA good TO kpi\_check\_reader'),
	(7, 'everybody may', 'GRANT USAGE ON SCHEMA good TO PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA good TO PUBLIC', ''),
	(8, 'the owner may not read', 'ALTER VIEW good.opportunity_check OWNER TO kpi_check_reader; GRANT SELECT ON good.rep, good.goal, good.activity TO kpi_check_reader',
		'error | opportunity | kpi\_check\_reader, who owns the mart, may not read it | GRANT SELECT ON good.opportunity TO kpi\_check\_reader'),
	(25, 'an owner without temporary tables', format('SELECT kpi.materialize_view(''good'', ''change''); REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC;
		ALTER MATERIALIZED VIEW good.change_materialized OWNER TO kpi_check_reader', current_database()),
		'warning | change\_materialized | a refresh blocks who reads: kpi\_check\_reader may make no temporary table, % | GRANT TEMPORARY ON DATABASE % TO kpi\_check\_reader'),
	-- settings
	(9, 'a gateway that is recorded', $$UPDATE good.config SET gateways = '{proposal,closing}'$$,
		'warning | config.gateways | appointment is none of them, and only 0.0 \% of the won have no appointment\_at | UPDATE good.config SET gateways = ''{appointment,proposal,closing}'''),
	(10, 'a gateway that is not', 'UPDATE good.opportunity SET proposal_at = NULL WHERE opportunity_id > 10',
		'warning | config.gateways | proposal is one of them, and 93.3 \% of the won have no proposal\_at | UPDATE good.config SET gateways = ''{appointment,closing}'''),
	(11, 'days of another time zone',
		$$UPDATE good.opportunity SET closed_at = date_trunc('day', closed_at, 'UTC'), created_at = date_trunc('day', created_at, 'Europe/Oslo')$$,
		'warning | config.time\_zone | nearly every closed\_at is at 02:00 in Europe/Oslo, which looks like midnight elsewhere: it may be of the wrong day | Set time\_zone %'),
	-- refresh
	(12, 'never refreshed', 'UPDATE good.config SET refreshed_as_of = NULL',
		'warning | config.refreshed\_as\_of | the mart was never refreshed | CALL kpi.refresh\_mart(''good'')'),
	(13, 'another as_of', $$UPDATE good.config SET as_of = '2024-06-30 12:00+02'$$,
		'warning | config.refreshed\_as\_of | the figures are of 2024-06-24 12:00, and as\_of is 2024-06-30 12:00 | CALL kpi.refresh\_mart(''good'')'),
	(14, 'newer opportunities', $$UPDATE good.config SET as_of = NULL; INSERT INTO good.opportunity VALUES (200, 1, '2024-07-02 08:00Z', NULL, NULL, NULL, 'open')$$,
		'warning | config.refreshed\_as\_of | the figures are of 2024-06-24 12:00, and there are opportunities of 2024-07-02 10:00 | CALL kpi.refresh\_mart(''good'')'),
	(15, 'newer changes, and an as_of that may be meant', $$UPDATE good.opportunity SET updated_at = '2024-07-02 08:00Z' WHERE opportunity_id = 9$$,
		'info | config.refreshed\_as\_of | the figures are of 2024-06-24 12:00, and there are opportunities of 2024-07-02 10:00 | UPDATE good.config SET as\_of = NULL; CALL %'),
	(16, 'older opportunities only', 'DELETE FROM good.opportunity WHERE opportunity_id > 150',
		'warning | config.refreshed\_as\_of | the figures are of 2024-06-24 12:00, and the newest opportunity is of 2024-05-24 21:30: weeks without data %'),
	(17, 'a date of the far future, and one that is none', $$INSERT INTO good.opportunity VALUES (200, 1, '9999-12-31'), (201, 1, 'infinity')$$, ''),
	-- goals, peers, playbook
	(18, 'reps without a goal', $$DELETE FROM good.goal WHERE rep_id < 4; UPDATE good.rep SET left_on = '2024-06-23' WHERE rep_id = 1$$,
		'warning | goal | reps without a goal that holds 2024-06-24: 2, 3 | INSERT INTO good.goal (rep\_id, starts\_on, ends\_on, revenue) VALUES ...'),
	(19, 'a goal that is left out', $$INSERT INTO good.goal VALUES (9, '2024-01-01', '2024-12-31', 1)$$,
		'warning | goal | goals that are left out: 1 | SELECT * FROM good.data\_issue WHERE relation = ''goal'' AND NOT counted'),
	(20, 'a peer group of one', $$UPDATE good.rep SET peer_group = 'other' WHERE rep_id = 2$$, 'warning | rep.peer\_group | rep 2 is alone in peer group "other" | %'),
	(21, 'rules of no KPI and no peer group',
		$$UPDATE good.playbook SET kpi = 'close_ratio' WHERE kpi = 'closing_ratio'; UPDATE good.playbook SET peer_group = 'none' WHERE kpi = 'barometer'$$,
		E'warning | playbook.kpi | there is no KPI "close\\_ratio" | The KPIs are %closing\\_ratio, %\nwarning | playbook.peer\\_group | no rep is in peer group "none" | %'),
	(22, 'rules in another language', $$DELETE FROM good.playbook WHERE locale = 'nb'; UPDATE good.config SET locale = 'nb'$$,
		'warning | playbook.locale | no advice is in the language of the mart, "nb" | UPDATE good.config SET locale = ...'),
	-- rows
	(23, 'faults', $$UPDATE good.opportunity SET amount = -1 WHERE opportunity_id % 5 = 0; SELECT kpi.refresh_mart_now('good')$$,
		'warning | opportunity | opportunities with a fault: 36 of 180 | SELECT * FROM kpi.check\_contract(''good'')'),
	(24, 'nobody''s opportunities', 'UPDATE good.opportunity SET rep_id = NULL WHERE opportunity_id = 1; UPDATE good.opportunity SET rep_id = 7 WHERE opportunity_id = 2',
		'warning | opportunity.rep\_id | opportunities of nobody in rep, which are not counted: 2 | SELECT * FROM good.data\_issue WHERE issue IN (''no\_owner'', ''unknown\_rep'')')
) AS c(place, name, change, said)
ORDER BY place;

-- by its owner, who need be nobody in particular
CREATE ROLE kpi_check_owner;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO kpi_check_owner', current_database()); END $$;
SET LOCAL ROLE kpi_check_owner;
CREATE SCHEMA "Own 'mart'";
CREATE TABLE "Own 'mart'".rep (rep_id integer, rep_name text, team text, peer_group text);
CREATE TABLE "Own 'mart'".opportunity (
	opportunity_id integer, rep_id integer, created_at timestamptz, appointment_at timestamptz, proposal_at timestamptz, closed_at timestamptz, outcome text, amount numeric
);
SELECT create_mart('Own ''mart''');
SELECT results_eq(
	$$SELECT severity, subject, message, hint FROM check_mart('Own ''mart''')$$,
	$$VALUES ('warning', 'config.refreshed_as_of', 'the mart was never refreshed', 'CALL kpi.refresh_mart(''Own ''''mart'''''')')$$,
	'by an owner without other rights');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
