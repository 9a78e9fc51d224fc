\set ECHO none
SET default_transaction_isolation = 'repeatable read';
\i test/setup.sql
\i test/mart.sql
SELECT plan(39);

CREATE FUNCTION pg_temp.report(command text) RETURNS text
	LANGUAGE plpgsql
AS $$
DECLARE
	state text;
	detail text;
	hint text;
BEGIN
	EXECUTE command;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(E'\n', state, detail, hint);
END
$$;

SELECT throws_ok(format('SELECT kpi.drop_mart(%L)', s), '3F000', NULL, coalesce(s, 'NULL') || ' is no mart') FROM unnest(ARRAY['crm', 'nowhere', NULL]) AS s;

-- Just made, it is dropped without ado
CREATE TABLE sales.mine (n integer);
SELECT lives_ok($$SELECT kpi.create_mart('sales', options => '{"as_of": "2024-06-26"}')$$, 'made');
SELECT lives_ok($$SELECT kpi.materialize_view('sales', 'scorecard')$$, 'a view materialized');
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'refreshed');
SELECT lives_ok($$SELECT kpi.drop_mart('sales')$$, 'and dropped');
SELECT is((SELECT array_agg(relname::text ORDER BY relname) FROM pg_class WHERE relnamespace = 'sales'::regnamespace), '{mine,opportunity,rep}', 'what the user made in the schema stays');
SELECT throws_ok($$SELECT kpi.drop_mart('sales')$$, '3F000', 'schema "sales" is no mart', 'it is no mart any more');

-- What was filled in
CREATE FUNCTION pg_temp.made() RETURNS SETOF text
	LANGUAGE sql
	RETURN lives_ok($$SELECT kpi.create_mart('sales', options => '{"as_of": "2024-06-26"}')$$, 'made anew');
SELECT pg_temp.made();
INSERT INTO sales.goal SELECT * FROM crm.goal;
INSERT INTO sales.activity SELECT * FROM crm.activity LIMIT 1;
SELECT is(pg_temp.report($$SELECT kpi.drop_mart('sales')$$), E'2BP01\ntable sales.activity holds what you filled in\ntable sales.goal holds what you filled in\nkeep_data => false drops the tables with what is in them.',
	'tables that were filled in stop it');
SELECT is(pg_temp.report($$SELECT kpi.drop_mart('sales', NULL)$$), pg_temp.report($$SELECT kpi.drop_mart('sales')$$), 'NULL is no permission');
DELETE FROM sales.goal;
DELETE FROM sales.activity;
UPDATE sales.playbook SET floor = 0.5 WHERE kpi = 'barometer';
SELECT is(pg_temp.report($$SELECT kpi.drop_mart('sales')$$), E'2BP01\ntable sales.playbook holds what you filled in\nkeep_data => false drops the tables with what is in them.', 'so does a playbook that was edited');
UPDATE sales.playbook SET floor = 1 WHERE kpi = 'barometer';
SELECT lives_ok($$SELECT kpi.upgrade_mart('sales')$$, 'edited back,');
SELECT lives_ok($$SELECT kpi.drop_mart('sales')$$, 'it is as it was');
SELECT pg_temp.made();
INSERT INTO sales.goal SELECT * FROM crm.goal;
SELECT lives_ok($$SELECT kpi.drop_mart('sales', keep_data => false)$$, 'with leave it is dropped');

-- What depends on it
SELECT pg_temp.made();
SELECT lives_ok($$SELECT kpi.materialize_view('sales', 'scorecard')$$, 'a view materialized');
CREATE SCHEMA mine;
CREATE VIEW mine.board AS SELECT rep_name, closing_ratio FROM sales.scorecard;
CREATE MATERIALIZED VIEW mine.stored AS SELECT rep_id, sum(revenue) AS revenue FROM sales.weekly GROUP BY 1;
CREATE VIEW sales.of_materialized AS SELECT rep_id FROM sales.scorecard_materialized;
CREATE FUNCTION mine.revenue() RETURNS numeric LANGUAGE sql BEGIN ATOMIC SELECT sum(revenue) FROM sales.rep_week; END;
CREATE FUNCTION mine.of_row(r sales.measure) RETURNS text LANGUAGE sql RETURN 'row';
CREATE TABLE mine.bonus (rep_id integer, starts_on date, ends_on date, FOREIGN KEY (rep_id, starts_on, ends_on) REFERENCES sales.goal);
CREATE TABLE mine.child () INHERITS (sales.goal);
CREATE TABLE mine.rows (r sales.scorecard);
ALTER TABLE crm.rep ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON crm.rep USING (EXISTS (SELECT FROM sales.curve WHERE curve.rep_id = rep.rep_id));
-- these go with it
CREATE INDEX ON sales.weekly (week);
CREATE POLICY one_rep ON sales.weekly USING (rep_id = 1);
CREATE STATISTICS sales.statistics ON rep_id, week FROM sales.weekly;
SET LOCAL client_min_messages = error;
CREATE PUBLICATION kpi_publication FOR TABLE sales.weekly;
SET LOCAL client_min_messages = warning;
SELECT is(pg_temp.report(format('SELECT kpi.drop_mart(''sales'', keep_data => %s)', keep::text)), $$2BP01
function mine.of_row(sales.measure) depends on the mart
function mine.revenue() depends on the mart
materialized view mine.stored depends on the mart
policy seen on crm.rep depends on the mart
table column mine.rows.r depends on the mart
table constraint bonus_rep_id_starts_on_ends_on_fkey on mine.bonus depends on the mart
table mine.child depends on the mart
view mine.board depends on the mart
view sales.of_materialized depends on the mart
Drop the objects that depend on it first.$$, 'whatever depends on it stops it, keep_data => ' || keep) FROM unnest(ARRAY[true, false]) AS keep;
SELECT isnt_empty($$SELECT FROM sales.config$$, 'nothing was dropped');
DROP SCHEMA mine CASCADE;
DROP POLICY seen ON crm.rep;
DROP VIEW sales.of_materialized;
SELECT lives_ok($$SELECT kpi.drop_mart('sales')$$, 'without them it is dropped, and what stood on its tables goes with them');

-- The schema goes if kpi made it, as it does when an adapter makes the contract
SELECT pg_temp.made();
UPDATE sales.config SET schema_made = true;
SELECT lives_ok($$SELECT kpi.drop_mart('sales')$$, 'dropped');
SELECT has_schema('sales', 'a schema that kpi made stays while something is in it');
DROP TABLE sales.mine;
SELECT pg_temp.made();
UPDATE sales.config SET schema_made = true, made = made || '{opportunity,rep}';
SELECT lives_ok($$SELECT kpi.create_mart('sales')$$, 'made again');
SELECT set_eq(
	$$SELECT relation, name FROM kpi.mart_contract() WHERE col_description(to_regclass('sales.' || relation),
		(SELECT attnum FROM pg_attribute WHERE attrelid = to_regclass('sales.' || relation) AND attname = name)) = meaning$$,
	$$SELECT c.relation, c.name FROM kpi.mart_contract() AS c JOIN pg_attribute ON attrelid = to_regclass('sales.' || relation) AND attname = name$$,
	'the columns of a contract that kpi made have comments');
SELECT is_empty($$SELECT relation FROM kpi.mart_contract() WHERE obj_description(to_regclass('sales.' || relation), 'pg_class') IS NULL$$, 'and so have its relations');
SELECT lives_ok($$SELECT kpi.drop_mart('sales')$$, 'dropped with the contract');
SELECT hasnt_schema('sales', 'and goes when nothing is');

-- Dropped and made again it is the same
CREATE SCHEMA sales;
CREATE VIEW sales.opportunity AS SELECT * FROM crm.opportunity;
CREATE VIEW sales.rep AS SELECT * FROM crm.rep;
SELECT pg_temp.made();
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'refreshed');
SELECT isnt_empty($$SELECT FROM sales.scorecard WHERE closing_decided > 0$$, 'and in use again');
DELETE FROM sales.config;
SELECT throws_ok(format('SELECT kpi.%s(''sales'')', f), '55000', 'config of mart "sales" has no row', f || ' without a row in config') FROM unnest(ARRAY['create_mart', 'upgrade_mart', 'drop_mart', 'refresh_mart_now']) AS f;

SELECT * FROM finish();
ROLLBACK;
