-- How long one call of a statistic takes, on summaries of 10,000 deals, beside what it may take: in microseconds 50 for
-- what reads a summary, 1 for a bound of a rate, 1,000 for a test, 10,000 for the prior of 500 rates. Prints a table;
-- needs nothing but the extension, and nothing here is random().
--
-- A query makes many calls, with arguments that vary; the time of the same query without the call is taken off. Of each
-- the fastest of 50 short runs counts, so that it matters little what else the machine does.

\set QUIET 1
\pset footer off
SET client_min_messages = warning;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET search_path = public, kpi;

-- uniform on (0, 1)
CREATE FUNCTION pg_temp.u(id bigint, seed bigint) RETURNS double precision
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (hashint8extended(id, seed) & 9007199254740991 | 1) / 9007199254740992.0::double precision;

-- Two groups of 10,000 deals that began within two years, seen in the second of them: 40 % are won and 45 % lost, after
-- 90 days on average, the rest never end.
CREATE TEMPORARY TABLE deal AS
SELECT id, started, started + (-90 * ln(pg_temp.u(id, 2)))::integer AS ended,
	CASE WHEN pg_temp.u(id, 3) < 0.40 THEN true WHEN pg_temp.u(id, 3) < 0.85 THEN false END AS won,
	exp(6.5 + 2.5 * (pg_temp.u(id, 4) + pg_temp.u(id, 5)) / 2)::numeric(12,2) AS amount
FROM (SELECT id, date '2024-01-01' + floor(731 * pg_temp.u(id, 1))::integer AS started
	FROM generate_series(1, 20000) AS id) AS begun;

CREATE TEMPORARY TABLE summary AS
SELECT id % 2 = 1 AS own, rate_agg(won) AS closing, sales_agg(amount) AS sales,
	cycle_agg(started, ended, won, '2025-01-01', '2026-01-01') AS cycle,
	cycle_agg(ended - started, true) FILTER (WHERE id <= 50) AS few
FROM deal GROUP BY id % 2;

-- 500 reps with 1 to 120 decisions
CREATE TEMPORARY TABLE rep AS
SELECT rate(floor(decided * (0.2 + 0.4 * pg_temp.u(rep, 7)))::bigint, decided) AS closing
FROM (SELECT rep, ceil(120 * pg_temp.u(rep, 6))::bigint AS decided FROM generate_series(1, 500) AS rep) AS by_rep;

CREATE TEMPORARY TABLE peers AS
SELECT prior_agg(closing) AS prior, array_agg(pg_temp.u(passed(closing), 8)) AS p FROM rep;

CREATE TEMPORARY TABLE measured (
	n integer GENERATED ALWAYS AS IDENTITY, most integer, calls integer, call text, microseconds double precision
);
INSERT INTO measured (most, calls, call) VALUES
	(1, 10000, 'low(rate(i % 7000, 7000))'),
	(1, 10000, 'high(rate(i % 7000, 7000), confidence)'),
	(50, 100, 'low(own_sales, confidence)'),
	(50, 100, 'high(own_sales, confidence)'),
	(50, 10000, 'adjusted_ratio(rate(i % 7000, 7000), prior)'),
	(50, 100, 'low(rate(i % 7000, 7000), prior, confidence)'),
	(50, 100, 'high(rate(i % 70, 70), prior, confidence)'),
	(50, 1000, 'average_days(own_cycle)'),
	(50, 1000, 'median_days(own_cycle)'),
	(50, 1000, 'at_risk(own_cycle, i % 365)'),
	(50, 1000, 'win_probability(own_cycle, i % 365)'),
	(50, 1000, 'loss_probability(own_cycle, i % 365)'),
	(50, 1000, 'win_probability(own_cycle, i % 180, 180)'),
	(50, 1000, 'win_probability_low(own_cycle, i % 365, confidence)'),
	(50, 1000, 'win_probability_high(own_cycle, i % 365, confidence)'),
	(50, 1000, 'median_days(own_cycle, i % 365)'),
	(50, 1000, 'quantile_days(own_cycle, confidence, i % 365)'),
	(50, 1000, 'low_days(own_cycle, i % 365, confidence)'),
	(50, 1000, 'high_days(own_cycle, i % 365, confidence)'),
	(50, 20, '(SELECT count(low) FROM curve(own_cycle, confidence))'),
	(50, 10000, 'magic_number(i::numeric, own_sales, 0.3, 13)'),
	(50, 10000, 'magic_number(i, own_sales, own_closing, own_closing, 13, confidence)'),
	(50, 100, 'magic_number_low(i, own_sales, own_closing, own_closing, 13, confidence)'),
	(50, 100, 'magic_number_high(i, own_sales, own_closing, own_closing, 13, confidence)'),
	(50, 1000, '(SELECT count(lever) FROM magic_number_levers(i, own_sales, own_closing, own_closing, 13, 5))'),
	(50, 1000, 'magic_number_remaining(i, 10, 2000, own_cycle, i % 50)'),
	(1000, 500, 'p_value(rate(i % 1000, 1000), rate(3600, 9000))'),
	(1000, 500, 'p_value(rate(2000 + i % 100, 5000), rate(2000, 5000))'),
	(1000, 10000, 'p_value(rate(i % 7000, 7000), rate(4000, 10000))'),
	(1000, 200, 'p_value(own_sales, peers_sales, alternative)'),
	(1000, 200, 'p_value(own_cycle, peers_cycle, alternative)'),
	(1000, 5, 'p_value(own_few, peers_few, alternative)'),
	(1000, 200, 'p_value_win_curve(own_cycle, peers_cycle)'),
	(1000, 100, 'q_values(array_prepend(1.0::double precision / i, p))'),
	(10000, 10, '(SELECT prior_agg(rate(passed(closing), decided(closing) + i % 3)) FROM rep)');

DO $$
DECLARE
	calls_of constant text := 'WITH given AS MATERIALIZED (
		SELECT rollup(closing) FILTER (WHERE own) AS own_closing,
			rollup(sales) FILTER (WHERE own) AS own_sales, rollup(sales) FILTER (WHERE NOT own) AS peers_sales,
			rollup(cycle) FILTER (WHERE own) AS own_cycle, rollup(cycle) FILTER (WHERE NOT own) AS peers_cycle,
			rollup(few) FILTER (WHERE own) AS own_few, rollup(few) FILTER (WHERE NOT own) AS peers_few
		FROM summary
	), varying AS MATERIALIZED (
		SELECT i, 0.5 + i % 450 / 1000.0::double precision AS confidence,
			CASE WHEN i % 2 = 0 THEN ''less'' ELSE ''two.sided'' END AS alternative
		FROM generate_series(1, @calls) AS i
	) SELECT count(@call) FROM given, peers, varying';
	measure record;
	with_call text;
	without text;
	began timestamptz;
	fastest interval;
	fastest_without interval;
BEGIN
	FOR measure IN SELECT * FROM measured LOOP
		with_call := replace(replace(calls_of, '@calls', measure.calls::text), '@call', measure.call);
		without := replace(replace(calls_of, '@calls', measure.calls::text), '@call', 'i');
		fastest := NULL;
		fastest_without := NULL;
		FOR run IN 1..50 LOOP
			began := clock_timestamp();
			EXECUTE without;
			fastest_without := least(fastest_without, clock_timestamp() - began);
			began := clock_timestamp();
			EXECUTE with_call;
			fastest := least(fastest, clock_timestamp() - began);
		END LOOP;
		UPDATE measured SET microseconds = 1e6 * extract(epoch FROM fastest - fastest_without) / calls WHERE n = measure.n;
	END LOOP;
END
$$;

SELECT call, round(microseconds::numeric, 2) AS microseconds, most AS "limit",
	CASE WHEN microseconds > most THEN 'over' ELSE '' END AS verdict
FROM measured ORDER BY n;
