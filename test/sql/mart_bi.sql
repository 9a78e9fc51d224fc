\set ECHO none
SET default_transaction_isolation = 'repeatable read';
\i test/setup.sql
\i test/mart.sql
SELECT plan(35);

SELECT kpi.create_mart('sales', options => '{"as_of": "2024-06-26", "dimensions": ["region"]}') \g /dev/null
CALL kpi.refresh_mart('sales');

-- What BI tools read: the views, but for those that say what a table is to hold
CREATE VIEW output AS
SELECT c.oid, c.relname
FROM pg_class AS c, sales.config
WHERE c.relnamespace = 'sales'::regnamespace AND c.relname = ANY (made) AND c.relkind = 'v' AND c.relname !~ '_(now|new)$';

SELECT ok((SELECT count(*) >= 25 FROM output), 'there are output views');
SELECT is_empty($$
	SELECT o.relname, a.attname, format_type(a.atttypid, a.atttypmod)
	FROM output AS o JOIN pg_attribute AS a ON a.attrelid = o.oid AND a.attnum > 0
	WHERE a.atttypid NOT IN ('boolean'::regtype, 'integer'::regtype, 'bigint'::regtype, 'numeric'::regtype,
		'text'::regtype, 'date'::regtype, 'timestamptz'::regtype)
$$, 'their columns are of plain types, none of them floating');
-- fact, reached and opportunity_check hold the amounts as the CRM does
SELECT is_empty($$
	SELECT o.relname, a.attname, format_type(a.atttypid, a.atttypmod)
	FROM output AS o JOIN pg_attribute AS a ON a.attrelid = o.oid AND a.attnum > 0
	WHERE o.relname NOT IN ('fact', 'reached', 'opportunity_check') AND a.atttypid = 'numeric'::regtype
		AND CASE
			WHEN col_description(o.oid, a.attnum) ~ 'currency of the CRM' OR o.relname = 'forecast' AND a.attname IN ('low', 'high')
			THEN format_type(a.atttypid, a.atttypmod) <> 'numeric(18,2)'
			ELSE format_type(a.atttypid, a.atttypmod) NOT IN ('numeric(12,6)', 'numeric(24,6)')
		END
$$, 'money is numeric(18,2), a share numeric(12,6), what has no bound or is of the unit of its KPI numeric(24,6)');
SELECT is_empty($$
	SELECT o.relname, a.attname, format_type(a.atttypid, a.atttypmod)
	FROM output AS o JOIN pg_attribute AS a ON a.attrelid = o.oid AND a.attnum > 0
	WHERE col_description(o.oid, a.attnum) ~ ', number$' AND a.atttypid NOT IN ('bigint'::regtype, 'numeric'::regtype)
$$, 'counts are bigint');
-- but for the key of the CRM, which is text where it may be of several relations
SELECT is_empty($$
	SELECT a.attname, string_agg(format('%s %s', o.relname, t.typname), ', ' ORDER BY o.relname)
	FROM output AS o JOIN pg_attribute AS a ON a.attrelid = o.oid AND a.attnum > 0 JOIN pg_type AS t ON t.oid = a.atttypid
	WHERE a.attname <> 'rep_id'
	GROUP BY a.attname
	HAVING count(DISTINCT t.typcategory) > 1
$$, 'one name for one idea: what a number is in one of them is no truth or text in another');
SELECT is_empty($$
	SELECT o.relname, a.attname
	FROM output AS o JOIN pg_attribute AS a ON a.attrelid = o.oid AND a.attnum >= 0 AND NOT a.attisdropped
	WHERE col_description(o.oid, a.attnum) IS NULL
	UNION ALL
	SELECT relname, NULL FROM output WHERE obj_description(oid) IS NULL
$$, 'all have comments');

-- A goal that only holds the place of one, and amounts that are telephone numbers
CREATE SCHEMA odd;
CREATE VIEW odd.opportunity AS
SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome,
	CASE WHEN rep_id = 2 THEN 99999999999999 WHEN outcome = 'won' THEN 0.01 ELSE amount END AS amount
FROM crm.opportunity;
CREATE VIEW odd.rep AS SELECT * FROM crm.rep;
CREATE VIEW odd.goal AS SELECT rep_id, starts_on, ends_on, 0.01 AS revenue FROM crm.goal;
SELECT kpi.create_mart('odd', options => '{"as_of": "2024-06-26", "min_decisions": 1}') \g /dev/null
SELECT lives_ok($$CALL kpi.refresh_mart('odd')$$, 'a goal or an amount that nobody can mean fails no refresh');
UPDATE odd.config SET as_of = '2024-07-04';
SELECT lives_ok($$CALL kpi.refresh_mart('odd')$$, 'nor the next');
SELECT lives_ok(format('SELECT * FROM odd.%I', relname), relname || ' can be read') FROM output ORDER BY relname COLLATE "C";

SELECT * FROM finish();
ROLLBACK;
