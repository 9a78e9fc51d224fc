\set ECHO none
\i test/setup.sql
\i test/binary.sql
SELECT plan(152);

-- funnel_agg(level, steps): what counts
SELECT is(funnel_agg(level, 3)::text, expected, name)
FROM (VALUES
	('each level reaches the steps before it', '{3,1,2,1}'::integer[], '4>2>1'),
	('level 0 reaches nothing', '{0,2,0}', '1>1>0'),
	('a NULL level is not counted', '{NULL,1}', '1>0>0'),
	('group of one', '{3}', '1>1>1'),
	('nothing but level 0 is empty', '{0,0}', 'empty'),
	('nothing but NULL is empty', '{NULL,NULL}', 'empty')
) AS c(name, levels, expected), unnest(levels) AS level
GROUP BY name, expected ORDER BY name;
SELECT is((SELECT funnel_agg(1, 3) FROM generate_series(1, 0))::text, 'empty', 'no rows give the empty funnel, not NULL');
SELECT is(funnel_agg(level, steps)::text, '1>1', 'a NULL number of steps is not counted')
FROM (VALUES (2, 2), (2, NULL), (99, NULL)) AS v(level, steps);
SELECT is(funnel_agg(32, 32), array_to_string(array_fill(1, ARRAY[32]), '>')::funnel, '32 steps');
SELECT is(funnel_agg(1, 1)::text, '1', 'one step');

-- funnel_agg(VARIADIC reached): the same from conditions
SELECT is(funnel_agg(VARIADIC reached)::text, expected, name)
FROM (VALUES
	('the last true one counts', '{t,f,t}'::boolean[], '1>1>1'),
	('NULL is false', '{t,NULL,f}', '1>0>0'),
	('NULL in the middle', '{f,NULL,t,NULL}', '1>1>1>0'),
	('NULL first', '{NULL,t}', '1>1'),
	('all false is empty', '{f,f}', 'empty'),
	('all NULL is empty', '{NULL,NULL}', 'empty'),
	('a NULL array is not counted', NULL, 'empty'),
	('positions count, not subscripts', '[0:2]={t,t,f}', '1>1>0'),
	('more than eight steps with NULLs', '{t,t,t,t,t,t,t,t,NULL,t,NULL}', '1>1>1>1>1>1>1>1>1>1>0')
) AS c(name, reached, expected)
GROUP BY name, expected ORDER BY name;
SELECT is(funnel_agg(a IS NOT NULL, b, NULL)::text, '3>2>0', 'one argument per step')
FROM (VALUES (1, true), (NULL, true), (2, false), (NULL, NULL)) AS v(a, b);

-- steps
SELECT results_eq($$SELECT * FROM steps('200>150>150>0>0')$$,
	$$VALUES (1, 200::bigint, 1::float8, NULL::float8, NULL::bigint), (2, 150, 0.75, 0.75, 50), (3, 150, 0.75, 1, 0),
		(4, 0, 0, 0, 150), (5, 0, 0, NULL, 0)$$,
	'steps: shares of nothing are NULL');
SELECT results_eq($$SELECT (steps(f)).reached FROM (VALUES (1, '3>1'::funnel), (2, 'empty'), (3, NULL), (4, '2')) AS v(i, f) ORDER BY i$$,
	'{3,1,2}'::bigint[], 'steps in a select list; none of the empty funnel or NULL');
SELECT results_eq($$SELECT step, reached, dropped FROM steps('9223372036854775807>0')$$,
	$$VALUES (1, 9223372036854775807, NULL), (2, 0, 9223372036854775807)$$, 'steps at the limit');

-- step_rate
SELECT is(step_rate(f, step)::text, expected, format('step_rate(%s, %s)', f, step))
FROM (VALUES
	('13087>7367>5113'::funnel, 1, NULL),
	('13087>7367>5113', 2, '7367/13087'),
	('13087>7367>5113', 3, '5113/7367'),
	('5>0>0', 3, '0/0'),
	('empty', 1, NULL),
	('empty', 32, NULL),
	(NULL, 2, NULL),
	('5>3', NULL, NULL)
) AS c(f, step, expected);

-- text
SELECT is(text::funnel::text, expected, format('text "%s"', text))
FROM (VALUES
	('13087>7367>5113', '13087>7367>5113'),
	(' 3>2>2 ', '3>2>2'),
	('007>-0', '7>0'),
	('empty', 'empty'),
	(' empty ', 'empty'),
	('0', 'empty'),
	('0>0>0', 'empty'),
	('9223372036854775807>9223372036854775807', '9223372036854775807>9223372036854775807')
) AS c(text, expected);

-- the algebra
SELECT is((a::funnel + b::funnel)::text, expected, format('%s + %s', a, b))
FROM (VALUES
	('5>3>1', '2>2>2', '7>5>3'),
	('5>3>1', 'empty', '5>3>1'),
	('empty', '5>3>1', '5>3>1'),
	('empty', 'empty', 'empty')
) AS c(a, b, expected);
SELECT is((a::funnel - b::funnel)::text, expected, format('%s - %s', a, b))
FROM (VALUES
	('7>5>3', '2>2>2', '5>3>1'),
	('5>3>1', 'empty', '5>3>1'),
	('5>3>1', '5>3>1', 'empty'),
	('empty', 'empty', 'empty')
) AS c(a, b, expected);
SELECT is(rollup(f)::text, '4>2', 'rollup adds and skips NULL')
FROM (VALUES ('1>0'::funnel), (NULL), ('3>2'), ('empty')) AS v(f);
SELECT is((SELECT rollup(f) FROM (SELECT NULL::funnel WHERE false) AS v(f)), NULL, 'rollup over no rows is NULL');
SELECT is((SELECT rollup(f) FROM (VALUES (NULL::funnel)) AS v(f)), NULL, 'rollup over NULLs is NULL');
SELECT is(rollup(f)::text, 'empty', 'rollup over empty funnels is empty') FROM (VALUES ('empty'::funnel), ('empty')) AS v(f);
SELECT ok('5>3'::funnel <> '5>3>3', 'another number of steps is another funnel');
SELECT ok('0>0'::funnel = '0>0>0', 'there is one empty funnel');

-- transition functions, called by anyone, give values and leave their argument
SELECT is(funnel_trans('empty', 0, 3), 'empty', 'level 0 added to the empty funnel');
SELECT is(funnel_inv('1>1', ARRAY[false, true]), 'empty', 'the last row taken out');
SELECT is(ARRAY[f, funnel_trans(f, 2, 2), funnel_trans(f, 1, 2), f + f, f - f, f], '{3>1,4>2,4>1,6>2,empty,3>1}', 'arguments are not written to')
FROM (VALUES ('3>1'::funnel)) AS v(f);

-- properties, with a fixed seed
SELECT setseed(0.36);
CREATE TEMP TABLE visit AS
	SELECT i, floor(random() * 40)::integer AS piece, floor(random() * 3)::integer AS part,
		CASE WHEN random() < 0.9 THEN floor(random() * 6)::integer END AS level, random() AS shuffle
	FROM generate_series(1, 2000) AS i;
ALTER TABLE visit ADD steps integer, ADD conditions boolean[];
UPDATE visit SET steps = CASE WHEN i % 19 > 0 THEN 5 END;
UPDATE visit SET conditions =
	ARRAY(SELECT CASE WHEN step = level THEN true WHEN step < level AND i % 3 < 2 THEN i % 3 = 0 WHEN i % 2 = 0 THEN false END
		FROM generate_series(1, 5) AS step)
WHERE level IS NOT NULL AND steps IS NOT NULL;
CREATE TEMP TABLE piece AS
	SELECT piece, funnel_agg(level, steps) AS f FROM visit GROUP BY piece;

SELECT is((SELECT array_agg(reached ORDER BY step) FROM steps(funnel_agg(level, steps))),
	ARRAY[count(*) FILTER (WHERE level >= 1 AND steps = 5), count(*) FILTER (WHERE level >= 2 AND steps = 5),
		count(*) FILTER (WHERE level >= 3 AND steps = 5), count(*) FILTER (WHERE level >= 4 AND steps = 5),
		count(*) FILTER (WHERE level >= 5 AND steps = 5)],
	'the counts of plain SQL')
FROM visit;
SELECT is(funnel_send(rollup(f)), (SELECT funnel_send(funnel_agg(level, steps)) FROM visit), 'the whole is the rollup of its pieces')
FROM piece;
SELECT is(funnel_send(funnel_agg(VARIADIC conditions)), funnel_send(funnel_agg(level, steps)), 'conditions and levels give the same')
FROM visit;
SELECT is(funnel_send(funnel_agg(level, steps ORDER BY shuffle)), funnel_send(funnel_agg(level, steps ORDER BY i)), 'the order does not matter')
FROM visit;
SELECT is_empty($$SELECT a.f, b.f FROM piece AS a, piece AS b
	WHERE funnel_send(a.f + b.f - b.f) <> funnel_send(a.f) OR funnel_send(a.f + b.f) <> funnel_send(b.f + a.f)$$,
	'plus commutes and minus undoes it');
SELECT is_empty($$SELECT f FROM piece
	WHERE funnel_send(f + 'empty') <> funnel_send(f) OR funnel_send('empty' + f) <> funnel_send(f) OR funnel_send(f - f) <> funnel_send('empty')$$,
	'the empty funnel is the identity');
SELECT is_empty($$SELECT f FROM piece WHERE f::text::funnel <> f OR from_binary('funnel', funnel_send(f)) <> f::text$$,
	'text and binary round trip');

-- moving aggregates
PREPARE moving AS
	SELECT i, funnel_agg(level, steps) OVER w, funnel_agg(VARIADIC conditions) OVER w
	FROM visit WHERE i <= 300 WINDOW w AS (ORDER BY i ROWS BETWEEN 4 PRECEDING AND 1 PRECEDING)
	ORDER BY i;
PREPARE recomputed AS
	SELECT v.i, m.f, m.f
	FROM visit AS v, LATERAL (SELECT funnel_agg(level, steps) AS f FROM visit WHERE i BETWEEN v.i - 4 AND v.i - 1) AS m
	WHERE v.i <= 300 ORDER BY v.i;
SELECT results_eq('moving', 'recomputed', 'funnel_agg over a moving window');
SELECT results_eq(
	$$SELECT piece, rollup(f) OVER (ORDER BY piece ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM piece ORDER BY piece$$,
	$$SELECT p.piece, (SELECT rollup(f) FROM piece WHERE piece BETWEEN p.piece - 2 AND p.piece) FROM piece AS p ORDER BY p.piece$$,
	'rollup over a moving window');
SELECT results_eq(
	$$SELECT (rollup(f) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW))::text
		FROM (VALUES (1, '5>3>1'::funnel), (2, 'empty'), (3, '7>2'), (4, NULL), (5, NULL), (6, '4')) AS v(i, f) ORDER BY i$$,
	'{5>3>1,5>3>1,7>2,7>2,NULL,4}'::text[], 'a window forgets the steps of what left it');
SELECT results_eq(
	$$SELECT (funnel_agg(level, steps) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW))::text
		FROM (VALUES (1, 2, 3), (2, 0, 3), (3, NULL, 9), (4, 1, 2), (5, 0, 2)) AS v(i, level, steps) ORDER BY i$$,
	'{1>1>0,1>1>0,empty,1>0,1>0}'::text[], 'and knows those of what is left in it');

-- stored values, which are states of rollup as they are: with a short header,
-- compressed or, beside a filler that cannot move, out of line
CREATE TEMP TABLE stored (form text, i integer, filler text, f funnel);
ALTER TABLE stored ALTER filler SET STORAGE plain;
CREATE TEMP TABLE wide AS
	SELECT i, array_to_string(array_agg(9000000000000000 / (step * i) ORDER BY step), '>')::funnel AS f
	FROM generate_series(1, 20) AS i, generate_series(1, 32) AS step GROUP BY i;
INSERT INTO stored SELECT 'short', i, '', '3>2>1' FROM wide;
INSERT INTO stored SELECT 'plain', i, '', f FROM wide;
INSERT INTO stored SELECT 'compressed', i, repeat('x', 2500), array_to_string(array_fill(i, ARRAY[32]), '>')::funnel FROM wide;
ALTER TABLE stored ALTER f SET STORAGE external;
INSERT INTO stored SELECT 'external', i, repeat('x', 2500), f FROM wide;
SELECT results_eq(
	$$SELECT form, max(pg_column_size(f)) < 100, min(pg_column_compression(f)) IS NOT NULL FROM stored GROUP BY form ORDER BY form$$,
	$$VALUES ('compressed', true, true), ('external', false, false), ('plain', false, false), ('short', true, false)$$,
	'values are stored in each form');
SELECT ok(pg_relation_size(reltoastrelid) > 0, 'some out of line') FROM pg_class WHERE oid = 'stored'::regclass;
SELECT is(rollup(f), rollup(f::text::funnel), form || ': rollup of stored values'),
	is(rollup(f) FILTER (WHERE i = 7), (min(f::text) FILTER (WHERE i = 7))::funnel, form || ': rollup of one'),
	is(bool_and(f = f::text::funnel AND funnel_hash(f) = funnel_hash(f::text::funnel)
		AND funnel_hash_extended(f, 1) = funnel_hash_extended(f::text::funnel, 1)), true, form || ': equal, and so are the hashes'),
	is(sum((SELECT sum(reached) FROM steps(f))), sum((SELECT sum(reached) FROM steps(f::text::funnel))), form || ': steps')
FROM stored GROUP BY form ORDER BY form;
SELECT results_eq(
	$$SELECT form, i, rollup(f) OVER (PARTITION BY form ORDER BY i ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM stored ORDER BY form, i$$,
	$$SELECT s.form, s.i, (SELECT rollup(f::text::funnel) FROM stored WHERE form = s.form AND i BETWEEN s.i - 2 AND s.i)
		FROM stored AS s ORDER BY form, i$$,
	'stored values in a moving window');
SELECT is((SELECT array_agg(f::text ORDER BY form, i) FROM stored WHERE form IN ('external', 'plain')),
	(SELECT array_agg(f::text ORDER BY n, i) FROM wide, generate_series(1, 2) AS n), 'stored values are as they were');
SELECT is((SELECT count(*) FROM stored AS a JOIN wide AS b USING (f)), 40::bigint, 'a join by the value');
SELECT is((SELECT count(*) FROM (SELECT DISTINCT f FROM stored) AS d), count(DISTINCT f::text), 'DISTINCT') FROM stored;
SELECT is_empty($$SELECT f FROM wide EXCEPT SELECT f FROM stored$$, 'EXCEPT');

-- partial states are combined
CREATE FUNCTION plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END
$$;
CREATE TEMP TABLE part (LIKE visit) PARTITION BY LIST (part);
CREATE TEMP TABLE part_0 PARTITION OF part FOR VALUES IN (0);
CREATE TEMP TABLE part_1 PARTITION OF part FOR VALUES IN (1);
CREATE TEMP TABLE part_2 PARTITION OF part FOR VALUES IN (2);
INSERT INTO part SELECT * FROM visit;
INSERT INTO part_2 (part, piece, level, steps) VALUES (2, 99, 0, 3);
ANALYZE part;
SET enable_partitionwise_aggregate = on;
PREPARE combined AS
	SELECT piece, funnel_agg(level, steps) AS a, funnel_agg(VARIADIC conditions) AS b FROM part GROUP BY piece;
SELECT ok(count(*) >= 3, 'partition-wise plans have partial aggregates')
FROM plan_of('EXECUTE combined') AS line WHERE line ~ 'Partial HashAggregate';
SELECT set_eq('combined', $$SELECT piece, f, f AS g FROM piece UNION ALL VALUES (99, 'empty'::funnel, 'empty'::funnel)$$,
	'partition-wise: the same values');
SELECT set_eq($$SELECT part.piece % 4, rollup(f) FROM part JOIN piece USING (piece) GROUP BY 1$$,
	$$SELECT piece % 4, rollup(f) FROM visit JOIN piece USING (piece) GROUP BY 1$$, 'partition-wise rollup');
INSERT INTO part_0 (part, piece, level, steps) VALUES (0, 99, 0, 4);
SELECT throws_ok('combined', '22023', 'funnels must have the same number of steps', 'steps that differ between partial states');

-- errors
SELECT throws_ok(sql, state, NULL, sql || ' is ' || state)
FROM (VALUES
	($$SELECT funnel_agg(-1, 3)$$, '22023'),
	($$SELECT funnel_agg(4, 3)$$, '22023'),
	($$SELECT funnel_agg(0, 0)$$, '22023'),
	($$SELECT funnel_agg(1, -1)$$, '22023'),
	($$SELECT funnel_agg(1, 33)$$, '22023'),
	($$SELECT funnel_agg(1, steps) FROM (VALUES (2), (3)) AS v(steps)$$, '22023'),
	($$SELECT funnel_agg(0, steps) FROM (VALUES (2), (3)) AS v(steps)$$, '22023'),
	($$SELECT funnel_agg(VARIADIC '{}'::boolean[])$$, '22023'),
	($$SELECT funnel_agg(VARIADIC '{{t,f},{t,f}}'::boolean[])$$, '22023'),
	($$SELECT funnel_agg(VARIADIC array_fill(true, ARRAY[33]))$$, '22023'),
	($$SELECT funnel_agg(VARIADIC a) FROM (VALUES ('{t,f}'::boolean[]), ('{f}')) AS v(a)$$, '22023'),
	($$SELECT step_rate('5>3', 0)$$, '22023'),
	($$SELECT step_rate('5>3', 3)$$, '22023'),
	($$SELECT step_rate('empty', 0)$$, '22023'),
	($$SELECT step_rate('empty', 33)$$, '22023'),
	($$SELECT '5>3'::funnel + '5>3>1'$$, '22023'),
	($$SELECT '5>3'::funnel - '5>3>1'$$, '22023'),
	($$SELECT rollup(f) FROM (VALUES ('5>3'::funnel), ('5>3>1')) AS v(f)$$, '22023'),
	($$SELECT '9223372036854775807>1'::funnel + '1>1'$$, '22003'),
	($$SELECT '5>3'::funnel - '6>3'$$, '22003'),
	($$SELECT '5>3'::funnel - '3>0'$$, '22003'),
	($$SELECT 'empty'::funnel - '1>0'$$, '22003'),
	($$SELECT funnel_inv('empty', 1, 2)$$, '22003'),
	($$SELECT funnel_inv('5>5', 1, 2)$$, '22003'),
	($$SELECT funnel_trans('9223372036854775807', 1, 1)$$, '22003'),
	($$SELECT '3>5'::funnel$$, '22003'),
	($$SELECT '-1'::funnel$$, '22003'),
	($$SELECT '3>-1'::funnel$$, '22003'),
	($$SELECT '9223372036854775808'::funnel$$, '22003'),
	($$SELECT array_to_string(array_fill(1, ARRAY[33]), '>')::funnel$$, '54000'),
	($$SELECT ''::funnel$$, '22P02'),
	($$SELECT '>'::funnel$$, '22P02'),
	($$SELECT '3>'::funnel$$, '22P02'),
	($$SELECT '>3'::funnel$$, '22P02'),
	($$SELECT '3 > 2'::funnel$$, '22P02'),
	($$SELECT '3>1.5'::funnel$$, '22P02'),
	($$SELECT '3>2 1'::funnel$$, '22P02'),
	($$SELECT 'empty>1'::funnel$$, '22P02'),
	($$SELECT 'Empty'::funnel$$, '22P02')
) AS c(sql, state);
SELECT throws_ok(sql, state, message, 'message: ' || message)
FROM (VALUES
	($$SELECT funnel_agg(4, 3)$$, '22023', 'level must be between 0 and 3, not 4'),
	($$SELECT funnel_agg(1, 33)$$, '22023', 'steps must be between 1 and 32, not 33'),
	($$SELECT step_rate('5>3', 3)$$, '22023', 'step must be between 1 and 2, not 3'),
	($$SELECT '3>5'::funnel$$, '22003', 'number that reached step 2 must be between 0 and 3, not 5')
) AS c(sql, state, message);

-- binary messages
SELECT is(attempt(format('SELECT from_binary(%L, %L)', 'funnel', message)), expected, 'binary: ' || name)
FROM (VALUES
	('version, steps, reached', '\x01 02 0000000000000005 0000000000000003'::bytea, '5>3'),
	('the empty funnel', '\x01 00', 'empty'),
	('steps that nothing reached', '\x01 02 0000000000000000 0000000000000000', 'empty'),
	('no message', '', 'error 08P01'),
	('version alone', '\x01', 'error 08P01'),
	('version 0', '\x00 01 0000000000000005', 'error 22P03'),
	('version 2', '\x02 01 0000000000000005', 'error 22P03'),
	('truncated', '\x01 02 0000000000000005 00000000000000', 'error 22P03'),
	('too long', '\x01 01 0000000000000005 00', 'error 22P03'),
	('growing', '\x01 02 0000000000000005 0000000000000006', 'error 22P03'),
	('negative', '\x01 01 ffffffffffffffff', 'error 22P03'),
	('33 steps', '\x01 21' || decode(repeat('0000000000000001', 33), 'hex'), 'error 22P03')
) AS c(name, message, expected);

-- hostile messages and texts: an error, or a value that keeps the invariant
CREATE TEMP TABLE answer AS
	SELECT 'binary' AS source, a
	FROM hostile_binary('funnel', ARRAY[funnel_send('13087>7367>5113'), funnel_send('empty'), funnel_send('5')], 1000) AS a
	UNION ALL
	SELECT 'text', a FROM hostile_text('funnel', '{13087>7367>5113, empty, 5}', ARRAY['>', '>>', 'empty', repeat('>1', 31)], 1000) AS a;
SELECT is_empty($$SELECT * FROM answer WHERE a LIKE 'error%' AND a <> ALL
	(CASE source WHEN 'binary' THEN '{error 22P03,error 08P01}' ELSE '{error 22P02,error 22003,error 54000}' END::text[])$$,
	'errors are those of bad input');
SELECT is_empty($$SELECT a FROM answer WHERE a NOT LIKE 'error%' AND (a !~ '^(empty|[1-9]\d*(>\d+){0,31})$' OR a::funnel::text <> a
	OR EXISTS (SELECT FROM (SELECT reached, lag(reached) OVER (ORDER BY step) AS previous FROM steps(a::funnel)) AS s
		WHERE reached < 0 OR reached > previous))$$,
	'what is accepted keeps the invariant');
SELECT ok(count(*) FILTER (WHERE a LIKE 'error%') > 1000 AND count(*) FILTER (WHERE a NOT LIKE 'error%') > 1000,
	'there is much of both')
FROM answer;

SELECT * FROM finish();
ROLLBACK;
