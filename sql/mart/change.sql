-- change: each KPI as it was shown at the last refresh, and at the last one that was a week or more before
-- key: rep_id, kpi
CREATE OR REPLACE VIEW change AS
SELECT rep_id, rep_name, team, kpi, now.as_of, now.value, now.n, now.verdict,
	before.as_of AS before_as_of, before.value AS before_value, before.n AS before_n, before.verdict AS before_verdict,
	(now.value - before.value)::numeric(24,6) AS change, ((now.value - before.value) / nullif(abs(before.value), 0))::numeric(24,6) AS relative_change
FROM period AS p JOIN scorecard_snapshot AS now USING (as_of) JOIN roster USING (rep_id)
LEFT JOIN LATERAL (
	SELECT * FROM scorecard_snapshot AS b
	WHERE b.rep_id = now.rep_id AND b.kpi = now.kpi AND b.as_of <= p.as_of - interval '7 days'
	ORDER BY b.as_of DESC
	LIMIT 1
) AS before USING (rep_id, kpi);
