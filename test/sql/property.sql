\set ECHO none
\i test/setup.sql
\i test/sample.sql
SELECT plan(216);

-- What holds for every summary, whatever the rows: each query gives the
-- breaches. %1$s is the aggregate, %2$s its type, %3$s its arguments. Equal
-- means equal bytes.

CREATE TEMPORARY TABLE property (n serial, property text, breaches text);
INSERT INTO property (property, breaches) VALUES
('the whole is the rollup of any pieces', $$
	SELECT pieces
	FROM unnest(ARRAY[1, 2, 7, 100, 1500]) AS pieces,
		LATERAL (SELECT rollup(piece) AS total FROM (SELECT %1$s AS piece FROM sample.fact GROUP BY id * 7919 %% pieces) AS v) AS r,
		(SELECT %1$s AS whole FROM sample.fact) AS w
	WHERE record_image_ne(ROW(total), ROW(whole))$$),
('the whole is the rollup of rollups', $$
	SELECT FROM
		(SELECT rollup(total) AS total FROM (
			SELECT rollup(piece) AS total FROM (SELECT id, %1$s AS piece FROM sample.fact GROUP BY id) AS v GROUP BY id %% 30
		) AS v) AS r,
		(SELECT %1$s AS whole FROM sample.fact) AS w
	WHERE record_image_ne(ROW(total), ROW(whole))$$),
('the order of the rows does not matter', $$
	SELECT FROM
		(SELECT %1$s AS whole FROM sample.fact) AS a,
		(SELECT %1$s AS whole FROM (SELECT * FROM sample.fact ORDER BY id DESC) AS v) AS b,
		(SELECT %1$s AS whole FROM (SELECT * FROM sample.fact ORDER BY md5(id::text)) AS v) AS c
	WHERE record_image_ne(ROW(a.whole), ROW(b.whole)) OR record_image_ne(ROW(a.whole), ROW(c.whole))$$),
('a + b is b + a, a + b - b is a', $$
	WITH piece AS (SELECT %1$s AS x FROM sample.fact GROUP BY rep)
	SELECT FROM piece AS a, piece AS b
	WHERE record_image_ne(ROW(a.x + b.x), ROW(b.x + a.x)) OR record_image_ne(ROW(a.x + b.x - b.x), ROW(a.x))$$),
('(a + b) + c is a + (b + c)', $$
	WITH piece AS (SELECT %1$s AS x FROM sample.fact GROUP BY rep)
	SELECT FROM piece AS a, piece AS b, piece AS c
	WHERE record_image_ne(ROW((a.x + b.x) + c.x), ROW(a.x + (b.x + c.x)))$$),
('the empty summary is the identity', $$
	WITH piece AS (SELECT %1$s AS x FROM sample.fact GROUP BY rep), empty AS (SELECT %1$s AS e FROM sample.fact WHERE false)
	SELECT FROM piece, empty
	WHERE record_image_ne(ROW(x + e), ROW(x)) OR record_image_ne(ROW(e + x), ROW(x)) OR record_image_ne(ROW(x - e), ROW(x))
		OR record_image_ne(ROW(x - x), ROW(e)) OR record_image_ne(ROW(e + e), ROW(e)) OR e IS NULL$$),
('equal and hashed alike are those of equal bytes', $$
	WITH piece AS (
		SELECT %1$s AS x FROM sample.fact GROUP BY rep
		UNION ALL
		SELECT rollup(x) FROM (SELECT rep, %1$s AS x FROM sample.fact GROUP BY rep, id) AS v GROUP BY rep
	)
	SELECT FROM piece AS a, piece AS b
	WHERE (a.x = b.x) <> (record_image_eq(ROW(a.x), ROW(b.x))) OR (a.x <> b.x) <> (record_image_ne(ROW(a.x), ROW(b.x)))
		OR (a.x = b.x) <> (%2$s_send(a.x) = %2$s_send(b.x))
		OR (a.x = b.x) <> (%2$s_hash(a.x) = %2$s_hash(b.x)) OR (a.x = b.x) <> (%2$s_hash_extended(a.x, 7) = %2$s_hash_extended(b.x, 7))$$),
('text and back', $$
	SELECT FROM (SELECT %1$s AS x FROM sample.fact GROUP BY GROUPING SETS (id, rep, ())) AS v
	WHERE record_image_ne(ROW(x::text::%2$s), ROW(x))$$),
('a window that moves is the window afresh', $$
	SELECT id
	FROM (SELECT id, %1$s OVER (ORDER BY id ROWS BETWEEN 12 PRECEDING AND CURRENT ROW) AS moving FROM sample.fact) AS m,
		LATERAL (SELECT %1$s AS afresh FROM sample.fact AS f WHERE f.id BETWEEN m.id - 12 AND m.id) AS v
	WHERE record_image_ne(ROW(moving), ROW(afresh))$$),
('a window that moves out of the rows is empty there', $$
	SELECT id
	FROM (
		SELECT id, rep, %1$s OVER (PARTITION BY rep ORDER BY id ROWS BETWEEN 3 FOLLOWING AND 9 FOLLOWING) AS moving
		FROM sample.fact WHERE id <= 400
	) AS m,
		LATERAL (SELECT %1$s AS afresh FROM sample.fact AS f
			WHERE f.id <= 400 AND f.rep = m.rep AND f.id BETWEEN m.id + 3 * 13 AND m.id + 9 * 13) AS v
	WHERE record_image_ne(ROW(moving), ROW(afresh))$$),
('a rollup that moves over empty summaries and NULL is the rollup afresh', $$
	WITH week AS (
		SELECT id / 10 AS n, CASE WHEN id / 10 %% 30 < 20 THEN %1$s FILTER (WHERE id / 10 %% 30 < 10) END AS x
		FROM sample.fact GROUP BY id / 10
	)
	SELECT n
	FROM (SELECT n, rollup(x) OVER (ORDER BY n ROWS BETWEEN 4 PRECEDING AND CURRENT ROW) AS moving FROM week) AS m,
		LATERAL (SELECT rollup(x) AS afresh FROM week WHERE week.n BETWEEN m.n - 4 AND m.n) AS v
	WHERE record_image_ne(ROW(moving), ROW(afresh))$$),
('a rollup of 13 weeks that moves is the rollup afresh', $$
	WITH week AS (SELECT id / 10 AS n, %1$s AS x FROM sample.fact GROUP BY id / 10)
	SELECT n
	FROM (SELECT n, rollup(x) OVER (ORDER BY n ROWS BETWEEN 12 PRECEDING AND CURRENT ROW) AS moving FROM week) AS m,
		LATERAL (SELECT rollup(x) AS afresh FROM week WHERE week.n BETWEEN m.n - 12 AND m.n) AS v
	WHERE record_image_ne(ROW(moving), ROW(afresh))$$),
('transition functions outside an aggregate leave their argument alone', $$
	WITH piece AS (SELECT %1$s AS x FROM sample.fact GROUP BY rep)
	SELECT FROM piece, sample.fact AS f,
		LATERAL (SELECT %1$s AS one FROM sample.fact WHERE id = f.id) AS v,
		LATERAL (SELECT %2$s_trans(x, %3$s) AS more) AS m
	WHERE id <= 50 AND more IS NOT NULL AND (record_image_ne(ROW(more), ROW(x + one)) OR record_image_ne(ROW(%2$s_inv(more, %3$s)), ROW(x)))$$);

SELECT is_empty(format(breaches, aggregate, type, regexp_replace(aggregate, '^\w+\((VARIADIC )?(.*)\)$', '\2')), way || ': ' || property)
FROM sample.way, property
ORDER BY way, n;
SELECT isnt_empty(format('SELECT FROM (SELECT %s AS x FROM sample.fact) AS v WHERE length(x::text) > 5', aggregate), way || ': there is something in it')
FROM sample.way
ORDER BY way;

-- Summaries in tables

CREATE TABLE sample.summary AS
SELECT rep, rate_agg(won) AS rate, sales_agg(amount) AS sales, cycle_agg(days, won) AS cycle,
	weekly_agg(created_at, appointment_at, proposal_at, closed_at, won, amount, 'Europe/Oslo', NULL) AS history,
	funnel_agg(level, 5) AS funnel, forecast_agg(amount, probability) AS forecast
FROM sample.fact
GROUP BY GROUPING SETS (rep, id);
INSERT INTO sample.summary
SELECT 13, rate_agg(won), sales_agg(amount), cycle_agg(days, won),
	weekly_agg(created_at, appointment_at, proposal_at, closed_at, won, amount, 'Europe/Oslo', NULL), funnel_agg(level, 5),
	forecast_agg(amount, probability)
FROM sample.fact WHERE false;
INSERT INTO sample.summary VALUES (14);

-- COPY writes and reads the columns of a table in text and in binary
CREATE TABLE sample.copied (LIKE sample.summary);
\set file `mktemp`
COPY sample.summary TO STDOUT (FORMAT binary) \g :file
\set copy_back '\\copy sample.copied FROM ' :file ' (FORMAT binary)'
:copy_back
COPY sample.summary TO STDOUT \g :file
\set copy_back '\\copy sample.copied FROM ' :file
:copy_back
\setenv KPI_TEST_FILE :file
\! rm "$KPI_TEST_FILE"
SELECT results_eq(
	$$SELECT rep, rate_send(rate), sales_send(sales), cycle_send(cycle), history_send(history), funnel_send(funnel), forecast_send(forecast), count(*)
		FROM sample.copied GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7$$,
	$$SELECT rep, rate_send(rate), sales_send(sales), cycle_send(cycle), history_send(history), funnel_send(funnel), forecast_send(forecast), 2 * count(*)
		FROM sample.summary GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7$$,
	'COPY in text and in binary and back');

SELECT is_empty(format('SELECT %1$s FROM sample.copied EXCEPT SELECT %1$s FROM sample.summary', type), type || ': EXCEPT')
FROM (SELECT DISTINCT type FROM sample.way) AS v ORDER BY type;
SELECT results_eq(
	format('SELECT count(*) FROM (SELECT DISTINCT %s FROM sample.copied) AS v', type),
	format('SELECT count(DISTINCT coalesce(%1$s_send(%1$s), '''')) FROM sample.summary', type), type || ': DISTINCT')
FROM (SELECT DISTINCT type FROM sample.way) AS v ORDER BY type;
SELECT results_eq(
	format('SELECT count(*) FROM sample.copied GROUP BY %s ORDER BY 1', type),
	format('SELECT 2 * count(*) FROM sample.summary GROUP BY %1$s_send(%1$s) ORDER BY 1', type), type || ': GROUP BY')
FROM (SELECT DISTINCT type FROM sample.way) AS v ORDER BY type;
SET LOCAL enable_nestloop = off;
SET LOCAL enable_mergejoin = off;
SELECT results_eq(
	format('SELECT count(*) FROM sample.copied AS a JOIN sample.summary AS b USING (%s)', type),
	format('SELECT sum(2 * n * n)::bigint FROM (SELECT count(*) AS n FROM sample.summary WHERE %1$s IS NOT NULL GROUP BY %1$s_send(%1$s)) AS v', type),
	type || ': hash join')
FROM (SELECT DISTINCT type FROM sample.way) AS v ORDER BY type;
RESET enable_nestloop;
RESET enable_mergejoin;

-- Summaries small and large, stored with a short header, in line, compressed
-- and elsewhere: n is the value, storage how it lies

CREATE TABLE sample.stored (n integer, storage text, cycle cycle, history history, funnel funnel);
CREATE TEMPORARY TABLE value (n integer, cycle cycle, history history, funnel funnel);
ALTER TABLE value ALTER cycle SET STORAGE external, ALTER history SET STORAGE external, ALTER funnel SET STORAGE external;
INSERT INTO value
SELECT n, cycle_agg(day, day % 3 = n % 3),
	weekly_agg(at, at + interval '3 days', at + interval '30 days', at + day * interval '1 hour', day % 2 = 0, day + n, 'UTC', NULL),
	funnel_agg(day % (n * 8), 32)
FROM generate_series(1, 4) AS n, generate_series(1, 1000) AS day,
	LATERAL (SELECT '1950-01-01 00:00Z'::timestamptz + n * day * interval '11 days') AS v (at)
WHERE n > 1 OR day < 2
GROUP BY n;
ALTER TABLE sample.stored ALTER cycle SET STORAGE external, ALTER history SET STORAGE external, ALTER funnel SET STORAGE external;
INSERT INTO sample.stored SELECT n, 'external', cycle, history, funnel FROM value;
ALTER TABLE sample.stored ALTER cycle SET STORAGE extended, ALTER history SET STORAGE extended, ALTER funnel SET STORAGE extended;
INSERT INTO sample.stored SELECT n, 'extended', cycle, history, funnel FROM value;
ALTER TABLE sample.stored ALTER cycle SET STORAGE main, ALTER history SET STORAGE main, ALTER funnel SET STORAGE main;
INSERT INTO sample.stored SELECT n, 'main', cycle, history, funnel FROM value;
ALTER TABLE sample.stored ALTER cycle SET STORAGE plain, ALTER history SET STORAGE plain, ALTER funnel SET STORAGE plain;
INSERT INTO sample.stored SELECT n, 'plain', cycle, history, funnel FROM value WHERE n = 1;

SELECT cmp_ok(max(pg_column_size(history)), '>', 100000, 'a large history is there')
FROM sample.stored WHERE storage = 'external';
SELECT cmp_ok(max(pg_column_size(history)), '<', 100000, 'it is compressed too')
FROM sample.stored WHERE storage = 'extended';

TRUNCATE property;
INSERT INTO property (property, breaches) VALUES
('equal however it lies', $$
	SELECT a.n, a.storage, b.storage FROM sample.stored AS a, sample.stored AS b
	WHERE (a.%1$s = b.%1$s) <> (a.n = b.n) OR (a.%1$s <> b.%1$s) <> (a.n <> b.n)
		OR (%1$s_hash(a.%1$s) = %1$s_hash(b.%1$s)) <> (a.n = b.n) OR (%1$s_send(a.%1$s) = %1$s_send(b.%1$s)) <> (a.n = b.n)
		OR (a.%1$s::text = b.%1$s::text) <> (a.n = b.n)$$),
('distinct however it lies', $$
	SELECT %1$s FROM sample.stored GROUP BY %1$s HAVING count(*) < 3 OR min(n) <> max(n)$$),
('+ and - however both lie', $$
	SELECT a.n, a.storage, b.n, b.storage
	FROM sample.stored AS a, sample.stored AS b, value AS va, value AS vb
	WHERE a.n = va.n AND b.n = vb.n
		AND (record_image_ne(ROW(a.%1$s + b.%1$s), ROW(va.%1$s + vb.%1$s)) OR record_image_ne(ROW(va.%1$s + vb.%1$s - a.%1$s), ROW(b.%1$s)))$$),
('rollup however they lie, whichever is the first', $$
	SELECT storage
	FROM (
		SELECT storage, rollup(%1$s) AS total FROM (SELECT * FROM sample.stored ORDER BY n) AS v GROUP BY storage
		UNION ALL
		SELECT storage, rollup(%1$s) FROM (SELECT * FROM sample.stored ORDER BY n DESC) AS v GROUP BY storage
	) AS r, (SELECT rollup(%1$s) AS whole, rollup(%1$s) FILTER (WHERE n = 1) AS one FROM value) AS w
	WHERE record_image_ne(ROW(total), ROW(CASE storage WHEN 'plain' THEN one ELSE whole END))$$),
('rollup of one however it lies', $$
	SELECT n, storage FROM (SELECT n, storage, rollup(%1$s) AS x FROM sample.stored GROUP BY n, storage) AS r JOIN value USING (n)
	WHERE record_image_ne(ROW(x), ROW(%1$s)) OR x <> %1$s$$),
('rollup that moves however they lie', $$
	SELECT n, storage
	FROM (SELECT *, rollup(%1$s) OVER (PARTITION BY storage ORDER BY n ROWS 1 PRECEDING) AS moving FROM sample.stored) AS s,
		LATERAL (SELECT rollup(%1$s) AS afresh FROM value WHERE value.n BETWEEN s.n - 1 AND s.n) AS v
	WHERE record_image_ne(ROW(moving), ROW(afresh))$$);
SELECT is_empty(format(breaches, type), type || ': ' || property)
FROM unnest(ARRAY['cycle', 'history', 'funnel']) AS type, property
ORDER BY type, n;
SELECT is_empty($$
	SELECT n, storage FROM sample.stored JOIN value USING (n), LATERAL (
		SELECT array_agg(d ORDER BY day) AS mine FROM days(stored.cycle) AS d) AS a, LATERAL (
		SELECT array_agg(d ORDER BY day) AS its FROM days(value.cycle) AS d) AS b
	WHERE mine::text <> its::text OR won(stored.cycle) <> won(value.cycle) OR lost(stored.cycle) <> lost(value.cycle)
		OR at_risk(stored.cycle, 9) <> at_risk(value.cycle, 9) OR average_days(stored.cycle) <> average_days(value.cycle)
		OR median_days(stored.cycle) <> median_days(value.cycle)$$,
	'what is read from a cycle however it lies');
SELECT is_empty($$
	SELECT n, storage FROM sample.stored JOIN value USING (n), LATERAL (
		SELECT array_agg(w ORDER BY week, month) AS mine FROM weeks(stored.history) AS w) AS a, LATERAL (
		SELECT array_agg(w ORDER BY week, month) AS its FROM weeks(value.history) AS w) AS b
	WHERE mine::text <> its::text$$,
	'what is read from a history however it lies');
SELECT is_empty($$
	SELECT n, storage FROM sample.stored JOIN value USING (n), LATERAL (
		SELECT array_agg(s ORDER BY step) AS mine FROM steps(stored.funnel) AS s) AS a, LATERAL (
		SELECT array_agg(s ORDER BY step) AS its FROM steps(value.funnel) AS s) AS b
	WHERE mine::text <> its::text OR step_rate(stored.funnel, 7) <> step_rate(value.funnel, 7)$$,
	'what is read from a funnel however it lies');

SELECT * FROM finish();
ROLLBACK;
