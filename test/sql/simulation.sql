\set ECHO none
\i test/setup.sql
SELECT plan(21);

-- What the statistics are for: many worlds whose truth is known. Every figure is a mean over worlds of one stream of
-- random numbers, so that it is the same on every run; the bounds are those within which chance may move it.

SELECT setseed(0.3);
CREATE FUNCTION pg_temp.normal() RETURNS double precision
	LANGUAGE sql VOLATILE
	RETURN sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random());

-- t interval of the average sale: 400 worlds of normal sales

CREATE TEMP TABLE sale AS
SELECT world, sales_agg((2500 + 700 * pg_temp.normal())::numeric) AS sales
FROM generate_series(1, 400) AS world, generate_series(1, 5 + world % 40) AS n
GROUP BY world;
SELECT cmp_ok(avg((2500 BETWEEN low(sales) AND high(sales))::integer), '>=', 0.92, 'the t interval covers 92 % or more') FROM sale;
SELECT cmp_ok(avg((2500 BETWEEN low(sales) AND high(sales))::integer), '<=', 0.98, 'and 98 % or less') FROM sale;

-- The prior: peers whose true ratios are of a beta distribution with mean 0.6, Poisson(20) + 1 decisions each

CREATE TEMP TABLE poisson AS
SELECT n, exp(-20 + n * ln(20) - (SELECT coalesce(sum(ln(i)), 0) FROM generate_series(1, n) AS i)) AS p FROM generate_series(0, 80) AS n;
CREATE TEMP TABLE decided AS
SELECT n + 1 AS decided, sum(p) OVER (ORDER BY n) AS until FROM poisson;
CREATE TEMP TABLE rep AS
SELECT peers, kappa, world, rep,
	CASE WHEN u < 0.5 THEN low(rate '0/0', ROW(0.6 * kappa, 0.4 * kappa)::beta_prior, 1 - 2 * u)
		ELSE high(rate '0/0', ROW(0.6 * kappa, 0.4 * kappa)::beta_prior, 2 * u - 1) END AS truth,
	(SELECT min(decided) FROM decided WHERE until >= v) AS decided
FROM (
	SELECT peers, kappa, world, rep, random() AS u, random() AS v
	FROM unnest(ARRAY[5, 24]) AS peers, unnest(ARRAY[10, 30, 100]) AS kappa, LATERAL generate_series(1, 1500 / peers) AS world,
		LATERAL generate_series(0, peers) AS rep
) AS r;
CREATE TEMP TABLE known AS
SELECT peers, kappa, world, rep, truth, rate_agg(random() < truth) AS rate
FROM rep, LATERAL generate_series(1, decided)
GROUP BY peers, kappa, world, rep, truth;
CREATE TEMP TABLE credible AS
SELECT peers, kappa, avg((truth BETWEEN low(rate, prior) AND high(rate, prior))::integer) AS coverage,
	bool_and(adjusted_ratio(rate, prior) BETWEEN least(ratio(rate), mean) - 1e-12 AND greatest(ratio(rate), mean) + 1e-12) AS is_between
FROM (
	SELECT *, prior_agg(rate) OVER (PARTITION BY peers, kappa, world ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW) AS prior
	FROM known
) AS k, LATERAL (SELECT (prior).alpha / ((prior).alpha + (prior).beta)) AS m(mean)
GROUP BY peers, kappa;
SELECT cmp_ok(coverage, '>=', CASE peers WHEN 5 THEN 0.88 ELSE 0.91 END, format('%s peers, kappa %s: 95 %% credible intervals', peers, kappa))
FROM credible ORDER BY peers, kappa;
SELECT ok(bool_and(is_between), 'adjusted ratios lie between the own and that of the prior') FROM credible;

-- The sales cycle: 25 % are won after a time of median 90 days (log-normal, sigma 0.7), 55 % lost after 1.4 times as
-- long, 20 % never closed. By day 350 half of those won by then are won on day 87.96 of a continuous time.

CREATE FUNCTION pg_temp.deals(worlds integer, weeks integer, first double precision, growth double precision)
	RETURNS TABLE (world integer, started date, ended date, won boolean)
	LANGUAGE sql VOLATILE
AS $$
	SELECT world, started, started + floor(days)::integer, won
	FROM (
		SELECT world, date '2025-01-06' - 7 * week + floor(7 * random())::integer AS started,
			CASE WHEN u < 0.8 THEN 90 * exp(0.7 * pg_temp.normal()) * CASE WHEN u < 0.25 THEN 1 ELSE 1.4 END END AS days,
			CASE WHEN u < 0.8 THEN u < 0.25 END AS won
		FROM (
			SELECT world, week, random() AS u
			FROM generate_series(1, worlds) AS world, generate_series(1, weeks) AS week,
				LATERAL generate_series(1, round(first * growth ^ (weeks - week))::integer)
		) AS entry
	) AS deal
$$;

-- A year of 40 a week, looked at when it is over
CREATE TEMP TABLE year_long AS
SELECT world, cycle_agg(started, ended, won, NULL, '2025-01-06') AS cycle
FROM pg_temp.deals(400, 52, 40, 1)
GROUP BY world;
SELECT cmp_ok(abs(avg(median_days(cycle, 350)) / 87.96 - 1), '<', 0.05, 'a year of deals: the median by day 350 is right') FROM year_long;
SELECT cmp_ok(avg(median_days(cycle)), '<', 0.9 * 87.96, 'that of the closed alone is too short') FROM year_long;
SELECT cmp_ok(abs(avg(win_probability(cycle, 350)) / (0.25 * 0.973919) - 1)::numeric, '<', 0.05, 'the share won by day 350 is right') FROM year_long;
SELECT cmp_ok(avg(won(cycle)::numeric / (won(cycle) + lost(cycle))), '>', 0.34, 'that of the closed is too great') FROM year_long;
SELECT is(count(median_days(cycle, 800)), 0::bigint, 'where follow-up is not complete there is no median') FROM year_long;

-- The trailing 13 weeks of 63 in which 2 % more begin each week: old deals are seen from the age they had
CREATE TEMP TABLE quarter AS
SELECT world, cycle_agg(started, ended, won, '2024-10-07', '2025-01-06') AS cycle,
	percentile_disc(0.5) WITHIN GROUP (ORDER BY ended - started) FILTER (WHERE won AND started >= '2024-10-07' AND ended < '2025-01-06') AS created_in,
	percentile_disc(0.5) WITHIN GROUP (ORDER BY ended - started) FILTER (WHERE won AND ended >= '2024-10-07' AND ended < '2025-01-06') AS closed_in
FROM pg_temp.deals(400, 63, 12, 1.02)
GROUP BY world;
SELECT cmp_ok(abs(avg(median_days(cycle, 350)) / 87.96 - 1), '<', 0.05, 'a trailing window: the median by day 350 is right') FROM quarter;
SELECT cmp_ok(avg(created_in), '<', 0.7 * 87.96, 'that of the deals created in it is too short') FROM quarter;
SELECT cmp_ok(avg(closed_in), '<', 0.97 * 87.96, 'and so is that of those closed in it, with growth') FROM quarter;

-- The interval of the median: deals seen to day 350 but for those that are open, 75 of 300 and 10 of 40 of them won
CREATE TEMP TABLE sampled AS
SELECT number, world, cycle_agg(least(ended - started, 351), CASE WHEN ended - started <= 350 THEN won END) AS cycle
FROM unnest(ARRAY[300, 40]) AS number, LATERAL pg_temp.deals(400, 1, number, 1)
GROUP BY number, world;
SELECT cmp_ok(avg((87 BETWEEN low_days(cycle, 350) AND high_days(cycle, 350))::integer), '>=', 0.92, format('%s deals: the interval of the median covers 92 %% or more', number)) FROM sampled GROUP BY number ORDER BY number;
SELECT cmp_ok(avg((87 BETWEEN low_days(cycle, 350) AND high_days(cycle, 350))::integer), '<=', 0.98, format('%s deals: and 98 %% or less', number)) FROM sampled GROUP BY number ORDER BY number;

SELECT * FROM finish();
ROLLBACK;
