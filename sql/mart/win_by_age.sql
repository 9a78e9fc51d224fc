-- win_by_age: of the deals of a peer group, or of the company (empty), that were still at a gateway so many days after it,
-- the share won within the horizon; where too few of the group were followed so long, of the company
CREATE OR REPLACE VIEW win_by_age_now AS
WITH age AS (
	SELECT peer_group, gateway, days_since_step, kpi.win_probability(step_cycle, next_cycle, days_since_step, horizon - days_since_step)::numeric(12,6) AS win_probability
	FROM group_curve, (SELECT cycle_horizon_days FROM config) AS s(horizon), generate_series(0, horizon) AS days_since_step
)
SELECT age.peer_group, gateway, days_since_step, coalesce(age.win_probability, company.win_probability) AS win_probability
FROM age JOIN age AS company USING (gateway, days_since_step)
WHERE company.peer_group = '';

CREATE TABLE IF NOT EXISTS win_by_age (LIKE win_by_age_now, PRIMARY KEY (peer_group, gateway, days_since_step));
