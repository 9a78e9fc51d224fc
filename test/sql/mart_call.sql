\set ECHO none
\i test/setup.sql
\i test/mart.sql
SELECT plan(6);

-- This transaction is of isolation level read committed: each query of a refresh would see another state.
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
SELECT lives_ok($$SELECT kpi.create_mart('sales')$$, 'made');
SELECT throws_ok($$CALL kpi.refresh_mart('sales')$$, '25001', 'refresh_mart cannot run inside a transaction block of isolation level read committed', 'in a block that sees several states');
SELECT is(pg_temp.hint($$CALL kpi.refresh_mart('sales')$$), 'CALL it by itself, or begin the block with BEGIN ISOLATION LEVEL REPEATABLE READ.', 'it is refused, and told how');
SELECT throws_ok($$DO 'BEGIN CALL kpi.refresh_mart(''sales''); END'$$, '25001', NULL, 'also from within a block of code');
SELECT ok(NOT kpi.mart_may_commit(), 'a query cannot commit');
SELECT is((SELECT refreshed_at FROM sales.config), NULL, 'nothing was done');

SELECT * FROM finish();
ROLLBACK;
