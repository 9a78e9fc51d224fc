-- config: the settings of the mart, one row
CREATE TABLE IF NOT EXISTS config (
	kpi_version text NOT NULL,
	adapter text NOT NULL DEFAULT '',
	source text NOT NULL DEFAULT '',
	time_zone text NOT NULL DEFAULT 'UTC' CHECK (timestamp '2000-01-01' AT TIME ZONE time_zone IS NOT NULL),
	as_of timestamptz CHECK (isfinite(as_of)),
	gateways text[] NOT NULL DEFAULT '{appointment,proposal,closing}'
		CHECK (gateways <@ '{appointment,proposal,closing}' AND 'closing' = ANY (gateways) AND array_ndims(gateways) = 1),
	kinds text[] NOT NULL DEFAULT '{new,expansion}' CHECK (cardinality(kinds) > 0 AND array_ndims(kinds) = 1 AND array_position(kinds, NULL) IS NULL),
	dimensions text[] NOT NULL DEFAULT '{}' CHECK (array_ndims(dimensions) <= 1 AND array_position(dimensions, NULL) IS NULL),
	trailing_weeks integer NOT NULL DEFAULT 13 CHECK (trailing_weeks BETWEEN 1 AND 52),
	cycle_horizon_days integer NOT NULL DEFAULT 365 CHECK (cycle_horizon_days BETWEEN 1 AND 10000),
	stale_after_days integer NOT NULL DEFAULT 60 CHECK (stale_after_days BETWEEN 1 AND 10000),
	confidence double precision NOT NULL DEFAULT 0.95 CHECK (confidence > 0 AND confidence < 1),
	q_limit double precision NOT NULL DEFAULT 0.10 CHECK (q_limit > 0 AND q_limit < 1),
	min_effect double precision NOT NULL DEFAULT 0.10 CHECK (min_effect >= 0 AND min_effect < 10),
	min_decisions integer NOT NULL DEFAULT 10 CHECK (min_decisions > 0),
	selling_days integer NOT NULL DEFAULT 5 CHECK (selling_days BETWEEN 1 AND 7),
	locale text NOT NULL DEFAULT 'en' CHECK (locale IN ('en', 'nb')),
	row_security boolean NOT NULL DEFAULT false,
	currency text CHECK (currency <> ''),
	rate text CHECK (rate <> ''),
	refreshed_as_of timestamptz,
	refreshed_at timestamptz,
	made text[] NOT NULL DEFAULT '{}',
	schema_made boolean NOT NULL DEFAULT false,
	playbook_digest text NOT NULL DEFAULT '',
	source_digest text NOT NULL DEFAULT '',
	stage_digest text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX IF NOT EXISTS config_one_row ON config ((true));
