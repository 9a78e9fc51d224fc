\set ECHO none
\i test/setup.sql
SELECT plan(8);

-- Companies whose truth is known, of 200 seeds: what the mart plans with must hold it. Of the first appointments 24 % are
-- won, after five weeks (median, log-normal), and 68 % lost, after longer, a quarter of which are clicked four weeks late; of
-- 8 % the loss is never clicked. Appointments grow by 1 % a week. A sale is 2500 on average, log-normal. The reps are five,
-- the last of whom began six weeks before the window of 13 weeks ends.

SELECT setseed(0.7);
CREATE FUNCTION pg_temp.normal(u double precision, v double precision) RETURNS double precision
	IMMUTABLE RETURN sqrt(-2 * ln(1 - u)) * cos(2 * pi() * v);
CREATE TEMPORARY TABLE truth AS
SELECT 0.24::double precision AS win_ratio, 2500::double precision AS average_revenue, 300000 / 2500.0 / 0.24 / 13 AS magic_number, date '2026-06-22' AS monday;

CREATE TEMPORARY TABLE lead AS
SELECT seed, rep, started, won, amount,
	CASE WHEN won IS NOT NULL THEN started + floor(35 * exp(0.6 * pg_temp.normal(u, v)) * CASE WHEN won THEN 1 ELSE 1.3 END + CASE WHEN NOT won AND w < 0.25 THEN 28 ELSE 0 END)::integer END AS closed
FROM (
	SELECT *, CASE WHEN fate < 0.24 THEN true WHEN fate < 0.92 THEN false END AS won,
		CASE WHEN fate < 0.24 THEN (2500 * exp(0.5 * pg_temp.normal(x, y) - 0.125))::numeric(12,2) END AS amount
	FROM (
		SELECT seed, rep, monday - 7 * week + floor(7 * random())::integer AS started, random() AS fate, random() AS u, random() AS v, random() AS w, random() AS x, random() AS y
		FROM truth, generate_series(1, 200) AS seed, generate_series(1, 70) AS week, generate_series(1, 5) AS rep, generate_series(1, 10) AS n
		WHERE n <= round(10 * 1.01 ^ (1 - week)) AND (rep < 5 OR week <= 6)
		OFFSET 0
	) AS entry
) AS drawn;
CREATE TEMPORARY TABLE known AS
SELECT seed, rep, cycle_agg(started, closed, won, monday - 91, monday) AS cycle,
	sales_agg(amount) FILTER (WHERE closed >= monday - 91 AND closed < monday) AS sales,
	rate_agg(won) FILTER (WHERE closed >= monday - 91 AND closed < monday) AS decisions
FROM truth, lead
GROUP BY seed, rep;
CREATE TEMPORARY TABLE company AS
SELECT *, 300000 / average(sales)::double precision / win_ratio / 13 AS magic_number
FROM (
	SELECT seed, rollup(cycle) AS cycle, rollup(sales) AS sales, rollup(decisions) AS decisions, win_probability(rollup(cycle), 365) AS win_ratio FROM known GROUP BY seed
) AS c;

SELECT is(count(win_ratio), 200::bigint, 'every company knows its win ratio') FROM company;
SELECT cmp_ok(avg((t.win_ratio BETWEEN win_probability_low(cycle, 365) AND win_probability_high(cycle, 365))::integer), '>=', 0.90, 'the true one lies within its interval in 90 % or more')
FROM company, truth AS t;
SELECT cmp_ok(abs(avg(c.win_ratio) / 0.24 - 1)::numeric, '<', 0.03, 'and the win ratio is right on average') FROM company AS c;
SELECT cmp_ok(avg((t.magic_number BETWEEN i.low AND i.high)::integer), '>=', 0.90, 'and so does the true magic number')
FROM truth AS t, company AS c,
	mart_magic_interval(c.magic_number, c.win_ratio, win_probability_low(cycle, 365), win_probability_high(cycle, 365), average(sales)::double precision, low(sales), high(sales)) AS i;
SELECT cmp_ok(abs(avg(c.magic_number) / avg(t.magic_number) - 1)::numeric, '<', 0.03, 'as is the magic number') FROM company AS c, truth AS t;
-- of decisions made, 24 in 92 were won; growth makes it more
SELECT cmp_ok(avg(ratio(decisions))::numeric, '>', 0.25, 'that of the decisions is too great') FROM company;

-- The new rep, who could win but fast
CREATE TEMPORARY TABLE new_rep AS
SELECT p.*, ratio(own.decisions) AS decided
FROM (SELECT seed, prior_agg(rate(won(cycle), won(cycle) + lost(cycle))) AS prior FROM known GROUP BY seed) AS g
	JOIN known AS own USING (seed) JOIN (SELECT seed, rollup(cycle) AS cycle FROM known WHERE rep < 5 GROUP BY seed) AS peers USING (seed),
	kpi.mart_win_ratio(own.cycle, peers.cycle, prior, 365, 10) AS p
WHERE own.rep = 5;
SELECT cmp_ok(avg(decided)::numeric, '>', 0.30, 'the decisions of a new rep flatter') FROM new_rep;
SELECT results_eq($$SELECT basis <> 'own', avg(win_ratio) BETWEEN 0.22 AND 0.27 FROM new_rep GROUP BY 1$$, 'VALUES (true, true)', 'the plan takes them with the peers''') FROM truth;

SELECT * FROM finish();
ROLLBACK;
