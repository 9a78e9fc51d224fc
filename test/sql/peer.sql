\set ECHO none
\i test/setup.sql
SELECT plan(92);

-- numbers: each peer counts equally
CREATE TEMP TABLE numbers AS
SELECT *
FROM (VALUES
	('against each other', '{10,20}'::float8[], '{-0.5,1}'::float8[]),
	('against the mean of the others', '{10,20,30}', '{-0.6,0,1}'),
	('NULL is no peer and gets NULL', '{10,NULL,20}', '{-0.5,NULL,1}'),
	('a group of one', '{7}', '{NULL}'),
	('alone among NULLs', '{NULL,7,NULL}', '{NULL,NULL,NULL}'),
	('nothing but NULLs', '{NULL,NULL}', '{NULL,NULL}'),
	('equal is 0 and not -0', '{0.1,0.1,0.1,0.1}', '{0,0,0,0}'),
	('40 % below', '{6,10,10}', '{-0.4,0.25,0.25}'),
	('peers of 0', '{5,0,0}', '{NULL,-1,-1}'),
	('all 0', '{0,0}', '{NULL,NULL}'),
	('own below 0, peers below 0', '{4,-2,0}', '{NULL,-2,-1}')
) AS c(name, own, expected);
SELECT is(array_agg(delta ORDER BY i)::text, expected::text, 'double precision: ' || name)
FROM (
	SELECT name, expected, i, peer_delta(value) OVER (PARTITION BY name)
	FROM numbers, unnest(own) WITH ORDINALITY AS v(value, i)
) AS d(name, expected, i, delta)
GROUP BY name, expected ORDER BY name;
SELECT is(array_agg(delta ORDER BY i)::text, expected::text, 'numeric: ' || name)
FROM (
	SELECT name, expected, i, peer_delta(value) OVER (PARTITION BY name)
	FROM numbers, unnest(own::numeric[]) WITH ORDINALITY AS v(value, i)
) AS d(name, expected, i, delta)
GROUP BY name, expected ORDER BY name;

-- nothing is lost beside large numbers, and nothing overflows on the way
SELECT is(array_agg(delta ORDER BY i)::text, expected, name)
FROM (
	SELECT name, expected, i, peer_delta(value) OVER (PARTITION BY name)
	FROM (VALUES
		('1e16, 1, 2: the peers of the first are 1.5', '{1e16,1,2}'::float8[], (ARRAY[(1e16 - 1.5) / 1.5, 1 / (5e15 + 1) - 1, 2 / (5e15 + 0.5) - 1])::float8[]::text),
		('what cancels is gone', '{1e300,3,-1e300,2}', '{NULL,3.5,-4,1}'),
		('the sum need not be a double', '{1.5e308,1.5e308,1.5e308}', '{0,0,0}'),
		('the difference need not be a double', '{-1.5e308,1.5e308}', '{-2,NULL}'),
		('the least doubles', '{5e-324,1e-323}', '{-0.5,1}')
	) AS c(name, own, expected), unnest(own) WITH ORDINALITY AS v(value, i)
) AS d(name, expected, i, delta)
GROUP BY name, expected ORDER BY name;
SELECT is(peer_delta(v) OVER (), 0::float8, 'numbers that are no double: ' || v::text)
FROM (VALUES (1e400), (1e400)) AS c(v);

-- the others of the partition, by plain SQL
CREATE TEMP TABLE rep AS
SELECT i AS rep_id, i % 7 AS team,
	CASE WHEN i % 11 > 0 THEN (i * 7919 % 1009 - 100) / 8.0 END AS value,
	CASE WHEN i % 13 > 0 THEN rate(i * 31 % (i % 9 + 1), i % 9) END AS rate,
	(SELECT sales_agg((i * j * 53 % 2001 - 400) / 4.0) FROM generate_series(1, i % 5) AS j) AS sales,
	(SELECT cycle_agg(i * j * 53 % 201, j % 3 > 0) FROM generate_series(1, i % 5) AS j) AS cycle
FROM generate_series(1, 300) AS i;
SELECT is(count(*), 300::bigint, type || ' agrees with the others by plain SQL')
FROM (
	SELECT rep_id, team, value,
		peer_delta(value) OVER w AS by_numeric,
		peer_delta(value::float8) OVER w AS by_float8
	FROM rep
	WINDOW w AS (PARTITION BY team)
) AS d
CROSS JOIN LATERAL (
	SELECT CASE WHEN avg(o.value) > 0 THEN (d.value - avg(o.value)) / avg(o.value) END
	FROM rep AS o WHERE o.team = d.team AND o.rep_id <> d.rep_id
) AS o(expected)
CROSS JOIN LATERAL (VALUES ('numeric', by_numeric), ('double precision', by_float8)) AS t(type, delta)
WHERE delta IS NULL AND expected IS NULL OR abs(delta - expected) < 1e-14
GROUP BY type ORDER BY type;
SELECT is(count(*) FILTER (WHERE delta IS NOT DISTINCT FROM expected), 300::bigint, type || ' agrees with rollup of the others'),
	cmp_ok(count(delta), '>', 200::bigint, type || ' has values to agree on')
FROM (
	SELECT *, peer_delta(rate) OVER w AS by_rate, peer_delta(sales) OVER w AS by_sales, peer_delta(cycle) OVER w AS by_cycle
	FROM rep
	WINDOW w AS (PARTITION BY team)
) AS d
CROSS JOIN LATERAL (
	SELECT peer_delta(d.rate, rollup(o.rate)), peer_delta(d.sales, rollup(o.sales)), peer_delta(d.cycle, rollup(o.cycle))
	FROM rep AS o WHERE o.team = d.team AND o.rep_id <> d.rep_id
) AS o(others_rate, others_sales, others_cycle)
CROSS JOIN LATERAL (VALUES ('rate', by_rate, others_rate), ('sales', by_sales, others_sales), ('cycle', by_cycle, others_cycle)) AS t(type, delta, expected)
GROUP BY type ORDER BY type;
SELECT is(count(*), 0::bigint, 'the scalar form agrees with the accessors')
FROM rep AS a JOIN rep AS b USING (team)
CROSS JOIN LATERAL (VALUES
	(peer_delta(a.rate, b.rate), ratio(a.rate), ratio(b.rate)),
	(peer_delta(a.sales, b.sales), average(a.sales)::float8, average(b.sales)::float8),
	(peer_delta(a.cycle, b.cycle), average_days(a.cycle), average_days(b.cycle))
) AS t(delta, own, peers)
WHERE CASE WHEN own IS NULL OR peers IS NULL OR peers <= 0 THEN delta IS NOT NULL ELSE delta IS NULL OR abs(delta - (own - peers) / peers) > 1e-12 * (1 + abs(delta)) END;

-- neither the order of the rows nor the frame shows, bit for bit
SELECT is(count(*), 0::bigint, 'order and frame do not matter')
FROM (
	SELECT
		peer_delta(value * 10.0::float8 ^ (rep_id % 61 - 30)) OVER (PARTITION BY team) AS a,
		peer_delta(value * 10.0::float8 ^ (rep_id % 61 - 30)) OVER (PARTITION BY team ORDER BY rep_id DESC) AS b,
		peer_delta(value * 10.0::float8 ^ (rep_id % 61 - 30)) OVER (PARTITION BY team ORDER BY rep_id * 7919 % 1009) AS c,
		peer_delta(value * 10.0::float8 ^ (rep_id % 61 - 30)) OVER (PARTITION BY team ORDER BY rep_id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW) AS d
	FROM rep
) AS o
WHERE a IS DISTINCT FROM b OR a IS DISTINCT FROM c OR a IS DISTINCT FROM d;
SELECT is(array_agg(delta ORDER BY factor, value), '{-0.5,1,-0.5,1,-0.5,1}'::float8[], 'a partition is read again for each outer row')
FROM generate_series(1, 3) AS factor
CROSS JOIN LATERAL (SELECT value, peer_delta(value * factor) OVER () FROM (VALUES (10), (20)) AS v(value)) AS d(value, delta);
SELECT is(array_agg(delta ORDER BY team), '{-0.5,1}'::float8[], 'over an aggregate')
FROM (SELECT team, peer_delta(count(*)) OVER () FROM (VALUES (1), (2), (2)) AS v(team) GROUP BY team) AS d(team, delta);

-- a cycle that is stored compressed; PostgreSQL 19 would take lz4
SET LOCAL default_toast_compression = pglz;
CREATE TEMP TABLE curve AS
SELECT rep_id, cycle_agg(day, true) AS cycle
FROM generate_series(1, 2) AS rep_id, generate_series(0, 2000 * rep_id) AS day
GROUP BY rep_id;
SELECT cmp_ok(pg_column_size(cycle), '<', 20000, 'stored compressed') FROM curve WHERE rep_id = 2;
SELECT is(array_agg(delta ORDER BY rep_id), '{-0.5,1}'::float8[], 'compressed cycles compare')
FROM (SELECT rep_id, peer_delta(cycle) OVER () FROM curve) AS d(rep_id, delta);

-- summaries: the others pooled
SELECT is(array_agg(delta ORDER BY i), expected, 'rate: ' || name)
FROM (
	SELECT name, expected, i, peer_delta(value) OVER (PARTITION BY name)
	FROM (VALUES
		('pooled, not averaged', '{1/2,3/4,1/5}'::rate[], '{0.125,1.625,-0.7}'::float8[]),
		('nothing decided is no peer and gets NULL', '{1/2,0/0,3/4}', ARRAY[-1 / 3::float8, NULL, 0.5]),
		('nothing passed at the peers', '{1/2,0/3}', '{NULL,-1}'),
		('alone', '{1/2,0/0,NULL}', '{NULL,NULL,NULL}'),
		('counts near the limit', '{4611686018427387903/4611686018427387903,1/2}', ARRAY[1, -0.5])
	) AS c(name, own, expected), unnest(own) WITH ORDINALITY AS v(value, i)
) AS d(name, expected, i, delta)
GROUP BY name, expected ORDER BY name;
SELECT is(array_agg(delta ORDER BY i), expected, 'sales: ' || name)
FROM (
	SELECT name, expected, i, peer_delta(value) OVER (PARTITION BY name)
	FROM (VALUES
		('pooled, not averaged', '{"n=1 total=300 squares=90000","n=3 total=300 squares=30000","n=1 total=200 squares=40000"}'::sales[], '{1.4,-0.6,0.3333333333333333}'::float8[]),
		('no sale is no peer and gets NULL', '{"n=1 total=300 squares=90000","n=0 total=0 squares=0","n=1 total=200 squares=40000"}', '{0.5,NULL,-0.3333333333333333}'),
		('peers of less than 0', '{"n=1 total=300 squares=90000","n=1 total=-200 squares=40000"}', '{NULL,-1.6666666666666667}'),
		('alone', '{"n=1 total=300 squares=90000",NULL}', '{NULL,NULL}')
	) AS c(name, own, expected), unnest(own) WITH ORDINALITY AS v(value, i)
) AS d(name, expected, i, delta)
GROUP BY name, expected ORDER BY name;
SELECT is(array_agg(delta ORDER BY i), expected, 'cycle: ' || name)
FROM (
	SELECT name, expected, i, peer_delta((SELECT cycle_agg(abs(days), days > 0) FROM unnest(string_to_array(value, ' ')::integer[]) AS days)) OVER (PARTITION BY name)
	FROM (VALUES
		('pooled days of the won, the lost (below 0) left out', '{10 20 -99,60,30}'::text[], '{-0.6666666666666666,2,0}'::float8[]),
		('nothing won is no peer and gets NULL', '{10,-50,20}', '{-0.5,NULL,1}'),
		('alone', '{10,-50,NULL}', '{NULL,NULL,NULL}')
	) AS c(name, own, expected), unnest(own) WITH ORDINALITY AS v(value, i)
) AS d(name, expected, i, delta)
GROUP BY name, expected ORDER BY name;
SELECT is(array_agg(peer_delta ORDER BY i), '{NULL,-1}'::float8[], 'cycle: peers that win on the first day')
FROM (SELECT i, peer_delta(cycle) OVER () FROM (SELECT i, cycle_agg(30 - 30 * i, true) FROM generate_series(0, 1) AS i GROUP BY i) AS c(i, cycle)) AS d;

-- the scalar form
SELECT is(delta, expected, name)
FROM (VALUES
	('40 % below', peer_delta(6, 10), -0.4::float8),
	('twice as much', peer_delta(20, 10), 1),
	('equal', peer_delta(0.1, 0.1), 0),
	('peers of 0', peer_delta(6, 0), NULL),
	('peers below 0', peer_delta(6, -1), NULL),
	('own below 0', peer_delta(-6, 3), -3),
	('own NULL', peer_delta(NULL, 3), NULL),
	('peers NULL', peer_delta(3, NULL::numeric), NULL),
	('rate', peer_delta(rate(1, 2), '3/4'), -1 / 3::float8),
	('rate undecided', peer_delta(rate(0, 0), '3/4'), NULL),
	('rate against undecided', peer_delta(rate(3, 4), '0/0'), NULL),
	('rate against nothing passed', peer_delta(rate(3, 4), '0/1'), NULL),
	('sales NULL', peer_delta('n=0 total=0 squares=0', NULL::sales), NULL),
	('cycle NULL', peer_delta(NULL, NULL::cycle), NULL)
) AS c(name, delta, expected);

-- every type of number, alone and beside every other
SELECT results_eq(
	format('SELECT peer_delta(v::%s) OVER () FROM (VALUES (4), (2)) AS c(v) ORDER BY v', type),
	'VALUES (-0.5::float8), (1)', 'over a column of ' || type)
FROM unnest('{smallint,integer,bigint,real,double precision,numeric}'::text[]) AS type;
SELECT is(count(*), 36::bigint, 'every type beside every other')
FROM unnest('{smallint,integer,bigint,real,double precision,numeric}'::text[]) AS a,
	unnest('{smallint,integer,bigint,real,double precision,numeric}'::text[]) AS b,
	query_to_xml(format('SELECT peer_delta(3::%s, 2::%s) AS delta', a, b), true, true, '') AS result
WHERE result::text LIKE '%<delta>0.5</delta>%';
SELECT is(peer_delta(value, 2), 0.5::float8, 'numeric column and integer literal') FROM (VALUES (3::numeric)) AS c(value);
SELECT is(peer_delta(value, 2.5), 0.2::float8, 'double precision column and decimal literal') FROM (VALUES (3::float8)) AS c(value);

-- a large partition, spilled to disk
SET LOCAL work_mem = '64kB';
SELECT is(count(*) FILTER (WHERE abs(a - (i - peers) / peers) < 1e-12 AND abs(b - (i - peers) / peers) < 1e-12), 200000::bigint, '200,000 rows')
FROM (
	SELECT i, (sum(i) OVER () - i) / (count(*) OVER () - 1)::float8, peer_delta(i) OVER (), peer_delta(i::numeric) OVER ()
	FROM generate_series(1, 200000) AS i
) AS d(i, peers, a, b);

-- errors
SELECT throws_ok(sql, state, message, sql)
FROM (VALUES
	($$SELECT peer_delta('NaN'::float8) OVER ()$$, '22003', 'value must be a finite number, not NaN'),
	($$SELECT peer_delta('-Infinity'::float8) OVER ()$$, '22003', 'value must be a finite number, not -Infinity'),
	($$SELECT peer_delta('NaN'::numeric) OVER ()$$, '22003', 'value must be a finite number, not NaN'),
	($$SELECT peer_delta('Infinity'::numeric) OVER ()$$, '22003', 'value must be a finite number, not Infinity'),
	($$SELECT peer_delta('NaN'::float8, 1)$$, '22003', 'value must be a finite number, not NaN'),
	($$SELECT peer_delta(1, 'Infinity'::float8)$$, '22003', 'value must be a finite number, not Infinity'),
	($$SELECT peer_delta(1, 'NaN'::numeric)$$, '22003', 'value must be a finite number, not NaN'),
	($$SELECT peer_delta(1e308::float8, 1e-308)$$, '22003', 'peer delta is out of range'),
	($$SELECT peer_delta(1e300, 1e-300)$$, '22003', 'peer delta is out of range'),
	($$SELECT peer_delta('0/9223372036854775807'::rate, '0/1')$$, '22003', 'number of all peers out of range'),
	($$SELECT peer_delta(1)$$, '42809', 'window function peer_delta requires an OVER clause'),
	($$SELECT peer_delta('1 day'::interval) OVER ()$$, '42883', NULL)
) AS c(sql, state, message);

SELECT * FROM finish();
ROLLBACK;
