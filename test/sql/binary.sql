\set ECHO none
\i test/setup.sql
\i test/binary.sql
SELECT plan(22);

-- binary messages of the fixed-length types
SELECT is(from_binary(type, message), expected, name)
FROM (VALUES
	('rate: version, passed, decided', 'rate'::regtype, '\x01 0000000000000025 0000000000000034'::bytea, '37/52'),
	('rate: sent and received', 'rate', rate_send('0/9223372036854775807'), '0/9223372036854775807'),
	('sales: sent and received', 'sales', sales_send('n=3 total=-7500 squares=18750000'), 'n=3 total=-7500 squares=18750000'),
	('forecast: version, count, least, most, expected, variance', 'forecast',
		decode('01' || '0000000000000002' || repeat('f', 30) || 'f6' || repeat('0', 30) || '02' ||
			repeat('f', 58) || '76abc0' || repeat('0', 54) || 'e8d4a51000', 'hex'),
		'n=2 least=-0.001 most=0.0002 expected=-0.0009 variance=0.00000001'),
	('forecast: sent and received', 'forecast', forecast_send('n=2 least=-500 most=4000 expected=-100 variance=1640000'),
		'n=2 least=-500 most=4000 expected=-100 variance=1640000')
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
	('no such sales', 'sales', '\x01' || decode(repeat('00', 47) || '01', 'hex'), '22P03'),
	('no such forecast', 'forecast', '\x01' || decode(repeat('00', 103) || '01', 'hex'), '22P03'),
	('no such forecast: all bits set', 'forecast', '\x01' || decode(repeat('ff', 104), 'hex'), '22P03'),
	('no such forecast: the widest range', 'forecast', '\x01' || decode('7f' || repeat('ff', 7) || '80' || repeat('00', 15) ||
		'7f' || repeat('ff', 15) || repeat('00', 64), 'hex'), '22P03'),
	('no such forecast: the widest expectation', 'forecast', '\x01' || decode('7f' || repeat('ff', 7) || repeat('00', 32) ||
		'80' || repeat('00', 63), 'hex'), '22P03'),
	('forecast too short', 'forecast', '\x01' || decode(repeat('00', 103), 'hex'), '08P01'),
	('forecast of version 2', 'forecast', '\x02' || decode(repeat('00', 104), 'hex'), '22P03')
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
