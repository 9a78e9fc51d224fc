\set ECHO none
\i test/setup.sql
\i test/crm.sql
SELECT plan(3);

CREATE SCHEMA sales;
CREATE TABLE sales.opportunity AS SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount, offering FROM crm.opportunity;
CREATE TABLE sales.rep AS SELECT rep_id, name AS rep_name, team, peer_group, hired_on, left_on FROM crm.rep;
CREATE TABLE sales.goal AS SELECT * FROM crm.goal;
CREATE TABLE sales.activity AS SELECT * FROM crm.activity;
SELECT kpi.create_mart('sales', options => '{"time_zone": "Europe/Oslo", "as_of": "2026-02-11 09:30+01"}') \g /dev/null

-- As of a day in the past everything later is invisible: the same comes of a CRM in which it is masked.
CREATE FUNCTION pg_temp.kept() RETURNS TABLE (relation text, line text)
	LANGUAGE plpgsql
AS $$
DECLARE
	r text;
BEGIN
	TRUNCATE sales.required_weekly, sales.scorecard_snapshot, sales.signal_state;
	PERFORM kpi.refresh_mart_now('sales');
	FOR r IN SELECT name FROM sales.config, unnest(made) AS name WHERE name || '_now' = ANY (made) AND name <> 'signal_state' OR name IN ('required_weekly', 'scorecard', 'barometer', 'activity_plan') LOOP
		-- but for what the CRM holds of later days, and life tables of nothing
		RETURN QUERY EXECUTE format('SELECT %L::text, (to_jsonb(x) - ''not_counted'')::text FROM sales.%I AS x WHERE (to_jsonb(x) ->> ''cycle'') IS DISTINCT FROM ''empty''', r, r);
	END LOOP;
END
$$;
CREATE TEMPORARY TABLE replayed AS SELECT * FROM pg_temp.kept();
UPDATE sales.opportunity SET created_at = CASE WHEN created_at <= as_of THEN created_at END, appointment_at = CASE WHEN appointment_at <= as_of THEN appointment_at END,
	proposal_at = CASE WHEN proposal_at <= as_of THEN proposal_at END, closed_at = CASE WHEN closed_at <= as_of THEN closed_at END,
	outcome = CASE WHEN closed_at > as_of THEN 'open' ELSE outcome END
FROM sales.config
WHERE greatest(created_at, appointment_at, proposal_at, closed_at) > as_of;
DELETE FROM sales.opportunity WHERE num_nonnulls(created_at, appointment_at, proposal_at, closed_at) = 0;
DELETE FROM sales.activity USING sales.config WHERE happened_at > as_of;
CREATE TEMPORARY TABLE masked AS SELECT * FROM pg_temp.kept();
SELECT cmp_ok(count(*), '>', 10000::bigint, 'stored rows') FROM masked;
SELECT is_empty($$SELECT 'masked', m.* FROM (TABLE masked EXCEPT ALL TABLE replayed) AS m UNION ALL SELECT 'replayed', r.* FROM (TABLE replayed EXCEPT ALL TABLE masked) AS r ORDER BY 2, 3 LIMIT 40$$,
	'a replay is as if the CRM was read then');
SELECT set_eq('SELECT DISTINCT relation FROM masked', $$SELECT name FROM sales.config, unnest(made) AS name
	WHERE name || '_now' = ANY (made) AND name <> 'signal_state' UNION VALUES ('required_weekly'), ('scorecard'), ('barometer'), ('activity_plan')$$,
	'of all stored relations but the memories');

SELECT * FROM finish();
ROLLBACK;
