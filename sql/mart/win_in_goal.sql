-- win_in_goal: the same by the last days of the goals that now run: of the deals that were still at a gateway so many days
-- after it, the share won until then, and within the horizon
CREATE OR REPLACE VIEW win_in_goal_now AS
WITH age AS (
	SELECT peer_group, gateway, ends_on, days_since_step,
		kpi.win_probability(step_cycle, next_cycle, days_since_step, least(ends_on - today, horizon - days_since_step))::numeric(12,6) AS win_probability
	FROM period CROSS JOIN (
		SELECT peer_group, ends_on FROM current_goal JOIN roster USING (rep_id)
		UNION
		SELECT '', ends_on FROM current_goal
	) AS e(peer_group, ends_on) JOIN group_curve USING (peer_group),
		(SELECT cycle_horizon_days FROM config) AS s(horizon), generate_series(0, horizon) AS days_since_step
)
SELECT age.peer_group, gateway, ends_on, days_since_step, coalesce(age.win_probability, company.win_probability) AS win_probability
FROM age JOIN age AS company USING (gateway, ends_on, days_since_step)
WHERE company.peer_group = '';

CREATE TABLE IF NOT EXISTS win_in_goal (LIKE win_in_goal_now, PRIMARY KEY (peer_group, gateway, ends_on, days_since_step));
