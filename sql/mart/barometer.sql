-- barometer: new opportunities of each week against what the goal took; with the sum of four weeks, as a week alone is
-- mostly luck
-- key: rep_id, week
CREATE OR REPLACE VIEW barometer AS
SELECT rep_id, rep_name, team, week, is_running,
	new_opportunities, required,
	(new_opportunities / nullif(required, 0))::numeric(12,6) AS barometer,
	new_opportunities_4, required_4,
	(new_opportunities_4 / nullif(required_4, 0))::numeric(12,6) AS barometer_4,
	(lowest / nullif(required_4, 0)::double precision)::numeric(12,6) AS barometer_4_low,
	(highest / nullif(required_4, 0)::double precision)::numeric(12,6) AS barometer_4_high,
	coalesce(highest < required_4, false) AS is_low,
	goal_revenue, win_ratio, basis, average_revenue
FROM (
	SELECT r.rep_id, rep_name, team, r.week, r.week = monday AS is_running,
		coalesce(done, 0) AS new_opportunities, required,
		(sum(coalesce(done, 0)) OVER month)::bigint AS new_opportunities_4,
		CASE WHEN count(required) OVER month = 4 THEN sum(required) OVER month END AS required_4,
		goal_revenue, win_ratio, basis, average_revenue
	FROM period CROSS JOIN required_weekly AS r JOIN rep USING (rep_id)
	LEFT JOIN (SELECT rep_id, week, sum(new_opportunities)::bigint AS done FROM rep_week GROUP BY rep_id, week) AS w USING (rep_id, week)
	WINDOW month AS (PARTITION BY r.rep_id ORDER BY r.week ROWS 3 PRECEDING)
) AS b,
	-- the score interval of a number of events: that of a share of very many
	LATERAL (
		SELECT kpi.low(rate, confidence) * trials, kpi.high(rate, confidence) * trials
		FROM config, (VALUES (1000000000000)) AS t(trials), LATERAL (SELECT kpi.rate(new_opportunities_4, trials)) AS s(rate)
	) AS i(lowest, highest);
