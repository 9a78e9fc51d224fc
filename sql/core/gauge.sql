-- gauge: bars and lines of text

CREATE FUNCTION kpi.gauge(value double precision, width integer DEFAULT 20) RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_gauge';
COMMENT ON FUNCTION kpi.gauge(double precision, integer) IS 'bar of that many characters, full at 1 and ending in + above, beginning with - below 0; NULL in, NULL out';

CREATE FUNCTION kpi.sparkline(series double precision[]) RETURNS text
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sparkline';
COMMENT ON FUNCTION kpi.sparkline(double precision[]) IS 'line of one character per element, its height between the least and the greatest; a NULL element is a space';
