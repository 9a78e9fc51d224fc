-- change: each KPI as it was shown at the last refresh, and at the last one that was a week or more before
-- key: rep_id, kpi
CREATE OR REPLACE VIEW change AS
SELECT rep_id, rep_name, team, kpi, p.as_of, now.value, now.n, now.verdict,
	b.as_of AS before_as_of, before.value AS before_value, before.n AS before_n, before.verdict AS before_verdict,
	(now.value - before.value)::numeric(24,6) AS change, ((now.value - before.value) / nullif(abs(before.value), 0))::numeric(24,6) AS relative_change
FROM period AS p CROSS JOIN roster
CROSS JOIN (SELECT kpi FROM measure UNION VALUES ('magic_number'), ('barometer'), ('attainment')) AS k(kpi)
LEFT JOIN LATERAL (SELECT as_of, refreshed_at FROM refresh WHERE as_of <= p.as_of - interval '7 days' ORDER BY as_of DESC LIMIT 1) AS b ON true
-- the last row of those that were there by then; of one that no refresh is known of nobody knows since when
JOIN LATERAL (
	SELECT value, n, verdict
	FROM scorecard_snapshot AS s
	WHERE s.rep_id = roster.rep_id AND s.kpi = k.kpi AND s.as_of <= p.as_of
		AND coalesce((SELECT r.refreshed_at FROM refresh AS r WHERE r.as_of = s.as_of), '-infinity') <= (SELECT r.refreshed_at FROM refresh AS r WHERE r.as_of = p.as_of)
	ORDER BY s.as_of DESC
	LIMIT 1
) AS now ON true
LEFT JOIN LATERAL (
	SELECT value, n, verdict
	FROM scorecard_snapshot AS s
	WHERE s.rep_id = roster.rep_id AND s.kpi = k.kpi AND s.as_of <= b.as_of
		AND coalesce((SELECT r.refreshed_at FROM refresh AS r WHERE r.as_of = s.as_of), '-infinity') <= b.refreshed_at
	ORDER BY s.as_of DESC
	LIMIT 1
) AS before ON true;
