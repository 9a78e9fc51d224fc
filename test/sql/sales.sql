\set ECHO none
\i test/setup.sql
\i test/binary.sql
SELECT plan(72);

-- what counts, and how it is rounded
SELECT is(sales_agg(amount)::text, expected, name)
FROM (VALUES
	('NULL is no sale', '{2500,NULL}'::numeric[], 'n=1 total=2500 squares=6250000'),
	('empty over NULLs', '{NULL}', 'n=0 total=0 squares=0'),
	('a credit note counts like any other', '{2500,-500.5}', 'n=2 total=1999.5 squares=6500500.25'),
	('zero is a sale', '{0}', 'n=1 total=0 squares=0'),
	('4 decimals are exact', '{0.0001,-0.0002}', 'n=2 total=-0.0001 squares=0.00000005'),
	('halves away from zero', '{0.00005,-0.00005,0.00015}', 'n=3 total=0.0002 squares=0.00000006'),
	('the largest amount', '{99999999999999.9999}', 'n=1 total=99999999999999.9999 squares=9999999999999999980000000000.00000001')
) AS c(name, amounts, expected), unnest(amounts) AS amount
GROUP BY name, expected ORDER BY name;
SELECT is((SELECT sales_agg(1::numeric) FROM generate_series(1, 0))::text, 'n=0 total=0 squares=0', 'no rows give the empty sales');
SELECT is(sales_agg(2500::bigint), sales_agg(2500::numeric), 'bigint'),
	is(sales_agg(2500::integer), sales_agg(2500::numeric), 'integer'),
	is(sales_agg(2500.5::real), sales_agg(2500.5), 'real'),
	is(sales_agg(2500), sales_agg(2500.0), 'plain literals');

-- numeric: every layout, against the server's own rounding and output
SELECT setseed(0.42);
CREATE TABLE amount AS
SELECT ((random() - 0.5) * 2 * 10 ^ (n % 15))::numeric(40,20) / 10 ^ (n % 3)::numeric AS x
FROM generate_series(1, 5000) AS n;
SELECT is_empty('SELECT x FROM amount GROUP BY x HAVING total(sales_agg(x)) <> round(x, 4) AND abs(x) < 99999999999999',
	'5000 numerics of all sizes are read as round(x, 4)');
SELECT is((SELECT total(sales_agg(x)) FROM amount WHERE abs(x) < 1e13), (SELECT trim_scale(sum(round(x, 4))) FROM amount WHERE abs(x) < 1e13), 'the total is exact');
SELECT is((SELECT round(stddev(sales_agg(x)), 3) FROM amount WHERE abs(x) < 1e9), (SELECT round(stddev(round(x, 4)), 3) FROM amount WHERE abs(x) < 1e9), 'stddev as the server''s');
SELECT is((SELECT round(average(sales_agg(x)), 6) FROM amount WHERE abs(x) < 1e13), (SELECT round(avg(round(x, 4)), 6) FROM amount WHERE abs(x) < 1e13), 'average as the server''s');
SELECT is(total(sales_agg(x)), round(x, 4), 'numeric ' || x)
FROM (VALUES (0.00000000000000000000000001::numeric), (1e-30), (10000), (0.9999), (0.99995), (12345678901234.5678),
	(('1' || repeat('0', 13) || '.' || repeat('1', 2000))::numeric)) AS c(x) GROUP BY x ORDER BY x;

-- double precision: the exact binary value, rounded once
SELECT is(total(sales_agg(x)), expected, 'double precision ' || x)
FROM (VALUES
	(0.1::float8, 0.1), (2.675, 2.675), (1.00005, 1.0001), (-1.00005, -1.0001), (2.00015, 2.0002), (1.00015, 1.0002), (1.00025, 1.0003), (1.00035, 1.0004),
	(0.00005, 0.0001), (0.5, 0.5), (99999999999999.98, 99999999999999.9844), (9007199254740.993, 9007199254740.9922), (1e-300, 0)
) AS c(x, expected) GROUP BY x, expected ORDER BY x;

-- accessors of the empty and of one
SELECT is(sales_count(s), n, s || ': count'), is(total(s), t, s || ': total'), is(average(s), t, s || ': average'), is(stddev(s), NULL, s || ': stddev')
FROM (VALUES ('n=0 total=0 squares=0'::sales, 0::bigint, NULL::numeric), ('n=1 total=-5 squares=25', 1, -5)) AS c(s, n, t);

-- the algebra and the windows
SELECT is(a + b, 'n=3 total=6 squares=14', 'both together'), is(a + b - b, a, 'minus undoes plus'), is(a - a, 'n=0 total=0 squares=0', 'less itself is empty')
FROM (VALUES ('n=2 total=3 squares=5'::sales, 'n=1 total=3 squares=9'::sales)) AS c(a, b);
SELECT results_eq(
	$$SELECT sales_agg(x) OVER w FROM (VALUES (1, 1.5), (2, NULL), (3, -2), (4, 7)) AS v(i, x)
		WINDOW w AS (ORDER BY i ROWS 1 PRECEDING) ORDER BY i$$,
	$$VALUES ('n=1 total=1.5 squares=2.25'::sales), ('n=1 total=1.5 squares=2.25'), ('n=1 total=-2 squares=4'), ('n=2 total=5 squares=53')$$,
	'sales_agg over a moving window');

-- errors
SELECT throws_ok(sql, state, NULL, sql || ' is ' || state)
FROM (VALUES
	('SELECT sales_agg(100000000000000::numeric)', '22003'),
	('SELECT sales_agg(99999999999999.99995)', '22003'),
	('SELECT sales_agg(-100000000000000::bigint)', '22003'),
	('SELECT sales_agg(1e14::float8)', '22003'),
	($$SELECT sales_agg('NaN'::numeric)$$, '22003'),
	($$SELECT sales_agg('-Infinity'::numeric)$$, '22003'),
	($$SELECT sales_agg('NaN'::float8)$$, '22003'),
	($$SELECT sales_agg('Infinity'::float8)$$, '22003'),
	($$SELECT 'n=1 total=5 squares=25'::sales - 'n=2 total=5 squares=25'$$, '22003'),
	($$SELECT 'n=1 total=5 squares=24'::sales$$, '22003'),
	($$SELECT 'n=0 total=5 squares=25'::sales$$, '22003'),
	($$SELECT 'n=2 total=10 squares=49'::sales$$, '22003'),
	($$SELECT 'n=-1 total=0 squares=0'::sales$$, '22003'),
	($$SELECT 'n=1 total=1.00001 squares=1'::sales$$, '22P02'),
	($$SELECT 'n=1 total=1'::sales$$, '22P02'),
	($$SELECT ''::sales$$, '22P02')
) AS c(sql, state);

-- round trips and hostile input
SELECT is(from_binary('sales', sales_send(s)), s::text, 'binary ' || s), is(s::text::sales, s, 'text ' || s)
FROM (VALUES ('n=0 total=0 squares=0'::sales), ('n=2 total=-99999999999999.9999 squares=9999999999999999980000000000.00000001'),
	('n=9223372036854775807 total=0 squares=0')) AS c(s);
SELECT setseed(0.17);
SELECT is_empty($$SELECT text FROM hostile_text('sales', ARRAY['n=2 total=-5.5 squares=20.25'], ARRAY['n=', 'total=', 'squares='], 1500) AS text
	WHERE text !~ '^error (22P02|22003)$' AND NOT (sales_count(text::sales) >= 0 AND coalesce(stddev(text::sales), 0) >= 0)$$, 'hostile text gives an error or valid sales');
SELECT is_empty($$SELECT text FROM hostile_binary('sales', ARRAY[sales_send('n=2 total=-5.5 squares=20.25')], 1000) AS text
	WHERE text !~ '^error (22P03|08P01|22003)$' AND NOT (sales_count(text::sales) >= 0 AND coalesce(stddev(text::sales), 0) >= 0)$$, 'hostile messages give an error or valid sales');

SELECT * FROM finish();
ROLLBACK;
