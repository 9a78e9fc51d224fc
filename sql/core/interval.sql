-- interval: between which bounds a ratio or an average sale lies

CREATE FUNCTION kpi.low(rate kpi.rate, confidence double precision DEFAULT 0.95) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_rate_low';
COMMENT ON FUNCTION kpi.low(kpi.rate, double precision) IS 'lower bound of the ratio at this confidence, 0 to 1: Wilson''s score interval; NULL where nothing was decided';

CREATE FUNCTION kpi.high(rate kpi.rate, confidence double precision DEFAULT 0.95) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_rate_high';
COMMENT ON FUNCTION kpi.high(kpi.rate, double precision) IS 'upper bound of the ratio at this confidence, 0 to 1: Wilson''s score interval; NULL where nothing was decided';

CREATE FUNCTION kpi.low(sales kpi.sales, confidence double precision DEFAULT 0.95) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_low';
COMMENT ON FUNCTION kpi.low(kpi.sales, double precision) IS 'lower bound of the average sale at this confidence: t interval; NULL under two sales';

CREATE FUNCTION kpi.high(sales kpi.sales, confidence double precision DEFAULT 0.95) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_high';
COMMENT ON FUNCTION kpi.high(kpi.sales, double precision) IS 'upper bound of the average sale at this confidence: t interval; NULL under two sales';
