\set ECHO none
SET default_transaction_isolation = 'repeatable read';
\i test/setup.sql
\i test/mart.sql
SELECT plan(75);

CREATE FUNCTION pg_temp.detail(command text) RETURNS text
	LANGUAGE plpgsql
AS $$
DECLARE
	state text;
	detail text;
BEGIN
	EXECUTE command;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL;
	RETURN state || E'\n' || detail;
END
$$;

CREATE FUNCTION pg_temp.shape() RETURNS TABLE (relation text, shape text)
	LANGUAGE sql
BEGIN ATOMIC
	SELECT c.relname::text,
		concat_ws(' | ', c.relkind, obj_description(c.oid, 'pg_class'), pg_get_viewdef(c.oid), array_to_string(c.reloptions, ','), c.relacl::text,
			(SELECT string_agg(format('%s %s %s %s %s', attname, format_type(atttypid, atttypmod), attnotnull, attacl, col_description(attrelid, attnum)), ', ' ORDER BY attnum)
				FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
			(SELECT string_agg(conname || ' ' || pg_get_constraintdef(oid), ', ' ORDER BY conname) FROM pg_constraint WHERE conrelid = c.oid),
			(SELECT string_agg(polname || ' ' || pg_get_expr(polqual, polrelid), ', ') FROM pg_policy WHERE polrelid = c.oid))
	FROM pg_class AS c
	WHERE c.relnamespace = 'sales'::regnamespace AND c.relkind IN ('r', 'v', 'm');
END;

SELECT lives_ok($$SELECT kpi.create_mart('sales', options => '{"as_of": "2024-06-26", "trailing_weeks": 12, "cycle_horizon_days": 50}')$$, 'made');
INSERT INTO sales.goal SELECT * FROM crm.goal;
SELECT lives_ok(format('SELECT kpi.materialize_view(''sales'', %L)', v), v || ' materialized') FROM unnest(ARRAY['scorecard', 'barometer']) AS v;
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'refreshed');

-- What stands on a mart
CREATE ROLE kpi_reader;
CREATE ROLE kpi_other;
GRANT SELECT ON sales.scorecard TO kpi_reader WITH GRANT OPTION;
GRANT SELECT (rep_id, rep_name) ON sales.scorecard TO PUBLIC;
GRANT SELECT ON sales.weekly, sales.config, sales.scorecard_materialized TO kpi_reader;
ALTER TABLE sales.weekly ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_rep ON sales.weekly TO kpi_reader USING (rep_id = 1);
ALTER VIEW sales.barometer SET (security_barrier = true);
CREATE SCHEMA mine;
CREATE VIEW mine.board AS SELECT rep_name, closing_ratio FROM sales.scorecard;
CREATE MATERIALIZED VIEW mine.stored AS SELECT rep_id, week, sum(revenue) AS revenue FROM sales.weekly GROUP BY 1, 2;
CREATE VIEW mine.later AS SELECT rep_id, attainment FROM sales.scorecard_materialized;
CREATE VIEW mine.bar AS SELECT * FROM sales.barometer;

CREATE TEMPORARY TABLE before AS SELECT * FROM pg_temp.shape();
CREATE TEMPORARY TABLE figures AS SELECT * FROM sales.scorecard;
SELECT lives_ok($$SELECT kpi.upgrade_mart('sales')$$, 'upgraded to the same version');
SELECT set_eq($$SELECT * FROM pg_temp.shape()$$, $$SELECT * FROM before$$, 'nothing changes');
SELECT set_eq($$SELECT * FROM sales.scorecard$$, $$SELECT * FROM figures$$, 'nor do the figures');

-- A newer kpi, by its templates. Columns at the end of views, and of tables.
UPDATE kpi.template SET body = replace(body, 'clean_share' || E'\n', 'clean_share, 42 AS extra' || E'\n') WHERE relation = 'scorecard';
UPDATE kpi.template SET body = replace(body, E' AS appointments,\n', E' AS appointments, 7 AS extra,\n') WHERE relation = 'weekly';
UPDATE kpi.template SET body = replace(replace(body, E'\tlocale text', E'\textra numeric NOT NULL DEFAULT 0.5 CHECK (extra < 1),\n\tlocale text'), 'BETWEEN 1 AND 52', 'BETWEEN 1 AND 26') WHERE relation = 'config';
UPDATE kpi.template SET body = replace(replace(body, E'\tbasis text,\n', E'\tbasis text,\n\tplace integer,\n'), 'goal_weeks numeric(12,6)', 'goal_weeks numeric(14,8)') WHERE relation = 'required_weekly';
UPDATE kpi.template SET body = replace(body, 'goal_weeks, win_ratio::numeric(12,6) AS win_ratio, basis,', 'goal_weeks, win_ratio::numeric(12,6) AS win_ratio, basis, 1 AS place,') WHERE relation = 'required_weekly';
CREATE TEMPORARY TABLE remembered AS SELECT rep_id, week, required, goal_weeks FROM sales.required_weekly;
SELECT is(pg_temp.detail($$SELECT kpi.upgrade_mart('sales')$$), E'2BP01\nview mine.later depends on scorecard_materialized', 'a materialized view cannot be replaced under a view of the user''s');
SELECT set_eq($$SELECT * FROM pg_temp.shape()$$, $$SELECT * FROM before$$, 'and nothing has changed');
DROP VIEW mine.later;
SELECT lives_ok($$SELECT kpi.upgrade_mart('sales')$$, 'upgraded to templates with more columns');
SELECT has_column('sales', r, 'extra', r || ' has the column') FROM unnest(ARRAY['scorecard', 'weekly', 'weekly_now']) AS r;
SELECT isnt_empty($$SELECT FROM pg_attribute WHERE attrelid = 'sales.scorecard_materialized'::regclass AND attname = 'extra'$$, 'so has the materialized view');
SELECT set_eq($$SELECT rep_id, closing_ratio, magic_number FROM sales.scorecard$$, $$SELECT rep_id, closing_ratio, magic_number FROM figures$$, 'the figures stay');
SELECT results_eq($$SELECT trailing_weeks, extra FROM sales.config$$, $$VALUES (12, 0.5)$$, 'settings are kept, a new one has its default');
SELECT throws_ok($$UPDATE sales.config SET trailing_weeks = 27$$, '23514', NULL, 'a setting has its new bounds');
SELECT set_eq($$SELECT rep_id, week, required, goal_weeks FROM sales.required_weekly$$, $$SELECT * FROM remembered$$, 'what is remembered is kept');
SELECT col_type_is('sales', 'required_weekly', 'goal_weeks', 'numeric(14,8)', 'in its new type');
SELECT is((SELECT count(*) FROM sales.goal), 9::bigint, 'goals are kept');
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'refreshed');
SELECT results_eq($$SELECT DISTINCT extra FROM sales.weekly$$, 'VALUES (7)', 'the next refresh fills the column of a table');
SELECT results_eq($$SELECT DISTINCT extra FROM sales.scorecard_materialized$$, 'VALUES (42)', 'and of the materialized view');
SELECT ok(has_table_privilege('kpi_reader', relation, privilege), format('%s: %s is still granted', relation, privilege))
FROM (VALUES ('sales.scorecard', 'SELECT WITH GRANT OPTION'), ('sales.scorecard_materialized', 'SELECT'), ('sales.weekly', 'SELECT'), ('sales.config', 'SELECT')) AS g(relation, privilege);
SELECT results_eq($$SELECT has_column_privilege('kpi_other', 'sales.scorecard', 'rep_name', 'SELECT'), has_column_privilege('kpi_other', 'sales.scorecard', 'closing_ratio', 'SELECT')$$,
	'VALUES (true, false)', 'on columns, too');

-- A view that must change otherwise: a column goes, another is renamed
CREATE VIEW mine.later AS SELECT rep_id, attainment FROM sales.scorecard_materialized;
ALTER DEFAULT PRIVILEGES IN SCHEMA sales GRANT ALL ON TABLES TO kpi_other;
UPDATE kpi.template SET body = replace(replace(body, 'rep_name, team, peer_group, ', 'rep_name, peer_group, team, '), 'clean_share, 42 AS extra', 'clean_share') WHERE relation = 'scorecard';
UPDATE kpi.template SET body = replace(body, 'is_running', 'is_incomplete') WHERE relation = 'barometer';
DELETE FROM before;
INSERT INTO before SELECT * FROM pg_temp.shape();
SELECT is(pg_temp.detail($$SELECT kpi.upgrade_mart('sales')$$), E'2BP01\nview mine.bar depends on barometer\nview mine.board depends on scorecard\nview mine.later depends on scorecard_materialized',
	'views of the user''s on views that must change are listed');
SELECT set_eq($$SELECT * FROM pg_temp.shape()$$, $$SELECT * FROM before$$, 'and nothing has changed');
DROP VIEW mine.later, mine.bar, mine.board;
SELECT lives_ok($$SELECT kpi.upgrade_mart('sales')$$, 'without them it is upgraded');
SELECT hasnt_column('sales', r, 'extra', r || ' has lost the column') FROM unnest(ARRAY['scorecard', 'scorecard_materialized']) AS r WHERE r = 'scorecard';
SELECT is_empty($$SELECT FROM pg_attribute WHERE attrelid = 'sales.scorecard_materialized'::regclass AND attname = 'extra'$$, 'so has the materialized view');
SELECT has_column('sales', 'barometer', 'is_incomplete', 'barometer has the column under its new name');
SELECT ok(has_table_privilege('kpi_reader', relation, privilege), format('%s: %s is still granted', relation, privilege))
FROM (VALUES ('sales.scorecard', 'SELECT WITH GRANT OPTION'), ('sales.scorecard_materialized', 'SELECT')) AS g(relation, privilege);
SELECT results_eq($$SELECT has_column_privilege('kpi_other', 'sales.scorecard', 'rep_name', 'SELECT'), has_column_privilege('kpi_other', 'sales.scorecard', 'closing_ratio', 'SELECT')$$,
	'VALUES (true, false)', 'and no more than before, whatever the default privileges are');
SELECT is((SELECT array_agg(option ORDER BY option) FROM pg_class, unnest(reloptions) AS option WHERE oid = 'sales.barometer'::regclass), '{security_barrier=true,security_invoker=false}',
	'a security barrier stays');
SELECT is_empty($$SELECT relname FROM pg_class WHERE relnamespace = 'sales'::regnamespace AND relname LIKE '%(kpi)%'$$, 'no working relation is left');

-- A view that a newer kpi has no more, and one that has become a table
SELECT lives_ok($$SELECT kpi.materialize_view('sales', 'best_practice')$$, 'best_practice materialized');
GRANT SELECT ON sales.barometer_4 TO kpi_reader;
CREATE VIEW mine.best AS SELECT rep_name FROM sales.best_practice;
DELETE FROM kpi.template WHERE relation = 'best_practice';
UPDATE kpi.template SET body = replace(body, 'CREATE OR REPLACE VIEW barometer_4 AS', 'CREATE OR REPLACE VIEW barometer_4_now AS') || E'\nCREATE TABLE IF NOT EXISTS barometer_4 (LIKE barometer_4_now, PRIMARY KEY (rep_id));\n'
WHERE relation = 'barometer_4';
DELETE FROM before;
INSERT INTO before SELECT * FROM pg_temp.shape();
SELECT is(pg_temp.detail($$SELECT kpi.upgrade_mart('sales')$$), E'2BP01\nview mine.best depends on best_practice', 'a view of the user''s on a view that goes is listed');
SELECT set_eq($$SELECT * FROM pg_temp.shape()$$, $$SELECT * FROM before$$, 'and nothing has changed');
DROP VIEW mine.best;
SELECT lives_ok($$SELECT kpi.upgrade_mart('sales')$$, 'without it it is upgraded');
SELECT is_empty($$SELECT relname FROM pg_class WHERE relnamespace = 'sales'::regnamespace AND relname ~ '^best_practice|\(kpi\)'$$, 'the view is gone, and what was materialized of it');
SELECT is_empty($$SELECT name FROM sales.config, unnest(made) AS name WHERE name ~ '^best_practice'$$, 'the mart knows');
SELECT has_table('sales', 'barometer_4', 'the other one is a table');
SELECT ok(has_table_privilege('kpi_reader', 'sales.barometer_4', 'SELECT'), 'with the grants of the view');
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'refreshed');

-- A table that must change
UPDATE kpi.template SET body = replace(replace(body, ', 7 AS extra', ''), E'\tcoalesce(lost_days, 0) AS lost_days,\n', '') WHERE relation = 'weekly';
UPDATE kpi.template SET body = regexp_replace(body, 'sum\(lost_days\)', 'sum(0)', 'g') WHERE relation IN ('rep_week', 'scorecard_history');
CREATE VIEW mine.lost AS SELECT rep_id, sum(lost_days) AS days FROM sales.weekly GROUP BY rep_id;
SELECT is(pg_temp.detail($$SELECT kpi.upgrade_mart('sales')$$), E'2BP01\nview mine.lost depends on weekly', 'a view of the user''s on a column that goes is listed');
DROP VIEW mine.lost;
SELECT lives_ok($$SELECT kpi.upgrade_mart('sales')$$, 'without it it is upgraded');
SELECT hasnt_column('sales', 'weekly', 'lost_days', 'the column is gone');
SELECT isnt_empty($$SELECT FROM mine.stored$$, 'what stands on the others stands');
SELECT policies_are('sales', 'weekly', ARRAY['one_rep'], 'and so do policies');
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'refreshed');

-- A key of another type in the CRM
DROP VIEW sales.opportunity, sales.rep CASCADE;
DROP MATERIALIZED VIEW mine.stored;
DROP POLICY one_rep ON sales.weekly;
CREATE VIEW sales.opportunity AS SELECT opportunity_id, 'R' || rep_id AS rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount FROM crm.opportunity;
CREATE VIEW sales.rep AS SELECT 'R' || rep_id AS rep_id, rep_name, team, peer_group FROM crm.rep;
SELECT lives_ok($$SELECT kpi.create_mart('sales')$$, 'another type of rep_id');
SELECT is((SELECT array_agg(DISTINCT t) FROM pg_class AS c, kpi.mart_column_type('sales', c.relname::text, 'rep_id') AS t WHERE relnamespace = 'sales'::regnamespace AND relkind = 'r' AND t IS NOT NULL), '{text}',
	'every table has it');
UPDATE sales.goal SET rep_id = 'R' || rep_id;
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'and can be refreshed');
SELECT isnt_empty($$SELECT FROM sales.scorecard WHERE magic_number > 0$$, 'the goals, mended by hand, count');

DROP VIEW sales.opportunity, sales.rep CASCADE;
CREATE VIEW sales.opportunity AS SELECT opportunity_id, lpad(rep_id::text, 32, '0')::uuid AS rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount FROM crm.opportunity;
CREATE VIEW sales.rep AS SELECT lpad(rep_id::text, 32, '0')::uuid AS rep_id, rep_name, team, peer_group FROM crm.rep;
SELECT is(pg_temp.detail($$SELECT kpi.create_mart('sales')$$), E'42804\ninvalid input syntax for type uuid: "R1"', 'what was filled in and cannot become the new type is told');
UPDATE sales.goal SET rep_id = lpad(substr(rep_id, 2), 32, '0');
DELETE FROM sales.required_weekly;
DELETE FROM sales.scorecard_snapshot;
SELECT lives_ok($$SELECT kpi.create_mart('sales')$$, 'and when it can, is brought to it');
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'and can be refreshed');
SELECT isnt_empty($$SELECT FROM sales.scorecard WHERE magic_number > 0$$, 'the goals count');

-- Another version of kpi
UPDATE sales.config SET kpi_version = '99.0.0';
SELECT throws_ok($$SELECT kpi.upgrade_mart('sales')$$, '0A000', NULL, 'a mart of a newer kpi is refused');
SELECT throws_ok($$SELECT kpi.create_mart('sales')$$, '0A000', NULL, 'by create_mart, too');
UPDATE sales.config SET kpi_version = '0.0.9';
SELECT lives_ok($$SELECT kpi.upgrade_mart('sales')$$, 'one of an older kpi is upgraded');
SELECT is(kpi_version, extversion COLLATE "default", 'and is of this version') FROM sales.config, pg_extension WHERE extname = 'kpi';
SELECT results_eq(
	$$SELECT kpi.mart_version_number(a) < kpi.mart_version_number(b) FROM (VALUES (1, '0.9.0', '0.10.0'), (2, '1.0', '1.0.1'), (3, '2.0.0beta1', '2.0.0')) AS v(n, a, b) ORDER BY n$$,
	'VALUES (true), (true), (false)', 'versions compare as numbers');
SELECT throws_ok(format('SELECT kpi.upgrade_mart(%L)', s), '3F000', NULL, coalesce(s, 'NULL') || ' is no mart') FROM unnest(ARRAY['crm', 'nowhere', NULL]) AS s;

-- The extension itself
SELECT throws_ok('DROP EXTENSION kpi', '2BP01', NULL, 'kpi cannot be dropped under a mart');
DROP EXTENSION kpi CASCADE;
SELECT is((SELECT count(*) FROM sales.goal), 9::bigint, 'with CASCADE it takes views and columns with it, not what was filled in');
DROP TABLE sales.barometer_4 CASCADE;	-- a view again
CREATE EXTENSION kpi;
SELECT lives_ok($$SELECT kpi.create_mart('sales')$$, 'what is missing is made again');
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'and filled');
SELECT isnt_empty($$SELECT FROM sales.scorecard WHERE magic_number > 0$$, 'as before');

SELECT * FROM finish();
ROLLBACK;
