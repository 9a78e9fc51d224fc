-- best_practice: who is better than the peers beyond chance: the one to learn from
-- key: rep_id, kpi
CREATE OR REPLACE VIEW best_practice AS
SELECT kpi, rank() OVER (PARTITION BY kpi ORDER BY CASE kpi WHEN 'sales_cycle' THEN delta ELSE -delta END) AS rank,
	rep_id, rep_name, team, peer_group, value, n, peers_value, delta, q
FROM peer_comparison
WHERE verdict = 'good';
