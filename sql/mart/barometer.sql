-- barometer: new opportunities of each week against what the goal took; with the sum of four weeks, as a week alone is
-- mostly luck
-- key: rep_id, week
CREATE OR REPLACE VIEW barometer AS
SELECT rep_id, rep_name, team, week, is_running,
	new_opportunities, required::numeric(24,6) AS required,
	(new_opportunities / nullif(required, 0))::numeric(24,6) AS barometer,
	new_opportunities_4, required_4::numeric(24,6) AS required_4,
	(new_opportunities_4 / nullif(required_4, 0))::numeric(24,6) AS barometer_4,
	(lowest / nullif(required_4, 0)::double precision)::numeric(24,6) AS barometer_4_low,
	(highest / nullif(required_4, 0)::double precision)::numeric(24,6) AS barometer_4_high,
	-- a week that is not over is low by itself
	coalesce(NOT is_running AND highest < required_4, false) AS is_low,
	goal_revenue, win_ratio, basis, average_revenue
FROM (
	SELECT r.rep_id, rep_name, team, r.week, r.week = monday AS is_running,
		new_opportunities, required,
		new_opportunities_4,
		CASE WHEN count(required) OVER month = 4 THEN sum(required) OVER month END AS required_4,
		goal_revenue, win_ratio, basis, average_revenue
	FROM period CROSS JOIN required_weekly AS r JOIN roster USING (rep_id),
		LATERAL (
			SELECT coalesce(sum(new_opportunities) FILTER (WHERE w.week = r.week), 0)::bigint, coalesce(sum(new_opportunities), 0)::bigint
			FROM rep_week AS w
			WHERE w.rep_id = r.rep_id AND w.week BETWEEN r.week - 21 AND r.week
		) AS d(new_opportunities, new_opportunities_4)
	WINDOW month AS (PARTITION BY r.rep_id ORDER BY r.week RANGE '21 days' PRECEDING)
) AS b,
	kpi.mart_count_interval(new_opportunities_4, (SELECT confidence FROM config)) AS i(lowest, highest);
