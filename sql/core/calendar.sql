-- calendar: the local day of a time

CREATE FUNCTION kpi.local_date(at timestamptz, time_zone text) RETURNS date
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_local_date';
COMMENT ON FUNCTION kpi.local_date(timestamptz, text) IS 'day of a time in a time zone, as weekly_agg sees it: (at AT TIME ZONE time_zone)::date, but faster';

CREATE FUNCTION kpi.week_part(day date) RETURNS date
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_week_part';
COMMENT ON FUNCTION kpi.week_part(date) IS 'first day of the part of a week, cut at the month''s end, that a day lies in: the later of the first days of its week and its month';

-- private: the local day of a time known at as_of; NULL of an infinite or a later one. It costs several times what an
-- operator does; at the default of 1 the planner takes a CRM for too cheap to be read by workers.
CREATE FUNCTION kpi.known_date(at timestamptz, time_zone text, as_of timestamptz) RETURNS date
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'kpi_known_date';
