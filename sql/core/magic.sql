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

-- A numeric goal: with double precision here PostgreSQL could not tell this
-- form from the one above where the rates are given as literals.
CREATE FUNCTION kpi.magic_number(
	goal numeric, sales kpi.sales, win_ratio double precision,
	weeks double precision, confidence double precision DEFAULT 0.5
) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_magic_number_win_ratio';
COMMENT ON FUNCTION kpi.magic_number(numeric, kpi.sales, double precision, double precision, double precision) IS 'new opportunities a week that bring the goal in with this confidence when the share win_ratio of them is won; 0 for a goal of 0 or less; NULL where no number does, without a sale, and for one sale at any other confidence';

CREATE FUNCTION kpi.magic_number_low(
	goal double precision, sales kpi.sales,
	proposal kpi.rate, closing kpi.rate,
	weeks double precision, confidence double precision DEFAULT 0.95
) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_magic_number_low';
COMMENT ON FUNCTION kpi.magic_number_low(double precision, kpi.sales, kpi.rate, kpi.rate, double precision, double precision) IS 'lower bound of the magic number at this confidence, from what is not known of the ratios and the average sale; NULL under two sales and where there is no magic number';

CREATE FUNCTION kpi.magic_number_high(
	goal double precision, sales kpi.sales,
	proposal kpi.rate, closing kpi.rate,
	weeks double precision, confidence double precision DEFAULT 0.95
) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_magic_number_high';
COMMENT ON FUNCTION kpi.magic_number_high(double precision, kpi.sales, kpi.rate, kpi.rate, double precision, double precision) IS 'upper bound of the magic number at this confidence, from what is not known of the ratios and the average sale; NULL under two sales, where there is no magic number, and where the average sale may be 0 or less';

CREATE FUNCTION kpi.magic_number_levers(
	goal double precision, sales kpi.sales,
	proposal kpi.rate, closing kpi.rate,
	weeks double precision, actual double precision,
	OUT lever text, OUT change text, OUT saved_per_week double precision, OUT revenue_gained double precision)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 4 AS 'MODULE_PATHNAME', 'kpi_magic_number_levers';
COMMENT ON FUNCTION kpi.magic_number_levers(double precision, kpi.sales, kpi.rate, kpi.rate, double precision, double precision) IS 'what a point more of each ratio, one per cent more a sale and a day less of cycle are worth: opportunities saved a week, and revenue gained in these weeks at actual opportunities a week';

CREATE FUNCTION kpi.magic_number_remaining(
	goal double precision, expected double precision, average_revenue double precision,
	cycle kpi.cycle, weeks_left double precision, at_most double precision DEFAULT 'infinity',
	OUT per_week double precision, OUT share double precision, OUT status text)
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_magic_number_remaining';
COMMENT ON FUNCTION kpi.magic_number_remaining(double precision, double precision, double precision, kpi.cycle, double precision, double precision) IS 'new opportunities a week that the rest of the goal takes, less what is expected from open deals, each counting for its chance to be won by the end; the mean of that chance; and whether it can be reached';

CREATE FUNCTION kpi.expected_revenue(
	opportunities double precision, average_revenue double precision,
	proposal_ratio double precision, closing_ratio double precision
) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_expected_revenue';
COMMENT ON FUNCTION kpi.expected_revenue(double precision, double precision, double precision, double precision) IS 'revenue that new opportunities bring on average, in the currency of the average revenue; NULL in, NULL out';

CREATE FUNCTION kpi.activity_barometer(actual double precision, required double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_activity_barometer';
COMMENT ON FUNCTION kpi.activity_barometer(double precision, double precision) IS 'actual / required: 1 is as it should be; NULL where nothing is required';
