-- What a sales manager reads on a Wednesday, from the tables of demo/crm.sql: plain SQL over kpi's functions, to copy.

\set as_of '2026-06-24 12:00:00+02'
\set zone 'Europe/Oslo'
\pset footer off
\pset linestyle unicode
\pset null ''
\pset pager off
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS kpi;
SET search_path = crm, kpi;

-- One summary, many KPIs: one pass over the opportunities counts every rep's weeks, and all below are sums of those.
DROP MATERIALIZED VIEW IF EXISTS week;
CREATE MATERIALIZED VIEW week AS
SELECT rep_id, w.*
FROM (
	SELECT rep_id, weekly_agg(created_at, appointment_at, proposal_at, closed_at,
		CASE outcome WHEN 'won' THEN true WHEN 'lost' THEN false END, amount, :'zone', :'as_of') AS history
	FROM opportunity
	GROUP BY rep_id
) AS o, weeks(history) AS w;

-- The last 13 whole weeks
SELECT date_trunc('week', timestamptz :'as_of' AT TIME ZONE :'zone')::date AS monday \gset

CREATE TEMP VIEW quarter AS
SELECT rep_id, sum(new_opportunities) AS new_opportunities,
	rollup(appointment) AS appointment, rollup(proposal) AS proposal, rollup(closing) AS closing,
	rollup(sales) AS sales,
	sum(won_days) AS won_days, sum(won_with_days) AS won_with_days
FROM week
WHERE week >= date :'monday' - 91 AND week < date :'monday'
GROUP BY rep_id;

-- Fewer than ten of a thing tell nothing yet about a rep.
CREATE TEMP VIEW own AS
SELECT rep_id, name, team, peer_group, new_opportunities,
	(date :'monday' - greatest(hired_on, date :'monday' - 91)) / 7.0 AS weeks_employed,
	CASE WHEN decided(appointment) >= 10 THEN appointment END AS appointment,
	CASE WHEN decided(proposal) >= 10 THEN proposal END AS proposal,
	CASE WHEN decided(closing) >= 10 THEN closing END AS closing,
	CASE WHEN sales_count(sales) >= 10 THEN sales END AS sales,
	CASE WHEN won_with_days >= 10 THEN won_days / won_with_days END AS days
FROM rep JOIN quarter USING (rep_id)
WHERE left_on IS NULL OR left_on >= date :'monday';

CREATE FUNCTION pg_temp.percent(value double precision) RETURNS text
	RETURN to_char(100 * value, '990.0') || ' %';
CREATE FUNCTION pg_temp.delta(value double precision) RETURNS text
	RETURN to_char(round(100 * value::numeric), 'S990') || ' %';

\echo
\echo 'SCORECARD  of the 13 weeks before' :monday '- own, and against the other reps of the peer group; sales in kroner'
SELECT peer_group AS "peer group", name AS rep,
	gauge(ratio(proposal), 8) || pg_temp.percent(ratio(proposal)) || pg_temp.delta(peer_delta(proposal) OVER peers)
		AS "proposal ratio",
	gauge(ratio(closing), 8) || pg_temp.percent(ratio(closing)) || pg_temp.delta(peer_delta(closing) OVER peers)
		AS "closing ratio",
	to_char(average(sales), '999,999') || pg_temp.delta(peer_delta(sales) OVER peers) AS "average sale",
	to_char(days, '990') || ' days' || pg_temp.delta(peer_delta(days) OVER peers) AS "sales cycle"
FROM own
WINDOW peers AS (PARTITION BY peer_group)
ORDER BY peer_group, name;

\echo 'MAGIC NUMBER  - the new opportunities a week that the goal takes, those there were, and the activity barometer'
WITH plan AS (
	SELECT own.*, revenue,
		-- who has too little to go by plans with the peers' figures
		CASE WHEN sales IS NULL OR proposal IS NULL OR closing IS NULL THEN 'peers' ELSE 'own' END AS figures,
		magic_number(revenue::double precision,
			coalesce(sales, rollup(sales) OVER peers),
			coalesce(proposal, rollup(proposal) OVER peers),
			coalesce(closing, rollup(closing) OVER peers),
			(ends_on - starts_on + 1) / 7.0) AS required,
		new_opportunities / weeks_employed AS actual
	FROM own JOIN goal USING (rep_id)
	WHERE date (timestamptz :'as_of' AT TIME ZONE :'zone') BETWEEN starts_on AND ends_on
	WINDOW peers AS (PARTITION BY peer_group)
)
SELECT team, name AS rep, to_char(revenue, '9,999,999') AS goal, figures,
	to_char(required, '990.0') AS required, to_char(actual, '990.0') AS actual,
	gauge(barometer, 20) || to_char(100 * barometer, '9990') || ' %' AS barometer,
	line AS "last 13 weeks"
FROM plan,
	activity_barometer(actual, required) AS barometer,
	LATERAL (
		SELECT sparkline(array_agg(coalesce(n, 0) ORDER BY day))
		FROM generate_series(date :'monday' - 91, date :'monday' - 7, '7 days') AS day
		LEFT JOIN (
			SELECT week, sum(new_opportunities)::double precision FROM week WHERE rep_id = plan.rep_id GROUP BY week
		) AS w(week, n) ON week = day
	) AS s(line)
ORDER BY team, name;

\echo 'WEAKEST GATEWAY  where it is under 65 %, and what to train'
SELECT name AS rep, team, gateway,
	gauge(ratio(rate), 8) || pg_temp.percent(ratio(rate)) || lpad(rate::text, 8) AS ratio, remedy AS train
FROM own,
	LATERAL (
		SELECT *
		FROM (VALUES
			('appointment', appointment, 'agree on purpose, time and people on the phone'),
			('proposal', proposal, 'find the need and agree on the next step'),
			('closing', closing, 'meet objections, hold the price, ask for it')
		) AS g(gateway, rate, remedy)
		ORDER BY ratio(rate)
		LIMIT 1
	) AS weakest
WHERE ratio(rate) < 0.65
ORDER BY ratio(rate), name;
