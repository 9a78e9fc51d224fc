-- scorecard_snapshot: what was shown, from which refresh on; kept for ever

-- Most of what a refresh shows was shown at the one before: then no row is added. What was shown at a refresh is the last row
-- up to its as_of, of those that were there by then: a replay adds rows among the older ones. So refresh remembers all of them.
CREATE TABLE IF NOT EXISTS scorecard_snapshot (
	rep_id {rep_id} NOT NULL,
	as_of timestamptz NOT NULL,
	kpi text NOT NULL,
	value numeric(24,6),
	n bigint,
	delta numeric(24,6),
	verdict text,
	PRIMARY KEY (rep_id, kpi, as_of)
);

CREATE TABLE IF NOT EXISTS refresh (
	as_of timestamptz NOT NULL,
	refreshed_at timestamptz NOT NULL,
	PRIMARY KEY (as_of)
);

CREATE OR REPLACE VIEW scorecard_snapshot_new AS
SELECT rep_id, s.as_of, k.*
FROM scorecard AS s CROSS JOIN LATERAL (
	SELECT kpi, value, n, delta, verdict FROM peer_comparison AS p WHERE p.rep_id = s.rep_id
	UNION ALL VALUES
		('magic_number', magic_number, NULL::bigint, NULL::numeric, NULL),
		('barometer', s.barometer, s.new_opportunities, NULL, NULL),
		('attainment', s.attainment, NULL, NULL, NULL)
) AS k
LEFT JOIN LATERAL (
	SELECT as_of, value, n, delta, verdict
	FROM scorecard_snapshot AS o
	WHERE o.rep_id = s.rep_id AND o.kpi = k.kpi AND o.as_of <= s.as_of
	ORDER BY o.as_of DESC
	LIMIT 1
) AS last(as_of, value, n, delta, verdict) ON true
-- of two refreshes as of one moment the first is remembered
WHERE NOT EXISTS (SELECT FROM refresh JOIN period USING (as_of))
	AND (last.as_of IS NULL OR last.as_of < s.as_of AND (k.value, k.n, k.delta, k.verdict) IS DISTINCT FROM (last.value, last.n, last.delta, last.verdict));
