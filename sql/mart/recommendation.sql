-- recommendation: where a rep is under a floor of the playbook: how sure that is, what it costs, and what to train
-- key: rep_id, kpi, comparison, place
CREATE OR REPLACE VIEW recommendation AS
WITH rule AS (
	SELECT kpi, comparison, floor, p.peer_group, place, advice
	FROM playbook AS p JOIN config USING (locale)
	WHERE p.pipeline = ''
),
subject AS (
	SELECT rep_id, 'value' AS comparison, kpi, value, n, low, high, peers_value, delta, q, recorded, verdict, NULL::numeric AS lack FROM peer_comparison WHERE kpi <> 'win_ratio'
	UNION ALL
	SELECT rep_id, 'delta', kpi, value, n, low, high, peers_value, delta, q, recorded, verdict, NULL FROM peer_comparison WHERE kpi <> 'win_ratio'
	UNION ALL
	SELECT rep_id, 'recorded', kpi, value, n, low, high, peers_value, delta, q, recorded, verdict, NULL FROM peer_comparison WHERE recorded IS NOT NULL
	UNION ALL
	SELECT rep_id, 'value', 'barometer', barometer_4, new_opportunities_4, barometer_4_low, barometer_4_high, NULL, NULL, NULL, NULL, 'even', required_4 - new_opportunities_4
	FROM barometer_4
	WHERE required_4 > 0
),
found AS (
	SELECT s.*, floor, place, advice, min_decisions, q_limit,
		CASE comparison WHEN 'value' THEN value WHEN 'delta' THEN delta ELSE recorded END AS compared
	FROM subject AS s JOIN roster USING (rep_id) JOIN rule AS r USING (kpi, comparison) CROSS JOIN config
	-- rules of the rep's own peer group take the place of the general ones
	WHERE r.peer_group IN ('', roster.peer_group)
		AND (r.peer_group <> '' OR (r.kpi, r.comparison, roster.peer_group) NOT IN (SELECT kpi, comparison, peer_group FROM rule WHERE peer_group <> ''))
)
SELECT f.rep_id, c.rep_name, c.team, kpi, comparison, compared::numeric(24,6) AS compared, floor::numeric(24,6) AS floor, place, advice,
	value::numeric(24,6) AS value, n, low::numeric(24,6) AS low, high::numeric(24,6) AS high, peers_value::numeric(24,6) AS peers_value,
	delta::numeric(24,6) AS delta, q::numeric(12,6) AS q,
	CASE
		WHEN comparison = 'recorded' THEN 'certain'
		WHEN n < f.min_decisions AND kpi <> 'barometer' OR comparison = 'delta' AND verdict = 'too few' THEN 'too few'
		WHEN verdict = 'recording' THEN 'recording'
		WHEN comparison = 'delta' THEN CASE WHEN q < f.q_limit THEN 'certain' ELSE 'likely' END
		WHEN high < floor THEN 'certain'
		ELSE 'likely'
	END AS certainty,
	(CASE
		WHEN comparison = 'recorded' OR kpi = 'sales_cycle' THEN NULL
		WHEN kpi = 'appointment_ratio' THEN appointment_decided * (floor - value) * win_ratio * average_revenue
		WHEN kpi = 'proposal_ratio' THEN proposal_decided * (floor - value) * closing_ratio * average_revenue
		WHEN kpi = 'closing_ratio' THEN closing_decided * (floor - value) * average_revenue
		WHEN kpi = 'average_revenue' THEN sales_count * (peers_value - value)
		WHEN kpi = 'barometer' THEN lack * win_ratio * average_revenue
	END)::numeric(18,2) AS money_at_stake
FROM found AS f JOIN scorecard AS c USING (rep_id)
WHERE (compared < floor OR (comparison = 'delta' AND compared = floor))
	-- four weeks are mostly luck: there the bound must be under the floor, too
	AND (kpi <> 'barometer' OR high < floor);
