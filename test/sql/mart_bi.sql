\set ECHO none
SET default_transaction_isolation = 'repeatable read';
\i test/setup.sql
\i test/mart.sql
SELECT plan(3);

SELECT kpi.create_mart('sales', options => '{"as_of": "2024-06-26", "dimensions": ["region"]}') \g /dev/null
CALL kpi.refresh_mart('sales');

-- What BI tools read: the views, but for those that say what a table is to hold, and measure_wide, which others read
CREATE VIEW output AS
SELECT c.oid, c.relname
FROM pg_class AS c, sales.config
WHERE c.relnamespace = 'sales'::regnamespace AND c.relname = ANY (made) AND c.relkind = 'v' AND c.relname !~ '_(now|new)$' AND c.relname <> 'measure_wide';

SELECT ok((SELECT count(*) >= 25 FROM output), 'there are output views');
SELECT is_empty($$
	SELECT o.relname, a.attname, format_type(a.atttypid, a.atttypmod)
	FROM output AS o JOIN pg_attribute AS a ON a.attrelid = o.oid AND a.attnum > 0
	WHERE a.atttypid NOT IN ('boolean'::regtype, 'integer'::regtype, 'bigint'::regtype, 'numeric'::regtype,
		'text'::regtype, 'date'::regtype, 'timestamptz'::regtype)
$$, 'their columns are of plain types, none of them floating');
SELECT is_empty($$
	SELECT o.relname, a.attname
	FROM output AS o JOIN pg_attribute AS a ON a.attrelid = o.oid AND a.attnum >= 0 AND NOT a.attisdropped
	WHERE col_description(o.oid, a.attnum) IS NULL
	UNION ALL
	SELECT relname, NULL FROM output WHERE obj_description(oid) IS NULL
$$, 'all have comments');

SELECT * FROM finish();
ROLLBACK;
