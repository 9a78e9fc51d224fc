\set ECHO none
SET default_transaction_isolation = 'repeatable read';
\i test/setup.sql
\i test/mart.sql
SELECT plan(72);

CREATE FUNCTION pg_temp.hint(command text) RETURNS text
	LANGUAGE plpgsql
AS $$
DECLARE
	hint text;
BEGIN
	EXECUTE command;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN hint;
END
$$;

SELECT lives_ok($$SELECT kpi.create_mart('sales', options => '{"as_of": "2024-06-26"}')$$, 'made');
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'refreshed, in a block of isolation level repeatable read');
SELECT is((SELECT refreshed_as_of FROM sales.config), '2024-06-26 00:00Z'::timestamptz, 'as of the moment set');
SELECT set_eq(
	$$SELECT rep_id, week, month, sum(new_opportunities)::bigint AS new, sum(closing_passed)::bigint AS won, sum(revenue) AS revenue FROM sales.weekly GROUP BY 1, 2, 3$$,
	$$SELECT rep_id, date_trunc('week', at)::date AS week, date_trunc('month', at)::date AS month, sum(new)::bigint AS new, sum(won)::bigint AS won, sum(amount * won) AS revenue
		FROM (SELECT rep_id, appointment_at AT TIME ZONE 'UTC' AS at, 1 AS new, 0 AS won, 0 AS amount FROM crm.opportunity WHERE appointment_at <= '2024-06-26'
			UNION ALL
			SELECT rep_id, closed_at AT TIME ZONE 'UTC', 0, (outcome = 'won')::integer, amount FROM crm.opportunity WHERE closed_at <= '2024-06-26'
			UNION ALL
			SELECT rep_id, proposal_at AT TIME ZONE 'UTC', 0, 0, 0 FROM crm.opportunity WHERE proposal_at <= '2024-06-26'
			UNION ALL
			SELECT rep_id, happened_at AT TIME ZONE 'UTC', 0, 0, 0 FROM sales.activity WHERE happened_at <= '2024-06-26') AS e
		GROUP BY 1, 2, 3$$,
	'weekly holds what the CRM does');

-- Only what has changed is written
CREATE TEMPORARY TABLE before AS SELECT rep_id, offering, week, month, ctid AS row FROM sales.weekly;
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'again');
SELECT is_empty($$SELECT FROM sales.weekly JOIN before USING (rep_id, offering, week, month) WHERE weekly.ctid <> row$$, 'nothing has changed, nothing is written');
UPDATE crm.opportunity SET amount = amount + 1 WHERE opportunity_id = (SELECT min(opportunity_id) FROM crm.opportunity WHERE outcome = 'won' AND closed_at < '2024-06-26');
DELETE FROM crm.opportunity WHERE rep_id = 9;
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'after a change');
SELECT is((SELECT count(*) FROM sales.weekly JOIN before USING (rep_id, offering, week, month) WHERE weekly.ctid <> row), 1::bigint, 'one row is written again');
SELECT is_empty($$SELECT FROM sales.weekly WHERE rep_id = 9$$, 'rows that are gone go');

-- What is empty is filled at once where there are no workers, else through a table of differences: with the same
CREATE TEMPORARY TABLE all_weekly AS SELECT * FROM sales.weekly;
CREATE TEMPORARY TABLE all_curve AS SELECT * FROM sales.curve;
CREATE TEMPORARY TABLE all_measure AS SELECT * FROM sales.measure;
TRUNCATE sales.weekly, sales.curve, sales.measure;
UPDATE sales.config SET source_digest = '';
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'without workers');
RESET max_parallel_workers_per_gather;
SELECT set_eq('SELECT * FROM sales.' || relation, 'SELECT * FROM all_' || relation, relation || ' is the same')
FROM unnest('{weekly,curve,measure}'::text[]) AS relation;

-- A refresh computes nothing where nothing has changed that the figures depend on
CREATE FUNCTION pg_temp.is_noticed(change text) RETURNS boolean
	LANGUAGE plpgsql
AS $$
BEGIN
	EXECUTE change;
	PERFORM kpi.refresh_mart_now('sales');
	-- undone
	RAISE EXCEPTION '%', (SELECT source_digest <> pg_catalog.current_setting('test.digest') FROM sales.config);
EXCEPTION WHEN raise_exception THEN
	RETURN SQLERRM;
END
$$;
-- a row too long to lie in one piece
UPDATE crm.opportunity SET offering = (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 78) AS n)
WHERE opportunity_id = (SELECT min(opportunity_id) FROM crm.opportunity WHERE outcome = 'won');
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'with a long name');
SELECT set_config('test.digest', source_digest, true) FROM sales.config \g /dev/null
SELECT is(pg_temp.is_noticed(change), expected, 'noticed or not: ' || name)
FROM (VALUES
	('nothing', 'SELECT', false),
	('the order of the rows', 'CREATE TEMPORARY TABLE o AS SELECT * FROM crm.opportunity; DELETE FROM crm.opportunity; INSERT INTO crm.opportunity SELECT * FROM o ORDER BY amount, opportunity_id DESC', false),
	('an amount', 'UPDATE crm.opportunity SET amount = amount + 0.01 WHERE opportunity_id = (SELECT max(opportunity_id) FROM crm.opportunity WHERE amount > 0)', true),
	('an amount that is not known any more', 'UPDATE crm.opportunity SET amount = NULL WHERE opportunity_id = (SELECT max(opportunity_id) FROM crm.opportunity WHERE amount > 0)', true),
	('the end of a long name', $$UPDATE crm.opportunity SET offering = left(offering, -1) || '!' WHERE length(offering) > 2000$$, true),
	('an opportunity twice', 'ALTER TABLE crm.opportunity DROP CONSTRAINT opportunity_pkey; INSERT INTO crm.opportunity SELECT * FROM crm.opportunity WHERE opportunity_id = (SELECT max(opportunity_id) FROM crm.opportunity WHERE amount > 0)', true),
	('two whose owners are exchanged', 'UPDATE crm.opportunity AS o SET rep_id = n.rep_id FROM (SELECT array_agg(opportunity_id) AS ids, array_agg(rep_id) AS reps FROM (SELECT DISTINCT ON (rep_id) opportunity_id, rep_id FROM crm.opportunity WHERE rep_id IN (1, 2) ORDER BY rep_id, opportunity_id) AS f) AS a, LATERAL (VALUES (ids[1], reps[2]), (ids[2], reps[1])) AS n(id, rep_id) WHERE o.opportunity_id = n.id', true),
	('a moment later', $$UPDATE sales.config SET as_of = as_of + interval '1 microsecond'$$, false),
	('a day later', $$UPDATE sales.config SET as_of = as_of + interval '1 day'$$, true),
	('a setting', 'UPDATE sales.config SET confidence = 0.9', true),
	('a rep', $$UPDATE crm.rep SET team = 'other' WHERE rep_id = 1$$, true),
	('a goal', $$INSERT INTO sales.goal VALUES (1, '2030-01-01', '2030-01-31', 1)$$, true),
	('an activity', $$INSERT INTO sales.activity VALUES (1, 'call', '2024-06-25', NULL)$$, true),
	('an activity yet to come', $$INSERT INTO sales.activity VALUES (1, 'call', '2024-06-27', NULL)$$, false),
	('a floor', 'UPDATE sales.playbook SET floor = floor / 2', true),
	('a coaching', $$INSERT INTO sales.coaching VALUES (1, 'closing_ratio', '2024-01-01')$$, true)
) AS c(name, change, expected);

-- What it reads of a table to tell is for those only who may read it, all of it
SELECT throws_ok($$SELECT kpi.mart_table_hash('sales.scorecard')$$, '42809', NULL, 'a view has no rows of its own');
CREATE ROLE kpi_other;
GRANT USAGE ON SCHEMA sales TO kpi_other;
SET ROLE kpi_other;
SELECT throws_ok($$SELECT kpi.mart_table_hash('sales.weekly')$$, '42501', NULL, 'a table of somebody else');
RESET ROLE;
GRANT SELECT ON sales.weekly TO kpi_other;
SET ROLE kpi_other;
SELECT lives_ok($$SELECT kpi.mart_table_hash('sales.weekly')$$, 'one that is shared');
RESET ROLE;
ALTER TABLE sales.weekly ENABLE ROW LEVEL SECURITY;
SET ROLE kpi_other;
SELECT throws_ok($$SELECT kpi.mart_table_hash('sales.weekly')$$, '42501', NULL, 'not with row security');
RESET ROLE;
ALTER TABLE sales.weekly DISABLE ROW LEVEL SECURITY;

-- A relation in the way is told
CREATE TABLE sales."reached (kpi)" ();
SELECT throws_ok($$CALL kpi.refresh_mart('sales')$$, '42P07', 'mart "sales" holds a relation "reached (kpi)", the name that a refresh needs', 'a relation in the way');
DROP TABLE sales."reached (kpi)";
-- and the whole row counts, whatever a column of it is called
SELECT is(pg_temp.is_noticed($$ALTER TABLE sales.coaching ADD r text; UPDATE crm.rep SET team = 'other' WHERE rep_id = 1$$), true, 'a column r');

-- A failure leaves everything as it was
CREATE TEMPORARY TABLE stored AS SELECT * FROM sales.weekly;
CREATE TEMPORARY TABLE seen AS SELECT * FROM sales.scorecard;
UPDATE sales.config SET as_of = '2024-05-26';
CREATE FUNCTION crm.slow(n integer) RETURNS integer LANGUAGE sql AS $$SELECT n FROM pg_sleep(10) WHERE n = 400 UNION ALL SELECT n WHERE n <> 400$$;
CREATE OR REPLACE VIEW sales.opportunity AS
SELECT crm.slow(opportunity_id) AS opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount, offering, region FROM crm.opportunity;
CREATE FUNCTION pg_temp.state(command text) RETURNS text
	LANGUAGE plpgsql
AS $$
BEGIN
	EXECUTE command;
	RETURN 'no error';
EXCEPTION WHEN OTHERS OR query_canceled THEN
	RETURN SQLSTATE;
END
$$;
SET LOCAL statement_timeout = 500;
SELECT is(pg_temp.state($$CALL kpi.refresh_mart('sales')$$), '57014', 'a timeout in the middle');
SET LOCAL statement_timeout = 0;
CREATE OR REPLACE VIEW sales.opportunity AS
SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount, offering, region FROM crm.opportunity;
CREATE FUNCTION crm.fails() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = 'disk_full'; END$$;
CREATE TRIGGER fails BEFORE INSERT ON sales.measure EXECUTE FUNCTION crm.fails();
SELECT throws_ok($$CALL kpi.refresh_mart('sales')$$, '53100', 'no space', 'a failure late in the refresh');
SELECT set_eq('SELECT * FROM sales.weekly', 'SELECT * FROM stored', 'weekly is as it was');
SELECT set_eq('SELECT * FROM sales.scorecard', 'SELECT * FROM seen', 'and so is the scorecard');
SELECT is((SELECT refreshed_as_of FROM sales.config), '2024-06-26 00:00Z'::timestamptz, 'which says of what moment it is');
DROP TRIGGER fails ON sales.measure;
SELECT is_empty($$SELECT relname FROM pg_class WHERE relname LIKE '%(kpi)%'$$, 'no working table is left');

-- Whatever the session is like
CREATE TEMPORARY TABLE weekly (n integer);
CREATE TEMPORARY TABLE config (n integer);
CREATE TEMPORARY TABLE kpi_now (n integer);
CREATE SCHEMA hostile;
CREATE TABLE hostile.config (kpi_version text, made text[], refreshed_as_of timestamptz);
CREATE FUNCTION hostile.hashtext(text) RETURNS integer LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'hijacked'; END$$;
CREATE FUNCTION hostile.format(text, name) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'hijacked'; END$$;
CREATE FUNCTION hostile.is_equal(text, text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'hijacked'; END$$;
CREATE OPERATOR hostile.= (LEFTARG = text, RIGHTARG = text, FUNCTION = hostile.is_equal);
CREATE FUNCTION hostile.joined(text, text) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'hijacked'; END$$;
CREATE OPERATOR hostile.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = hostile.joined);
SELECT lives_ok(format($$SET LOCAL search_path = hostile, pg_catalog, public; SET LOCAL DateStyle = 'SQL, DMY'; SET LOCAL TimeZone = 'Asia/Tokyo'; %s; SET LOCAL search_path = kpi, public$$, command), command)
FROM (VALUES
	('CALL kpi.refresh_mart(''sales'')'),
	('SELECT kpi.refresh_relation(''sales'', ''weekly'')'),
	('SELECT kpi.create_mart(''sales'', options => ''{"as_of": "2024-06-26"}'')'),
	('SELECT kpi.materialize_view(''sales'', ''scorecard'')'),
	('SELECT kpi.upgrade_mart(''sales'')'),
	('CALL kpi.refresh_mart(''sales'')')
) AS c(command);
RESET DateStyle;
SET LOCAL TimeZone = 'UTC';
SELECT is((SELECT as_of FROM sales.config), '2024-06-26 00:00Z'::timestamptz, 'a moment does not depend on the client''s time zone');
SELECT set_eq('SELECT * FROM sales.scorecard', 'SELECT * FROM seen', 'figures do not either');
DROP TABLE pg_temp.weekly, pg_temp.config, pg_temp.kpi_now;

-- Text in keys does not depend on the settings of who refreshes
CREATE OR REPLACE VIEW sales.opportunity AS
SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount, offering, region, created_at::date AS opened_on, created_at AS moment, opportunity_id / 7.0::double precision AS size, 'web' AS source, 'A' AS team
FROM crm.opportunity;
SELECT lives_ok($$SELECT kpi.create_mart('sales', options => '{"dimensions": ["opened_on", "moment", "size", "source", "team"]}')$$, 'dimensions that print in many ways');
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'refreshed');
CREATE TEMPORARY TABLE texts AS SELECT * FROM sales.weekly;
SET LOCAL DateStyle = 'German';
SET LOCAL TimeZone = 'Asia/Tokyo';
SET LOCAL extra_float_digits = 0;
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'refreshed by another');
SELECT set_eq('SELECT * FROM sales.weekly', 'SELECT * FROM texts', 'nothing changes');
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL TimeZone = 'UTC';
SELECT lives_ok($$SELECT kpi.create_mart('sales', options => '{"dimensions": []}')$$, 'without them again');

-- Materialized views
SELECT throws_ok(format('SELECT kpi.materialize_view(''sales'', %L)', v), '22023', format('mart "sales" has no view "%s" that can be materialized', coalesce(v, '<NULL>')), coalesce(v, 'NULL') || ' is none')
FROM unnest(ARRAY['weekly', 'fact', 'opportunity', 'scorecard_materialized', 'nonsense', NULL]) AS v;
SELECT matches(pg_temp.hint($$SELECT kpi.materialize_view('sales', 'nonsense')$$), '^Views are activity_plan, .*, scorecard, .*team_scorecard, week[.]$', 'the views are listed');
SELECT throws_ok($$SELECT kpi.materialize_view('crm', 'rep')$$, '3F000', NULL, 'no mart');
SELECT lives_ok(format('SELECT kpi.materialize_view(''sales'', %L)', (SELECT string_agg(relation, ', ') FROM (SELECT 'team_scorecard' AS relation) AS v)), 'another view');
SELECT set_eq(
	$$SELECT t.relation FROM kpi.template AS t JOIN kpi.mart_statements() AS s ON s.name = t.relation AND s.kind = 'VIEW'$$,
	$$SELECT relation FROM kpi.mart_keys() UNION VALUES ('fact'), ('roster'), ('usable_goal'), ('opportunity_check'), ('data_issue'), ('reached')$$,
	'every view that is shown has a key');
CREATE FUNCTION pg_temp.fresh() RETURNS SETOF text
	LANGUAGE plpgsql
AS $$
DECLARE
	view text;
BEGIN
	FOR view IN SELECT relation FROM kpi.mart_keys() LOOP
		PERFORM kpi.materialize_view('sales', view);
	END LOOP;
	UPDATE sales.config SET as_of = as_of - interval '8 days';
	CALL kpi.refresh_mart('sales');
	FOR view IN SELECT relation FROM kpi.mart_keys() LOOP
		RETURN QUERY EXECUTE format('SELECT format(''%1$s: %%s of %%s'', (SELECT count(*) FROM (SELECT * FROM sales.%1$I INTERSECT ALL SELECT * FROM sales.%2$I) AS v), count(*))
			FROM sales.%1$I HAVING (SELECT count(*) FROM (SELECT * FROM sales.%1$I INTERSECT ALL SELECT * FROM sales.%2$I) AS v) <> count(*)
				OR (SELECT count(*) FROM sales.%2$I) <> count(*)', view, view || '_materialized');
	END LOOP;
END
$$;
SELECT is_empty('SELECT pg_temp.fresh()', 'every view can be materialized, and refresh_mart refreshes it');
SELECT isnt_empty('SELECT FROM sales.scorecard_materialized', 'with rows in it');
SELECT lives_ok($$SELECT kpi.materialize_view('sales', 'scorecard')$$, 'twice is once');
SELECT is_empty($$SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON attrelid = c.oid AND attnum > 0
	WHERE relnamespace = 'sales'::regnamespace AND relkind = 'm' AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, attnum) IS NULL)$$, 'they have comments');
SET LOCAL search_path = pg_catalog, pg_temp;
REFRESH MATERIALIZED VIEW CONCURRENTLY sales.scorecard_materialized;
SET LOCAL search_path = kpi, public;
SELECT pass('one can be refreshed by itself, concurrently, with a bare search_path');
SELECT throws_ok($$SELECT kpi.create_mart('sales', options => '{"row_security": true}')$$, '0A000', NULL, 'row security cannot be had for them');
DROP MATERIALIZED VIEW sales.scorecard_materialized;
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'one that was dropped is not missed');

SELECT * FROM finish();
ROLLBACK;
