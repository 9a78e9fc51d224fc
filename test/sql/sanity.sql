\set ECHO none
\i test/setup.sql
\set meta `cat META.json || echo {}`
SELECT plan(34);

-- The members of the extension, from its own entries in the catalogs

CREATE TEMPORARY VIEW member AS
SELECT classid, objid
FROM pg_depend JOIN pg_extension AS e ON refclassid = 'pg_extension'::regclass AND refobjid = e.oid
WHERE deptype = 'e' AND extname = 'kpi';

CREATE TEMPORARY VIEW member_function AS
SELECT p.*, p.oid::regprocedure AS signature,
	p.proname ~ '_(in|out|recv|send|trans|inv|combine|final|pl|mi|eq|ne|hash|hash_extended)$|^posterior_|^mart_|^adapter_|^known_date$|^refresh_relation$|^refresh_mart_now$' AS private,
	-- those that make, read and change marts
	p.proname ~ '^mart_|^adapter_|_mart$|^refresh_relation$|^refresh_mart_now$|^materialize_view$|^check_contract$' AND p.proname <> 'mart_win_ratio' AS of_mart
FROM pg_proc AS p JOIN member ON classid = 'pg_proc'::regclass AND objid = p.oid;

CREATE TEMPORARY VIEW member_aggregate AS
SELECT f.signature, f.proname, a.*
FROM member_function AS f JOIN pg_aggregate AS a ON aggfnoid = f.oid
WHERE NOT private;

-- The array types are members since PostgreSQL 17.
CREATE TEMPORARY VIEW member_type AS
SELECT t.*
FROM pg_type AS t JOIN member ON classid = 'pg_type'::regclass AND objid = t.oid
WHERE typtype = 'b' AND typcategory <> 'A';

CREATE TEMPORARY VIEW member_operator AS
SELECT o.*, o.oid::regoperator AS signature
FROM pg_operator AS o JOIN member ON classid = 'pg_operator'::regclass AND objid = o.oid;

CREATE TEMPORARY VIEW member_opclass AS
SELECT c.*
FROM pg_opclass AS c JOIN member ON classid = 'pg_opclass'::regclass AND objid = c.oid;

SELECT is_empty(
	$$SELECT type, identity FROM member, pg_identify_object(classid, objid, 0) AS o
		WHERE schema IS DISTINCT FROM 'kpi' AND identity <> 'kpi'$$,
	'all members live in schema kpi');
SELECT is(:'meta'::json ->> 'version', extversion, 'META.json has the version of the extension')
FROM pg_extension WHERE extname = 'kpi';
SELECT is(:'meta'::json -> 'provides' -> 'kpi' ->> 'version', extversion, 'and provides it')
FROM pg_extension WHERE extname = 'kpi';

-- Functions

SELECT is_empty(
	$$SELECT signature FROM member_function WHERE provolatile <> 'i' AND NOT of_mart OR proparallel <> 's' AND (provolatile = 'i' OR NOT of_mart)$$,
	'all functions are IMMUTABLE and PARALLEL SAFE, but for those that make and read marts');
SELECT is_empty(
	$$SELECT signature FROM member_function WHERE prosecdef OR proconfig IS NOT NULL AND NOT of_mart$$,
	'none is SECURITY DEFINER, or sets a parameter, but for those of the mart');
SELECT is_empty(
	$$SELECT signature FROM member_function JOIN pg_language AS l ON l.oid = prolang
		WHERE CASE lanname
				WHEN 'plpgsql' THEN NOT of_mart OR provolatile = 'i' OR proparallel <> 'u'
					OR prokind = 'f' AND proconfig[1] IS DISTINCT FROM 'search_path=pg_catalog, pg_temp' OR prokind = 'p' AND proconfig IS NOT NULL
				WHEN 'sql' THEN prosqlbody IS NULL OR proconfig IS NOT NULL
				ELSE proconfig IS NOT NULL
			END$$,
	'no name in a function is looked up in the caller''s search_path: PL/pgSQL sets its own, SQL is parsed when it is made');
SELECT results_eq(
	$$SELECT proname FROM member_function WHERE prokind = 'p' AND prosrc !~ '[^.](current_setting|refresh_mart_now|mart_may_commit)\(' ORDER BY proname$$,
	$$VALUES ('refresh_mart'::name)$$,
	'a procedure that commits can set none, and qualifies its names');
SELECT is_empty(
	$$SELECT signature FROM member_function
		WHERE prokind IN ('f', 'w') AND NOT proisstrict AND proname !~ '_(trans|inv)$|^mart_cycles_' AND NOT of_mart AND proname <> 'mart_win_ratio'$$,
	'NULL in, NULL out');
SELECT is_empty(
	$$SELECT signature FROM member_function
		WHERE prokind IN ('f', 'w') AND NOT private AND pronargs > 0
			AND (proargnames IS NULL OR '' = ANY (proargnames[:pronargs]))$$,
	'public functions name their arguments');
SELECT is_empty(
	$$SELECT signature, t.typname FROM member_function, unnest(proargtypes) AS argument JOIN pg_type AS t ON t.oid = argument
		WHERE typtype = 'p' AND NOT (proname LIKE '%\_in' AND typname = 'cstring') AND NOT (proname LIKE '%\_recv' AND typname = 'internal')
			AND proname <> 'mart_row_hash' AND proname NOT LIKE 'mart\_cycles\_%'$$,
	'no argument is polymorphic or internal');
SELECT is_empty(
	$$SELECT signature FROM member_function WHERE obj_description(oid, 'pg_proc') IS NULL AND NOT private$$,
	'public functions and aggregates have a comment');
SELECT is_empty(
	$$SELECT signature FROM member_function WHERE NOT has_function_privilege('public', oid, 'EXECUTE')$$,
	'PUBLIC can execute all functions');

-- Tables

SELECT is_empty(
	$$SELECT c.oid::regclass, a.attname
		FROM pg_class AS c JOIN member ON classid = 'pg_class'::regclass AND objid = c.oid JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
		WHERE relkind = 'r' AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL
			OR NOT has_table_privilege('public', c.oid, 'SELECT') OR has_table_privilege('public', c.oid, 'INSERT, UPDATE, DELETE'))$$,
	'tables and their columns have a comment, PUBLIC can read them and no more');
SELECT is_empty(
	$$SELECT relname FROM pg_class JOIN member ON classid = 'pg_class'::regclass AND objid = pg_class.oid WHERE relkind IN ('v', 'm', 'S', 'f', 'p')$$,
	'no view is a member: those of a mart are its owner''s');

-- Aggregates

SELECT is_empty(
	$$SELECT signature FROM member_aggregate WHERE aggkind <> 'n' OR aggcombinefn = 0 OR aggserialfn <> 0 OR aggdeserialfn <> 0$$,
	'all aggregates combine their states as they are');
SELECT is_empty(
	$$SELECT signature FROM member_aggregate WHERE aggtranstype NOT IN (SELECT unnest(ARRAY[oid, typarray]) FROM member_type)$$,
	'the state of an aggregate is a summary, or an array of them');
SELECT is_empty(
	$$SELECT signature FROM member_aggregate JOIN pg_proc AS p ON p.oid = aggfnoid
		WHERE prorettype <> aggtranstype AND p.proname NOT IN ('funnel_ratio', 'prior_agg')$$,
	'and so is what it returns');
SELECT is_empty(
	$$SELECT signature FROM member_aggregate
		WHERE proname <> 'prior_agg' AND (aggmtransfn = 0 OR aggminvtransfn = 0 OR aggmtranstype <> aggtranstype OR aggmtransfn <> aggtransfn
			OR aggmfinalfn <> aggfinalfn OR aggminitval IS DISTINCT FROM agginitval OR aggmtransspace <> aggtransspace)$$,
	'all aggregates of summaries move, in the same form');
SELECT is_empty(
	$$SELECT signature FROM member_aggregate AS a JOIN pg_proc AS t ON t.oid = aggtransfn JOIN pg_proc AS i ON i.oid = aggminvtransfn
		WHERE t.proisstrict <> i.proisstrict OR (agginitval IS NULL) <> (a.proname = 'rollup')$$,
	'only rollup begins with nothing');
SELECT is_empty(
	$$SELECT signature FROM member_aggregate WHERE aggfinalmodify <> 'r' OR aggmfinalmodify <> 'r' OR aggtransspace = 0$$,
	'final functions leave the state alone, its size is told');
SELECT is_empty(
	$$SELECT typname FROM member_type
		WHERE NOT EXISTS (SELECT FROM member_aggregate JOIN pg_proc AS p ON p.oid = aggfnoid
			WHERE p.proname = 'rollup' AND p.proargtypes[0] = member_type.oid)$$,
	'every summary rolls up');

SELECT results_eq(
	$$SELECT proname, aggtranstype::regtype::text, aggcombinefn <> 0 AND aggserialfn <> 0 AND aggdeserialfn <> 0
		FROM member_function AS f JOIN pg_aggregate ON aggfnoid = f.oid WHERE private$$,
	$$VALUES ('mart_cycles'::name, 'internal', true)$$,
	'the one state that is no summary goes from worker to worker as bytes');

-- Types

SELECT results_eq(
	$$SELECT typname, typlen::integer, typalign, typstorage FROM member_type WHERE NOT typbyval ORDER BY typname$$,
	$$VALUES ('cycle'::name, -1, 'd'::"char", 'x'::"char"), ('forecast', 104, 'd', 'p'), ('funnel', -1, 'd', 'x'), ('history', -1, 'd', 'x'), ('rate', 16, 'd', 'p'), ('sales', 48, 'd', 'p')$$,
	'length, alignment and storage of the types');
SELECT is_empty(
	$$SELECT typname FROM member_type
		WHERE typsend = 0 OR typreceive = 0 OR obj_description(oid, 'pg_type') IS NULL OR NOT has_type_privilege('public', oid, 'USAGE')$$,
	'types have a binary form and a comment and are for PUBLIC');
SELECT is_empty(
	$$SELECT t.oid::regtype, attname FROM pg_type AS t JOIN member ON classid = 'pg_type'::regclass AND objid = t.oid JOIN pg_attribute ON attrelid = typrelid
		WHERE typtype = 'c' AND (SELECT relkind FROM pg_class WHERE oid = typrelid) = 'c' AND (obj_description(t.oid, 'pg_type') IS NULL OR col_description(typrelid, attnum) IS NULL
			OR NOT has_type_privilege('public', t.oid, 'USAGE'))$$,
	'row types and their columns have a comment and are for PUBLIC');
SELECT is_empty(
	$$SELECT castsource::regtype, casttarget::regtype FROM pg_cast, member_type AS t
		WHERE t.oid IN (castsource, casttarget) AND castcontext <> 'e'$$,
	'no type turns into another by itself');

-- Operators

SELECT set_eq(
	$$SELECT typname::text, oprname::text FROM member_operator JOIN pg_type AS t ON t.oid = oprleft WHERE oprleft = oprright$$,
	$$SELECT typname::text, operator FROM member_type, unnest(ARRAY['=', '<>', '+', '-']) AS operator$$,
	'every summary has =, <>, + and -');
SELECT is_empty(
	$$SELECT signature FROM member_operator
		WHERE oprname = '=' AND (NOT oprcanhash OR oprcanmerge OR oprcom <> oid OR oprnegate = 0 OR oprrest = 0 OR oprjoin = 0)
			OR oprname = '<>' AND (oprcom <> oid OR oprnegate = 0 OR oprrest = 0 OR oprjoin = 0)
			OR oprname = '+' AND oprcom <> oid
			OR oprname = '-' AND oprcom <> 0$$,
	'operators tell the planner what they are');
SELECT is_empty(
	$$SELECT signature FROM member_operator WHERE obj_description(oid, 'pg_operator') IS NULL$$,
	'operators have a comment');
SELECT set_eq(
	$$SELECT opcintype::regtype::text, amname::text, opcdefault, amvalidate(member_opclass.oid)
		FROM member_opclass JOIN pg_am ON pg_am.oid = opcmethod$$,
	$$SELECT oid::regtype::text, 'hash' AS amname, true AS is_default, true AS is_valid FROM member_type$$,
	'every summary has a valid default operator class for hash, and no other');

-- A plain role

SELECT ok(has_schema_privilege('public', 'kpi', 'USAGE'), 'PUBLIC can use the schema');
SELECT ok(NOT has_schema_privilege('public', 'kpi', 'CREATE'), 'but not create in it');
CREATE ROLE kpi_plain_role;
SET LOCAL ROLE kpi_plain_role;
SELECT is((SELECT rollup(r) FROM (SELECT rate_agg(n > 1) AS r FROM generate_series(1, 3) AS n GROUP BY n) AS v)::text, '2/3',
	'a plain role can build and roll up');
SELECT throws_ok('CREATE TABLE kpi.mine ()', '42501', NULL, 'a plain role cannot create in schema kpi');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
