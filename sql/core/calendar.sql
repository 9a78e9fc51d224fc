-- calendar: the local day of a time

CREATE FUNCTION kpi.local_date(at timestamptz, time_zone text) RETURNS date
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_local_date';
COMMENT ON FUNCTION kpi.local_date(timestamptz, text) IS 'day of a time in a time zone, as weekly_agg sees it: (at AT TIME ZONE time_zone)::date, but faster';
