\set ECHO none
\i test/setup.sql
SELECT plan(41);

-- rate_agg: what counts
SELECT is(rate_agg(passed)::text, expected, name)
FROM (VALUES
	('true passed, false failed, NULL not counted', '{t,f,t,NULL}'::boolean[], '2/3'),
	('all undecided is empty', '{NULL,NULL}', '0/0'),
	('group of one', '{f}', '0/1')
) AS c(name, decisions, expected), unnest(decisions) AS passed
GROUP BY name, expected ORDER BY name;
SELECT is((SELECT rate_agg(NULL) FROM generate_series(1, 0))::text, '0/0', 'no rows give the empty rate, not NULL');

-- accessors
SELECT is(passed(r), p, r || ': passed'), is(decided(r), d, r || ': decided'), is(ratio(r), q, r || ': ratio')
FROM (VALUES
	('37/52'::rate, 37::bigint, 52::bigint, 37 / 52::float8),
	('0/0', 0, 0, NULL),
	('0/7', 0, 7, 0),
	('9223372036854775807/9223372036854775807', 9223372036854775807, 9223372036854775807, 1)
) AS c(r, p, d, q);
SELECT is(ratio(NULL), NULL, 'NULL in, NULL out');
SELECT is(rate(3, 4), '3/4'::rate, 'constructor');

-- the algebra
SELECT is(rate(1, 2) + rate(2, 4), rate(3, 6), 'counts add');
SELECT is(rate(3, 6) - rate(2, 4), rate(1, 2), 'minus undoes plus');
SELECT isnt(rate(1, 2), rate(2, 4), 'equal ratios are not equal rates');
SELECT is(rollup(r)::text, '4/9', 'rollup adds and skips NULL')
FROM (VALUES (rate(1, 3)), (NULL), (rate(3, 6))) AS c(r);
SELECT is((SELECT rollup(r) FROM (SELECT NULL::rate WHERE false) AS c(r)), NULL, 'rollup over no rows is NULL');
SELECT is((SELECT rollup(r) FROM (VALUES (NULL::rate)) AS c(r)), NULL, 'rollup over NULLs is NULL');

-- moving aggregates
SELECT results_eq(
	$$SELECT rate_agg(b) OVER w FROM (VALUES (1, true), (2, NULL), (3, false), (4, true), (5, true)) AS v(i, b)
		WINDOW w AS (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) ORDER BY i$$,
	$$VALUES (rate(1, 1)), (rate(1, 1)), (rate(0, 1)), (rate(1, 2)), (rate(2, 2))$$,
	'rate_agg over a moving window');

-- funnel_ratio
SELECT is(funnel_ratio(entered, passed), expected, name)
FROM (VALUES
	('passed of the entered and decided', '{t,t,t,t}'::boolean[], '{t,f,f,NULL}'::boolean[], 1 / 3::float8),
	('not entered or unknown are left out', '{f,NULL,t}', '{t,t,t}', 1),
	('nothing decided', '{t,f}', '{NULL,t}', NULL)
) AS c(name, entereds, passeds, expected), unnest(entereds, passeds) AS v(entered, passed)
GROUP BY name, expected ORDER BY name;

-- errors
SELECT throws_ok(sql, state, NULL, sql || ' is ' || state)
FROM (VALUES
	($$SELECT rate(5, 3)$$, '22003'),
	($$SELECT rate(-1, 3)$$, '22003'),
	($$SELECT '5/3'::rate$$, '22003'),
	($$SELECT '-1/3'::rate$$, '22003'),
	($$SELECT '1/99999999999999999999'::rate$$, '22003'),
	($$SELECT ''::rate$$, '22P02'),
	($$SELECT '1/2/3'::rate$$, '22P02'),
	($$SELECT '1.5/2'::rate$$, '22P02'),
	($$SELECT rate(1, 2) - rate(2, 2)$$, '22003'),
	($$SELECT rate(1, 2) - rate(0, 2)$$, '22003'),
	($$SELECT rate(0, 9223372036854775807) + rate(0, 1)$$, '22003')
) AS c(sql, state);
SELECT throws_ok($$SELECT avg(rate(1, 2))$$, '42883', NULL, 'an average of ratios does not compile');
SELECT throws_ok($$SELECT rate(1, 2)::numeric$$, '42846', NULL, 'a rate is no number');

SELECT * FROM finish();
ROLLBACK;
