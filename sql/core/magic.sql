-- magic: the magic number, the way back, and the activity barometer

CREATE FUNCTION kpi.magic_number(
	goal double precision, average_revenue double precision,
	proposal_ratio double precision, closing_ratio double precision,
	weeks double precision
) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_magic_number';
COMMENT ON FUNCTION kpi.magic_number(double precision, double precision, double precision, double precision, double precision) IS 'new opportunities (first appointments) a week that bring the goal in on average; 0 for a goal of 0 or less; NULL where no number does';

CREATE FUNCTION kpi.magic_number(
	goal double precision, sales kpi.sales,
	proposal kpi.rate, closing kpi.rate,
	weeks double precision, confidence double precision DEFAULT 0.5
) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_magic_number_summaries';
COMMENT ON FUNCTION kpi.magic_number(double precision, kpi.sales, kpi.rate, kpi.rate, double precision, double precision) IS 'new opportunities (first appointments) a week that bring the goal in with this confidence, 0.5 being on average; 0 for a goal of 0 or less; NULL where no number does, without a sale or a decision, and for one sale at any other confidence';

CREATE FUNCTION kpi.expected_revenue(
	opportunities double precision, average_revenue double precision,
	proposal_ratio double precision, closing_ratio double precision
) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_expected_revenue';
COMMENT ON FUNCTION kpi.expected_revenue(double precision, double precision, double precision, double precision) IS 'revenue that new opportunities bring on average, in the currency of the average revenue; NULL in, NULL out';

CREATE FUNCTION kpi.activity_barometer(actual double precision, required double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_activity_barometer';
COMMENT ON FUNCTION kpi.activity_barometer(double precision, double precision) IS 'actual / required: 1 is as it should be; NULL where nothing is required';
