-- recommendation: where a rep is under a floor of the playbook: how sure that is, what it costs, and what to train
-- key: rep_id, kpi, comparison, place
CREATE OR REPLACE VIEW recommendation AS
-- rules of a peer group take the place of the general ones
WITH rule AS (
	SELECT g.peer_group, kpi, comparison, floor, place, advice
	FROM config JOIN playbook AS p USING (locale) CROSS JOIN (SELECT DISTINCT peer_group FROM roster) AS g
	WHERE p.pipeline = '' AND (p.peer_group = g.peer_group OR p.peer_group = '' AND NOT EXISTS (
		SELECT FROM playbook AS o
		WHERE (o.locale, o.pipeline, o.kpi, o.comparison, o.peer_group) = (p.locale, p.pipeline, p.kpi, p.comparison, g.peer_group)))
),
found AS (
	SELECT r.rep_id, rep_name, team, kpi, comparison, compared, floor, place, advice,
		value::numeric(24,6) AS value, n, low::numeric(24,6) AS low, high::numeric(24,6) AS high, peers_value::numeric(24,6) AS peers_value,
		delta::numeric(24,6) AS delta, q::numeric(12,6) AS q, verdict, NULL::numeric AS lack
	FROM measure AS m JOIN roster AS r ON r.rep_id::text = m.subject JOIN rule USING (peer_group, kpi),
		LATERAL (SELECT CASE comparison WHEN 'value' THEN value WHEN 'delta' THEN delta ELSE recorded END::numeric(24,6)) AS c(compared)
	WHERE level = 'rep' AND (comparison = 'recorded' OR kpi <> 'win_ratio') AND (compared < floor OR comparison = 'delta' AND compared = floor)
	UNION ALL
	SELECT r.rep_id, rep_name, team, kpi, comparison, barometer_4, floor, place, advice,
		barometer_4, new_opportunities_4, barometer_4_low, barometer_4_high, NULL::numeric(24,6), NULL::numeric(24,6), NULL::numeric(12,6), 'even', required_4 - new_opportunities_4
	FROM barometer_4 JOIN roster AS r USING (rep_id) JOIN rule USING (peer_group)
	-- four weeks are mostly luck: there the bound must be under the floor, too
	WHERE kpi = 'barometer' AND comparison = 'value' AND required_4 > 0 AND barometer_4 < floor AND barometer_4_high < floor
)
SELECT f.rep_id, rep_name, team, kpi, comparison, compared, floor::numeric(24,6) AS floor, place, advice,
	value, n, low, high, peers_value, delta, q,
	CASE
		WHEN comparison = 'recorded' THEN 'certain'
		WHEN n < min_decisions AND kpi <> 'barometer' OR comparison = 'delta' AND verdict = 'too few' THEN 'too few'
		WHEN verdict = 'recording' THEN 'recording'
		WHEN comparison = 'delta' THEN CASE WHEN q < q_limit THEN 'certain' ELSE 'likely' END
		WHEN high < floor THEN 'certain'
		ELSE 'likely'
	END AS certainty,
	(CASE
		WHEN comparison = 'recorded' OR kpi = 'sales_cycle' THEN NULL
		WHEN kpi = 'appointment_ratio' THEN kpi.decided(appointment_rate) * (floor - value) * win_ratio * average_revenue
		WHEN kpi = 'proposal_ratio' THEN kpi.decided(proposal_rate) * (floor - value) * closing_ratio * average_revenue
		WHEN kpi = 'closing_ratio' THEN kpi.decided(closing_rate) * (floor - value) * average_revenue
		WHEN kpi = 'average_revenue' THEN kpi.sales_count(sales) * (peers_value - value)
		WHEN kpi = 'barometer' THEN lack * win_ratio * average_revenue
	END)::numeric(18,2) AS money_at_stake
FROM found AS f JOIN measure_wide AS w ON w.level = 'rep' AND w.subject = f.rep_id::text CROSS JOIN config;
