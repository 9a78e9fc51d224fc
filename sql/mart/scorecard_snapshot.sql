-- scorecard_snapshot: what was shown at each refresh; kept for ever
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

CREATE OR REPLACE VIEW scorecard_snapshot_new AS
SELECT rep_id, as_of, k.*
FROM scorecard AS s,
	LATERAL (
		SELECT kpi, value, n, delta, verdict FROM peer_comparison AS p WHERE p.rep_id = s.rep_id
		UNION ALL VALUES
			('magic_number', magic_number, NULL::bigint, NULL::numeric, NULL),
			('barometer', s.barometer, s.new_opportunities, NULL, NULL),
			('attainment', s.attainment, NULL, NULL, NULL)
	) AS k(kpi, value, n, delta, verdict)
WHERE NOT EXISTS (SELECT FROM scorecard_snapshot AS old WHERE old.as_of = s.as_of AND old.rep_id = s.rep_id AND old.kpi = k.kpi);
