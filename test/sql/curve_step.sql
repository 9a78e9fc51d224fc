\set ECHO none
\i test/setup.sql
SELECT plan(21);

-- Ten wait for a step: two take it on day 0 and three on day 5, the others are lost. Of those who took it half are won, on day 2.
SELECT is(round(win_probability('0:+10,2w,3l 5:3w,2l', '0:+4 2:2w 10:2l', age, within)::numeric, 12), expected, name)
FROM (VALUES
	('on the day of the step nobody is won', 0, 1, 0.0),
	('who takes the step first is won first', 0, 2, 0.1),
	('the second step leaves no day', 0, 6, 0.1),
	('the second step leaves two days', 0, 7, 0.25),
	('and nothing more comes', 0, 100, 0.25),
	('of those that still wait', 1, 6, 0.3),
	('on their last day', 5, 2, 0.3),
	('too late', 5, 1, 0.0)
) AS c(name, age, within, expected);

-- By its definition: the days of the step, each with what is left
SELECT setseed(0.3);
CREATE TABLE wait AS
SELECT grp, cycle_agg(days, CASE WHEN u < 0.1 THEN NULL WHEN u < 0.7 THEN true ELSE false END) AS step, cycle_agg((days * v)::integer, CASE WHEN v < 0.2 THEN NULL ELSE u < 0.5 END) AS next
FROM (SELECT n % 3 AS grp, floor(30 * random() ^ 2)::integer AS days, random() AS u, random() AS v FROM generate_series(1, 900) AS n) AS d
GROUP BY grp;
SELECT is(count(*) FILTER (WHERE abs(win_probability(step, next, age, within) - expected) < 1e-14), 3 * 3 * 13::bigint, 'the definition')
FROM wait, unnest('{0,3,9}'::integer[]) AS age, generate_series(0, 12) AS within,
	LATERAL (
		SELECT coalesce(sum((win_probability(step, age, day) - win_probability(step, age, day - 1)) * win_probability(next, within - day)), 0)
		FROM generate_series(1, within) AS day
	) AS later(won),
	LATERAL (SELECT later.won + win_probability(step, age, 0) * win_probability(next, within)) AS e(expected);
SELECT is(count(*) FILTER (WHERE abs(win_probability(step, '0:+1,1w', age, within) - win_probability(step, age, within)) < 1e-14), 3 * 3 * 13::bigint,
	'where the step is the win')
FROM wait, unnest('{0,3,9}'::integer[]) AS age, generate_series(0, 12) AS within;
SELECT is(count(*) FILTER (WHERE win_probability('0:+1,1w', next, 0, within) = win_probability(next, within)), 3 * 13::bigint, 'where the step is taken at once')
FROM wait, generate_series(0, 12) AS within;

-- NULL where it cannot be told
SELECT is(win_probability(step, next, age, within), NULL, name)
FROM (VALUES
	('no step', 'empty'::cycle, '0:+1,1w'::cycle, 0, 10),
	('nobody went on', '0:+1,1w', 'empty', 0, 10),
	('nobody waited so long', '0:+10 3:10w', '0:+1,1w', 4, 10),
	('steps not followed up', '0:+20 3:-16,4w', '0:+1,1w', 0, 4),
	('wins not followed up', '0:+1,1w', '0:+20 3:-16,4w', 0, 4),
	('NULL step', NULL, '0:+1,1w', 0, 10),
	('NULL age', '0:+1,1w', '0:+1,1w', NULL, 10)
) AS c(name, step, next, age, within);
SELECT is(win_probability('0:+20 3:-16,4w', '0:+20 3:-16,4w', 0, 2), 0::double precision, 'followed up so far');
SELECT throws_ok($$SELECT win_probability('0:+1,1w', '0:+1,1w', -1, 10)$$, '22003', 'age must not be negative, but is -1');
SELECT throws_ok($$SELECT win_probability('0:+1,1w', '0:+1,1w', 0, -1)$$, '22003', 'number of days must not be negative, but is -1');

SELECT * FROM finish();
ROLLBACK;
