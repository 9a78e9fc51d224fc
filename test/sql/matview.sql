\set ECHO none
\i test/setup.sql
\i test/sample.sql
SELECT plan(11);

-- A user's own materialized view, written as users write
SET LOCAL search_path = sample, kpi, public;
CREATE MATERIALIZED VIEW sample.scorecard AS
SELECT rep,
	rate_agg(won) AS closing,
	ratio(rate_agg(won)) AS closing_ratio,
	sales_agg(amount) FILTER (WHERE won) AS sales,
	cycle_agg(days, won) AS cycle,
	weekly_agg(created_at, appointment_at, proposal_at, closed_at, won, amount, 'Europe/Oslo', NULL) AS history,
	funnel_agg(level, 5) AS funnel
FROM fact
GROUP BY rep;
CREATE UNIQUE INDEX ON sample.scorecard (rep);

-- and one over it, of rows that are read from the summaries
CREATE MATERIALIZED VIEW sample.rep_week AS
SELECT rep, w.week, w.month, w.new_opportunities, w.appointment, w.proposal, w.closing, w.sales,
	rollup(w.closing) OVER quarter AS trailing_closing,
	peer_delta(w.closing) OVER (PARTITION BY w.week, w.month) AS peer_delta
FROM scorecard, weeks(history) AS w
WINDOW quarter AS (PARTITION BY rep ORDER BY w.week, w.month ROWS 12 PRECEDING);
CREATE UNIQUE INDEX ON sample.rep_week (rep, week, month);

CREATE FUNCTION pg_temp.is_fresh(which text) RETURNS SETOF text
	LANGUAGE sql
BEGIN ATOMIC
	SELECT results_eq(
		'SELECT rep, rate_send(closing), closing_ratio, sales_send(sales), cycle_send(cycle), history_send(history), funnel_send(funnel)
			FROM sample.scorecard ORDER BY rep',
		'SELECT rep, rate_send(rate_agg(won)), ratio(rate_agg(won)), sales_send(sales_agg(amount) FILTER (WHERE won)),
				cycle_send(cycle_agg(days, won)),
				history_send(weekly_agg(created_at, appointment_at, proposal_at, closed_at, won, amount, ''Europe/Oslo'', NULL)),
				funnel_send(funnel_agg(level, 5))
			FROM sample.fact GROUP BY rep ORDER BY rep',
		which || ': summaries of the rows')
	UNION ALL
	SELECT results_eq(
		'SELECT rep, sum(new_opportunities)::bigint, rollup(closing)::text, rollup(sales)::text FROM sample.rep_week GROUP BY rep ORDER BY rep',
		'SELECT rep, count(appointment_at), rate_agg(won) FILTER (WHERE closed_at IS NOT NULL AND (won OR proposal_at IS NOT NULL))::text,
				(sales_agg(amount) FILTER (WHERE won AND closed_at IS NOT NULL))::text
			FROM sample.fact GROUP BY rep ORDER BY rep',
		which || ': rows of the summaries');
END;
SELECT pg_temp.is_fresh('created');

-- Only what has changed is written again
CREATE TEMPORARY TABLE before AS SELECT rep, ctid AS row FROM sample.scorecard;
UPDATE sample.fact SET amount = amount + 0.01
WHERE id = (SELECT min(id) FROM sample.fact WHERE won AND closed_at IS NOT NULL AND amount IS NOT NULL);
REFRESH MATERIALIZED VIEW CONCURRENTLY sample.scorecard;
REFRESH MATERIALIZED VIEW CONCURRENTLY sample.rep_week;
SELECT pg_temp.is_fresh('refreshed concurrently');
SELECT results_eq(
	$$SELECT rep FROM sample.scorecard JOIN before USING (rep) WHERE scorecard.ctid <> row$$,
	$$SELECT min(id) % 13 FROM sample.fact WHERE won AND closed_at IS NOT NULL AND amount IS NOT NULL$$,
	'only the row that changed is written again');

-- As newer servers refresh: with nothing of kpi on the path
DELETE FROM sample.fact WHERE id % 13 = 7;
INSERT INTO sample.fact (id, rep, created_at, closed_at, won, amount, days, level)
VALUES (2001, 40, '2024-02-29 23:30Z', '2024-12-31 22:59Z', true, 1234.5678, 306, 5);
SET LOCAL search_path = pg_catalog, pg_temp;
REFRESH MATERIALIZED VIEW CONCURRENTLY sample.scorecard;
REFRESH MATERIALIZED VIEW CONCURRENTLY sample.rep_week;
SET LOCAL search_path = sample, kpi, public;
SELECT pg_temp.is_fresh('refreshed concurrently with a bare search_path');

UPDATE sample.fact SET won = NOT won WHERE id % 3 = 0;
SET LOCAL search_path = pg_catalog, pg_temp;
REFRESH MATERIALIZED VIEW sample.scorecard;
REFRESH MATERIALIZED VIEW sample.rep_week;
SET LOCAL search_path = sample, kpi, public;
SELECT pg_temp.is_fresh('refreshed with a bare search_path');

-- A refresh is part of its transaction
SAVEPOINT refresh;
DELETE FROM sample.fact WHERE rep < 12;
REFRESH MATERIALIZED VIEW CONCURRENTLY sample.scorecard;
SELECT is(count(*), 2::bigint, 'seen in the transaction that refreshed') FROM sample.scorecard;
ROLLBACK TO refresh;
SELECT is(count(*), 13::bigint, 'and undone with it') FROM sample.scorecard;

SELECT * FROM finish();
ROLLBACK;
