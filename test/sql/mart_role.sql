\set ECHO none
SET default_transaction_isolation = 'repeatable read';
\i test/setup.sql
\i test/mart.sql
SELECT plan(39);

-- Runs a command for each relation of a mart and tells where it failed.
CREATE FUNCTION pg_temp.failures(mart text, command text) RETURNS SETOF text
	LANGUAGE plpgsql
AS $$
DECLARE
	relation text;
BEGIN
	FOR relation IN SELECT c.oid::regclass::text FROM pg_class AS c WHERE relnamespace = to_regnamespace(quote_ident(mart)) AND relkind IN ('r', 'v', 'm') LOOP
		BEGIN
			EXECUTE format(command, relation);
		EXCEPTION WHEN OTHERS THEN
			RETURN NEXT relation || ': ' || SQLSTATE;
		END;
	END LOOP;
END
$$;

-- A plain role with nothing but CREATE on the database: it may not even make temporary tables.
DROP SCHEMA sales CASCADE;
CREATE ROLE kpi_owner;
CREATE ROLE kpi_member IN ROLE kpi_owner;
CREATE ROLE kpi_reader;
CREATE ROLE "Rep ""1""";
SELECT current_database() AS database \gset
GRANT CREATE ON DATABASE :"database" TO kpi_owner;
REVOKE TEMPORARY ON DATABASE :"database" FROM PUBLIC;
GRANT USAGE ON SCHEMA crm TO kpi_owner;
GRANT SELECT ON ALL TABLES IN SCHEMA crm TO kpi_owner;

SET ROLE kpi_owner;
SELECT throws_ok('CREATE TEMPORARY TABLE t ()', '42501', NULL, 'the owner may not make temporary tables');
CREATE SCHEMA mart;
CREATE VIEW mart.opportunity AS SELECT * FROM crm.opportunity;
CREATE VIEW mart.rep AS SELECT * FROM crm.rep;
SELECT lives_ok($$SELECT kpi.create_mart('mart', options => '{"as_of": "2024-06-26"}')$$, 'made');
INSERT INTO mart.goal SELECT * FROM crm.goal;
SELECT lives_ok($$CALL kpi.refresh_mart('mart')$$, 'refreshed');
SELECT lives_ok($$SELECT kpi.materialize_view('mart', 'scorecard')$$, 'a view materialized');
SELECT lives_ok($$CALL kpi.refresh_mart('mart')$$, 'which is refreshed');
SELECT lives_ok($$SELECT kpi.upgrade_mart('mart')$$, 'upgraded');
SELECT ok((SELECT count(*) = 9 AND sum(new_opportunities) > 100 FROM mart.scorecard), 'the owner reads it');
RESET ROLE;
SELECT is((SELECT array_agg(DISTINCT relowner::regrole::text) FROM pg_class WHERE relnamespace = 'mart'::regnamespace), '{kpi_owner}', 'and owns all of it');

-- A schema of that name, in which the role may create
CREATE SCHEMA given;
GRANT USAGE, CREATE ON SCHEMA given TO kpi_owner;
SET ROLE kpi_owner;
CREATE VIEW given.opportunity AS SELECT * FROM crm.opportunity;
CREATE VIEW given.rep AS SELECT * FROM crm.rep;
SELECT lives_ok($$SELECT kpi.create_mart('given', options => '{"as_of": "2024-05-26", "trailing_weeks": 8}')$$, 'made in a schema of another''s');
SELECT lives_ok($$CALL kpi.refresh_mart('given')$$, 'refreshed');

-- Two marts in one database
SELECT is((SELECT array_agg(refreshed_as_of) FROM (SELECT refreshed_as_of FROM mart.config UNION ALL SELECT refreshed_as_of FROM given.config) AS c),
	'{2024-06-26 00:00Z,2024-05-26 00:00Z}', 'each mart has its own moment');
SELECT ok((SELECT bool_or(m.closing_decided <> g.closing_decided) FROM mart.scorecard AS m JOIN given.scorecard AS g USING (rep_id)), 'and its own figures');
SELECT lives_ok($$SELECT kpi.drop_mart('given')$$, 'one is dropped');
SELECT ok((SELECT count(*) = 9 FROM mart.scorecard), 'the other stands');
RESET ROLE;

-- One who may only read the mart
GRANT USAGE ON SCHEMA mart TO kpi_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA mart TO kpi_reader;
SET ROLE kpi_reader;
SELECT is(pg_temp.failures('mart', 'SELECT * FROM %s'), NULL, 'reads every relation');
SELECT ok((SELECT count(*) > 20 FROM pg_temp.failures('mart', 'DELETE FROM %s')), 'and writes none');
SELECT throws_ok('SELECT FROM crm.opportunity', '42501', NULL, 'nor reads the CRM');
SELECT throws_ok(command, '42501', 'mart "mart" belongs to role kpi_owner', command)
FROM (VALUES ('CALL kpi.refresh_mart(''mart'')'), ('SELECT kpi.create_mart(''mart'')'), ('SELECT kpi.upgrade_mart(''mart'')'), ('SELECT kpi.drop_mart(''mart'')'),
	('SELECT kpi.materialize_view(''mart'', ''change'')')) AS c(command);
SELECT throws_ok('SELECT kpi.refresh_relation(''mart'', ''weekly'')', '42501', NULL, 'parts of a refresh give no more rights');
SELECT throws_ok($$INSERT INTO kpi.template VALUES (99, 'x', 'x')$$, '42501', NULL, 'templates are the extension''s');
RESET ROLE;

-- One who is a member of the role that owns it refreshes it; what is made must be the owner's.
SET ROLE kpi_member;
SELECT lives_ok($$CALL kpi.refresh_mart('mart')$$, 'a member of the owner''s role refreshes');
SELECT throws_ok($$SELECT kpi.upgrade_mart('mart')$$, '42501', NULL, 'but does not make what he would own');
RESET ROLE;

-- A view runs functions with the rights of who reads it: a superuser does not refresh what others wrote.
SELECT throws_ok($$CALL kpi.refresh_mart('mart')$$, '42501', 'mart "mart" belongs to role kpi_owner', 'a superuser is told to take the owner''s role');

-- Row security: the views run with the rights of who reads.
ALTER TABLE crm.opportunity ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON crm.opportunity TO kpi_owner USING (true);
CREATE POLICY own ON crm.opportunity TO "Rep ""1""" USING (rep_id = 1);
GRANT USAGE ON SCHEMA crm, mart TO "Rep ""1""";
GRANT SELECT ON ALL TABLES IN SCHEMA crm, mart TO "Rep ""1""";
SET ROLE kpi_owner;
CREATE POLICY own ON mart.rep_week TO "Rep ""1""" USING (rep_id = 1);
ALTER TABLE mart.rep_week ENABLE ROW LEVEL SECURITY;
RESET ROLE;
SET ROLE "Rep ""1""";
SELECT ok((SELECT count(DISTINCT rep_id) FROM mart.fact) > 1, 'without row_security the views show all rows');
SELECT ok((SELECT count(DISTINCT rep_id) FROM mart.scorecard_history) > 1, 'also those that a policy on a table hides');
SET ROLE kpi_owner;
DROP MATERIALIZED VIEW mart.scorecard_materialized;
SET LOCAL client_min_messages = error;
SELECT lives_ok($$SELECT kpi.create_mart('mart', options => '{"row_security": true}')$$, 'row security on; the contract''s views are warned of');
SET LOCAL client_min_messages = warning;
SELECT is_empty($$SELECT relname FROM pg_class, mart.config WHERE relnamespace = 'mart'::regnamespace AND relkind = 'v' AND relname = ANY (made)
	AND reloptions IS DISTINCT FROM '{security_invoker=true}'$$, 'every view runs with the rights of who reads');
ALTER VIEW mart.opportunity SET (security_invoker = true);
ALTER VIEW mart.rep SET (security_invoker = on);
SELECT lives_ok($$CALL kpi.refresh_mart('mart')$$, 'the owner refreshes');
SELECT is((SELECT count(DISTINCT rep_id) FROM mart.weekly), 9::bigint, 'of all rows');
SELECT throws_ok($$SELECT kpi.materialize_view('mart', 'scorecard')$$, '0A000', NULL, 'a materialized view would show all rows');
SET ROLE "Rep ""1""";
SELECT is((SELECT array_agg(DISTINCT rep_id) FROM mart.fact), '{1}', 'who may see one rep''s opportunities in the CRM sees them in the mart');
SELECT is((SELECT array_agg(DISTINCT rep_id) FROM mart.scorecard_history), '{1}', 'and of stored relations what their policies show');
SELECT is(pg_temp.failures('mart', 'SELECT * FROM %s'), NULL, 'every relation can be read');
SET ROLE kpi_owner;
SELECT lives_ok($$SELECT kpi.upgrade_mart('mart')$$, 'upgraded');
SELECT is_empty($$SELECT relname FROM pg_class, mart.config WHERE relnamespace = 'mart'::regnamespace AND relkind = 'v' AND relname = ANY (made)
	AND reloptions IS DISTINCT FROM '{security_invoker=true}'$$, 'it stays');
SELECT is((SELECT count(*) FROM pg_policy WHERE polrelid = 'mart.rep_week'::regclass), 1::bigint, 'and so do policies');
SELECT lives_ok($$SELECT kpi.drop_mart('mart', keep_data => false)$$, 'the owner drops it');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
