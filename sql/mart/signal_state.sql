-- signal_state: which signals are on, and since when

-- This is memory, which a replay does not touch: a refresh of an earlier as_of sees what was on since that day or before;
-- what was raised later is kept for the way back.
CREATE TABLE IF NOT EXISTS signal_state (
	level text NOT NULL,
	subject text NOT NULL,
	kpi text NOT NULL,
	kind text NOT NULL,
	against text NOT NULL,
	since date NOT NULL,
	PRIMARY KEY (level, subject, kpi, kind, against, since)
);

CREATE OR REPLACE VIEW signal_state_now AS
WITH memory AS (
	SELECT level, subject, kpi, kind, against, max(since) AS since
	FROM signal_state
	WHERE since <= (SELECT today FROM period)
	GROUP BY level, subject, kpi, kind, against
),
held AS (
	SELECT level, subject, kpi, kind, against, coalesce(m.since, today) AS since, count(*) OVER (PARTITION BY level, subject, kind, kpi <> 'barometer') AS together
	FROM signal_test AS t CROSS JOIN period LEFT JOIN memory AS m USING (level, subject, kpi, kind, against)
	WHERE enters OR (m.since IS NOT NULL AND stays)
)
-- one gateway that fails is a matter of training; two are one of intervention
SELECT level, subject, kpi, kind, against, since
FROM held
WHERE kind <> 'intervention' OR kpi = 'barometer' OR together >= 2
UNION ALL
SELECT level, subject, kpi, kind, against, since
FROM signal_state
WHERE since > (SELECT today FROM period);
