\set ECHO none
SET default_transaction_isolation = 'repeatable read';
\i test/setup.sql
\i test/mart.sql
SELECT plan(18);

CREATE VIEW sales.goal AS SELECT * FROM crm.goal;
SELECT kpi.create_mart('sales', options => '{"min_decisions": 5, "cycle_horizon_days": 45}') \g /dev/null

-- What each refresh shows, kept by hand
CREATE TEMPORARY TABLE kept (as_of timestamptz, rep_id integer, kpi text, value numeric, n bigint, delta numeric, verdict text);
CREATE FUNCTION pg_temp.refresh(as_of text) RETURNS bigint
	LANGUAGE plpgsql
AS $$
DECLARE
	before CONSTANT bigint := (SELECT count(*) FROM sales.scorecard_snapshot);
BEGIN
	UPDATE sales.config SET as_of = $1::timestamptz;
	PERFORM kpi.refresh_mart_now('sales');
	INSERT INTO kept
	SELECT $1::timestamptz, m.*
	FROM (
		SELECT rep_id, kpi, value, n, delta, verdict FROM sales.peer_comparison
		UNION ALL
		SELECT rep_id, k.* FROM sales.scorecard,
			LATERAL (VALUES ('magic_number', magic_number, NULL::bigint, NULL::numeric, NULL), ('barometer', barometer, new_opportunities, NULL, NULL), ('attainment', attainment, NULL, NULL, NULL)) AS k
	) AS m
	WHERE NOT EXISTS (SELECT FROM kept AS k WHERE k.as_of = $1::timestamptz);
	RETURN (SELECT count(*) FROM sales.scorecard_snapshot) - before;
END
$$;
-- change, by what was kept
CREATE VIEW pg_temp.changed AS
SELECT n.rep_id, n.kpi, n.as_of, n.value, n.n, n.verdict, b.as_of AS before_as_of, b.value AS before_value, b.n AS before_n, b.verdict AS before_verdict
FROM sales.config AS c JOIN kept AS n ON n.as_of = c.as_of
LEFT JOIN kept AS b ON b.rep_id = n.rep_id AND b.kpi = n.kpi AND b.as_of = (SELECT max(as_of) FROM kept WHERE as_of <= c.as_of - interval '7 days');
PREPARE changed AS SELECT rep_id, kpi, as_of, value, n, verdict, before_as_of, before_value, before_n, before_verdict FROM sales.change;

SELECT is(pg_temp.refresh('2024-05-20 12:00Z'), 81::bigint, 'the first refresh stores a row of each rep and KPI');
SELECT set_eq('changed', 'TABLE pg_temp.changed', 'there is nothing before');
SELECT is(pg_temp.refresh('2024-05-20 13:00Z'), 0::bigint, 'an hour later nothing has changed, and nothing is stored');
SELECT is(pg_temp.refresh('2024-05-24 12:00Z') BETWEEN 1 AND 9, true, 'days later little has: the window is that of the week');
SELECT set_eq('SELECT rep_id, kpi FROM sales.scorecard_snapshot WHERE as_of = ''2024-05-24 12:00Z''',
	$$SELECT rep_id, kpi FROM kept AS n JOIN kept AS b USING (rep_id, kpi)
	WHERE n.as_of = '2024-05-24 12:00Z' AND b.as_of = '2024-05-20 13:00Z' AND (n.value, n.n, n.delta, n.verdict) IS DISTINCT FROM (b.value, b.n, b.delta, b.verdict)$$, 'namely what is stored');
SELECT is(pg_temp.refresh('2024-05-27 12:00Z') BETWEEN 40 AND 81, true, 'a week later much has');
SELECT set_eq('changed', 'TABLE pg_temp.changed', 'against what was shown a week ago');
SELECT is(pg_temp.refresh('2024-05-31 14:00Z') BETWEEN 1 AND 9, true, 'days later');
SELECT set_eq('changed', 'TABLE pg_temp.changed', 'against the last refresh that is a week ago, though few of its figures are stored as of it');

-- A replay, after amounts were edited, is remembered as of its day; what was shown around it stays.
UPDATE crm.opportunity SET amount = amount * 2;
SELECT is(pg_temp.refresh('2024-05-20 20:00Z') > 0, true, 'a replay shows something else');
SELECT set_eq('changed', 'TABLE pg_temp.changed', 'and there is nothing before');
SELECT is(pg_temp.refresh('2024-05-31 14:00Z'), 0::bigint, 'a moment that was shown before is remembered as it was');
SELECT set_eq('changed', 'TABLE pg_temp.changed', 'against what was shown on that day, not replayed since');
SELECT is(pg_temp.refresh('2024-06-03 12:00Z') > 0, true, 'on with the edited amounts');
SELECT set_eq('changed', 'TABLE pg_temp.changed', 'against what was shown before they were edited');
SELECT results_eq('SELECT as_of FROM sales.refresh ORDER BY refreshed_at',
	$$VALUES (timestamptz '2024-05-20 12:00Z'), ('2024-05-20 13:00Z'), ('2024-05-24 12:00Z'), ('2024-05-27 12:00Z'), ('2024-05-31 14:00Z'), ('2024-05-20 20:00Z'), ('2024-06-03 12:00Z')$$,
	'all refreshes are remembered');

-- What is stored counts, though of its refreshes nothing is known.
DELETE FROM sales.refresh WHERE as_of < '2024-06-03';
SELECT set_eq('SELECT rep_id, kpi, as_of, value, n, verdict FROM sales.change', 'SELECT rep_id, kpi, as_of, value, n, verdict FROM pg_temp.changed', 'without the list of refreshes');
DELETE FROM sales.refresh;
SELECT is(pg_temp.refresh('2024-06-03 12:00Z'), 0::bigint, 'nor is it stored twice');

SELECT * FROM finish();
ROLLBACK;
