-- current_goal: the goal of each rep that holds the day of the figures (of several, the shortest), and what was brought in
-- key: rep_id
CREATE OR REPLACE VIEW current_goal AS
SELECT g.rep_id, g.starts_on, g.ends_on, g.revenue AS goal_revenue, g.weeks AS goal_weeks,
	coalesce(done.revenue, 0)::numeric(18,2) AS goal_revenue_won,
	(coalesce(done.revenue, 0) / nullif(g.revenue, 0))::numeric(24,6) AS attainment,
	greatest(g.revenue - coalesce(done.revenue, 0), 0)::numeric(18,2) AS goal_revenue_left,
	((g.ends_on - today + 1) / 7.0)::numeric(12,6) AS weeks_left
FROM period CROSS JOIN (
		SELECT DISTINCT ON (rep_id) rep_id, starts_on, ends_on, revenue, ((ends_on - starts_on + 1) / 7.0)::numeric(12,6) AS weeks
		FROM usable_goal, period
		WHERE today BETWEEN starts_on AND ends_on
		ORDER BY rep_id, ends_on - starts_on, starts_on, revenue
	) AS g
	LEFT JOIN LATERAL (
		SELECT sum(w.revenue) AS revenue
		FROM rep_week AS w
		WHERE w.rep_id = g.rep_id AND greatest(w.week, w.month) BETWEEN g.starts_on AND g.ends_on
			AND w.week BETWEEN g.starts_on - 6 AND g.ends_on	-- as the index has it
	) AS done ON true;
