-- barometer_4: the barometer of the last four whole weeks
-- key: rep_id
CREATE OR REPLACE VIEW barometer_4 AS
SELECT rep_id, new_opportunities_4, required_4::numeric(24,6) AS required_4,
	(new_opportunities_4 / nullif(required_4, 0))::numeric(24,6) AS barometer_4,
	(lowest / nullif(required_4, 0)::double precision)::numeric(24,6) AS barometer_4_low,
	(highest / nullif(required_4, 0)::double precision)::numeric(24,6) AS barometer_4_high,
	coalesce(highest < required_4, false) AS is_low
FROM (
	SELECT roster.rep_id, CASE WHEN count(required) = 4 THEN sum(required) END AS required_4, sum(done)::bigint AS new_opportunities_4
	FROM period CROSS JOIN roster CROSS JOIN generate_series(1, 4) AS n
		LEFT JOIN required_weekly AS r ON r.rep_id = roster.rep_id AND r.week = monday - 7 * n,
		LATERAL (SELECT coalesce(sum(new_opportunities), 0) FROM rep_week AS w WHERE w.rep_id = roster.rep_id AND w.week = monday - 7 * n) AS d(done)
	GROUP BY roster.rep_id
	HAVING count(r.week) > 0
) AS b,
	kpi.mart_count_interval(new_opportunities_4, (SELECT confidence FROM config)) AS i(lowest, highest);
