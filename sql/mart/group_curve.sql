-- group_curve: life tables of each peer group, and of the company (empty), in the trailing year, from each gateway that the
-- CRM records: to the end, to the next step, and of the next step; where a group was not followed long enough, the company's
CREATE OR REPLACE VIEW group_curve_now AS
WITH setting AS (
	SELECT cycle_horizon_days, 'appointment' = ANY (gateways) AS has_appointment, 'proposal' = ANY (gateways) AS has_proposal
	FROM config
),
gateway AS (
	SELECT g.*, lead(start) OVER (ORDER BY place) AS next_start
	FROM setting CROSS JOIN (VALUES ('created', 1, 'creation'), ('appointment', 2, 'appointment'), ('proposal', 3, 'proposal')) AS g(gateway, place, start)
	WHERE CASE gateway WHEN 'appointment' THEN has_appointment WHEN 'proposal' THEN has_proposal ELSE true END
),
whole AS (
	SELECT peer_group, span, start, kpi.rollup(cycle) AS cycle
	FROM curve JOIN roster USING (rep_id)
	WHERE span IN ('year', 'step')
	GROUP BY peer_group, span, start
),
-- after the last gateway the step is the closing, and who takes it is won at once
own AS (
	SELECT m.peer_group, gateway, coalesce(w.cycle, 'empty') AS cycle,
		coalesce(CASE WHEN next_start IS NULL THEN w.cycle ELSE s.cycle END, 'empty') AS step_cycle,
		CASE WHEN next_start IS NULL THEN '0:+1,1w' ELSE coalesce(n.cycle, 'empty') END AS next_cycle
	FROM (SELECT DISTINCT peer_group FROM roster) AS m CROSS JOIN gateway AS g
	LEFT JOIN whole AS w ON w.peer_group = m.peer_group AND w.span = 'year' AND w.start = g.start
	LEFT JOIN whole AS s ON s.peer_group = m.peer_group AND s.span = 'step' AND s.start = g.start
	LEFT JOIN whole AS n ON n.peer_group = m.peer_group AND n.span = 'year' AND n.start = next_start
),
company AS (
	SELECT gateway, kpi.rollup(cycle) AS cycle, kpi.rollup(step_cycle) AS step_cycle, kpi.rollup(next_cycle) AS next_cycle
	FROM own
	GROUP BY gateway
),
row_of AS (
	SELECT own.*, kpi.win_probability(cycle, cycle_horizon_days) IS NOT NULL
			AND kpi.win_probability(step_cycle, next_cycle, 0, cycle_horizon_days) IS NOT NULL AS peers_near
	FROM own, setting
	WHERE peer_group <> ''
	UNION ALL
	SELECT '', company.*, false FROM company
)
SELECT peer_group, gateway, peers_near, x.*,
	kpi.quantile_days(x.cycle, 0.25, cycle_horizon_days) AS quartile_1_days,
	kpi.quantile_days(x.cycle, 0.5, cycle_horizon_days) AS quartile_2_days,
	kpi.quantile_days(x.cycle, 0.75, cycle_horizon_days) AS quartile_3_days
FROM setting CROSS JOIN row_of AS r JOIN company AS c USING (gateway),
	LATERAL (
		SELECT r.cycle, r.step_cycle, r.next_cycle WHERE peers_near
		UNION ALL
		SELECT c.cycle, c.step_cycle, c.next_cycle WHERE NOT peers_near
	) AS x;

CREATE TABLE IF NOT EXISTS group_curve (LIKE group_curve_now, PRIMARY KEY (peer_group, gateway));
