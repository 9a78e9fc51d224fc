\set ECHO none
\i test/setup.sql
\i test/binary.sql
SELECT plan(14);

-- binary messages of the fixed-length types
SELECT is(from_binary(type, message), expected, name)
FROM (VALUES
	('rate: version, passed, decided', 'rate'::regtype, '\x01 0000000000000025 0000000000000034'::bytea, '37/52'),
	('rate: sent and received', 'rate', rate_send('0/9223372036854775807'), '0/9223372036854775807'),
	('sales: sent and received', 'sales', sales_send('n=3 total=-7500 squares=18750000'), 'n=3 total=-7500 squares=18750000')
) AS c(name, type, message, expected);

SELECT is(attempt(format('SELECT from_binary(%L, %L)', type, message)), 'error ' || state, name)
FROM (VALUES
	('no message', 'rate'::regtype, ''::bytea, '08P01'),
	('truncated', 'rate', '\x01 0000000000000025 00000000000000', '08P01'),
	('too long', 'rate', '\x01 0000000000000025 0000000000000034 00', '22P03'),
	('version 0', 'rate', '\x00 0000000000000025 0000000000000034', '22P03'),
	('version 2', 'rate', '\x02 0000000000000025 0000000000000034', '22P03'),
	('more passed than decided', 'rate', '\x01 0000000000000035 0000000000000034', '22P03'),
	('negative', 'rate', '\x01 ffffffffffffffff 0000000000000034', '22P03'),
	('no such sales', 'sales', '\x01' || decode(repeat('00', 47) || '01', 'hex'), '22P03')
) AS c(name, type, message, state);

-- hostile messages and texts: an error, or a value that keeps the invariant
SELECT setseed(0.15);
CREATE TEMP TABLE answer AS
	SELECT 'binary' AS source, a FROM hostile_binary('rate', ARRAY[rate_send('37/52'), rate_send('0/0')], 1000) AS a
	UNION ALL
	SELECT 'text', a FROM hostile_text('rate', '{37/52, 0/0}', '{/}', 1000) AS a;
SELECT is_empty($$SELECT * FROM answer WHERE a LIKE 'error%' AND a <> ALL
	(CASE source WHEN 'binary' THEN '{error 22P03,error 08P01}' ELSE '{error 22P02,error 22003}' END::text[])$$,
	'errors are those of bad input');
SELECT is_empty($$SELECT * FROM answer WHERE a NOT LIKE 'error%'
	AND (a !~ '^\d+/\d+$' OR split_part(a, '/', 1)::numeric > split_part(a, '/', 2)::numeric)$$,
	'what is accepted keeps the invariant');
SELECT ok(count(*) FILTER (WHERE a LIKE 'error%') > 1000 AND count(*) FILTER (WHERE a NOT LIKE 'error%') > 100,
	'there is much of both') FROM answer;

SELECT * FROM finish();
ROLLBACK;
