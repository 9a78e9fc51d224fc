-- peer_comparison: each KPI of each rep against the peers: one row for each, for charts and filters
-- key: rep_id, kpi
CREATE OR REPLACE VIEW peer_comparison AS
SELECT r.rep_id, rep_name, team, peer_group, kpi, value::numeric(24,6) AS value, basis, n, low::numeric(24,6) AS low, high::numeric(24,6) AS high,
	peers_value::numeric(24,6) AS peers_value, peers_n, peers_near, delta::numeric(24,6) AS delta, p::numeric(12,6) AS p, q::numeric(12,6) AS q,
	recorded, verdict
FROM measure JOIN roster AS r ON r.rep_id::text = subject
WHERE level = 'rep';
