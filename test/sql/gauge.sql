\set ECHO none
\i test/setup.sql
ROLLBACK;

-- What a database that is not in UTF-8 draws
SELECT current_database() AS here, current_database() || '_ascii' AS ascii \gset
DROP DATABASE IF EXISTS :"ascii";
CREATE DATABASE :"ascii" TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C';
\c :"ascii"
CREATE EXTENSION kpi;
SELECT array_agg(kpi.gauge(value, 4) ORDER BY value) AS bars FROM unnest('{-0.1,0,0.124,0.125,0.5,0.874,0.875,1,1.1}'::float8[]) AS value \gset
SELECT kpi.sparkline('{1,2,3,4,5,6,7,8,NULL,1}') || ' ' || kpi.sparkline('{5,5}') AS line \gset
\c :"here"
DROP DATABASE :"ascii";

\i test/setup.sql
SELECT plan(53);
SELECT is(:'bars'::text[], '{-...,....,....,#...,##..,###.,####,####,###+}'::text[], 'gauge in ASCII');
SELECT is(:'line'::text, '_.-=+*#@ _ ==', 'sparkline in ASCII');

-- gauge
SELECT is(gauge(value, width), expected, name)
FROM (VALUES
	('empty', 0::float8, 5, '·····'),
	('full', 1, 5, '█████'),
	('half', 0.5, 5, '██▌··'),
	('40 %', 0.4, 5, '██···'),
	('over', 1.0000000000000002, 5, '████+'),
	('far over', 1e308, 5, '████+'),
	('below', -1e-300, 5, '-····'),
	('minus zero is not below', '-0', 5, '·····'),
	('one character', 0.25, 1, '▎'),
	('one character over', 2, 1, '+'),
	('one character below', -2, 1, '-'),
	('half an eighth is one', 0.0625, 1, '▏'),
	('a little less is none', 0.06249999999999999, 1, '·'),
	('half an eighth short of full', 0.9375, 1, '█'),
	('a little less is not full', 0.9374999999999999, 1, '▉'),
	('a width of ten', 0.7, 10, '███████···'),
	('value NULL', NULL, 5, NULL),
	('width NULL', 1, NULL, NULL)
) AS c(name, value, width, expected);
SELECT is(gauge(0.5), '██████████··········', 'twenty characters wide by default');
SELECT is(string_agg(gauge(i / 8.0, 1), '' ORDER BY i), '·▏▎▍▌▋▊▉█', 'all eighths') FROM generate_series(0, 8) AS i;
SELECT is(count(*) FILTER (WHERE char_length(gauge(i / 100.0, width)) = width), 2010::bigint, 'width characters, always')
FROM generate_series(-50, 150) AS i, unnest('{1,2,3,7,10,20,21,100,999,1000}'::integer[]) AS width;
SELECT is(count(*), 0::bigint, 'each number of eighths is drawn as such, at every width')
FROM generate_series(1, 200) AS width, generate_series(0, 8 * width) AS eighths
WHERE gauge(eighths / (8.0::float8 * width), width) <>
	rpad(repeat('█', eighths / 8) || btrim(substr(' ▏▎▍▌▋▊▉', eighths % 8 + 1, 1)), width, '·');
SELECT is(count(*), 0::bigint, 'the exact value is rounded, half up')
FROM generate_series(1, 13, 3) AS width, generate_series(0, 8 * width - 1) AS eighths, unnest('{-1,0,1}'::integer[]) AS side
CROSS JOIN LATERAL (SELECT (eighths + 0.5::float8) / (8 * width) * (1 + side * 2.0::float8 ^ -50)) AS l(value)
CROSS JOIN LATERAL (SELECT div((value * 2.0::float8 ^ 60)::bigint * 16::numeric * width + 2::numeric ^ 60, 2::numeric ^ 61)) AS n(expected)
WHERE gauge(value, width) <> gauge(expected / (8.0::float8 * width), width);

-- sparkline
SELECT is(sparkline(series), expected, name)
FROM (VALUES
	('from least to greatest', '{1,2,3,4,5,6,7,8}'::float8[], '▁▂▃▄▅▆▇█'),
	('whatever the scale', '{-3e9,4e9}', '▁█'),
	('the nearest height, the halves upwards', '{0,1,1.99,2,28}', '▁▁▁▂█'),
	('all equal', '{7,7,7}', '▄▄▄'),
	('one', '{7}', '▄'),
	('NULL is a space', '{1,NULL,2}', '▁ █'),
	('NULL beside equals', '{NULL,3,3}', ' ▄▄'),
	('nothing but NULLs', '{NULL,NULL}', '  '),
	('empty', '{}', ''),
	('NULL', NULL, NULL),
	('a range that is no double', '{-1.7e308,0,1.7e308}', '▁▅█'),
	('the least range', '{0,5e-324}', '▁█'),
	('bounds do not matter', '[5:7]={1,2,3}', '▁▅█')
) AS c(name, series, expected);

-- every type of number
SELECT results_eq(
	format('SELECT gauge(v, 10), gauge(v), sparkline(ARRAY[v, 0]), sparkline(array_agg(v) OVER ()) FROM (VALUES (1::%s)) AS c(v)', type),
	$$VALUES ('██████████', '████████████████████', '█▁', '▄')$$,
	'columns of ' || type)
FROM unnest('{smallint,integer,bigint,real,double precision,numeric}'::text[]) AS type;
SELECT is(sparkline(array_agg(v ORDER BY v)), '▁▅█', 'array_agg of numeric') FROM (VALUES (0.1), (0.2), (0.3)) AS c(v);

-- errors
SELECT throws_ok(sql, state, message, sql)
FROM (VALUES
	($$SELECT gauge('NaN')$$, '22003', 'value must be a finite number, not NaN'),
	($$SELECT gauge('Infinity', 10)$$, '22003', 'value must be a finite number, not Infinity'),
	($$SELECT gauge(0.5, 0)$$, '22023', 'width must be between 1 and 1000, not 0'),
	($$SELECT gauge(0.5, -1)$$, '22023', 'width must be between 1 and 1000, not -1'),
	($$SELECT gauge(0.5, 1001)$$, '22023', 'width must be between 1 and 1000, not 1001'),
	($$SELECT sparkline('{1,NaN}')$$, '22003', 'value must be a finite number, not NaN'),
	($$SELECT sparkline('{1,-Infinity}')$$, '22003', 'value must be a finite number, not -Infinity'),
	($$SELECT sparkline('{{1,2},{3,4}}')$$, '22023', 'series must have one dimension, not 2')
) AS c(sql, state, message);

SELECT * FROM finish();
ROLLBACK;
