-- curve: what becomes of opportunities by their age

CREATE FUNCTION kpi.curve(cycle kpi.cycle, confidence double precision DEFAULT 0.95,
	OUT day integer, OUT net bigint, OUT at_risk bigint, OUT won bigint, OUT lost bigint,
	OUT win double precision, OUT loss double precision, OUT still_open double precision,
	OUT low double precision, OUT high double precision)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 200 AS 'MODULE_PATHNAME', 'kpi_curve';
COMMENT ON FUNCTION kpi.curve(kpi.cycle, double precision) IS 'by day of age: the life table, and the shares won, lost and still open at its end, 0 to 1, with bounds of the share won';

CREATE FUNCTION kpi.win_probability(cycle kpi.cycle, days integer) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_win_probability';
COMMENT ON FUNCTION kpi.win_probability(kpi.cycle, integer) IS 'share won by that day of age, 0 to 1, the open ones reckoned with; NULL where follow-up is not complete by then';

CREATE FUNCTION kpi.win_probability(cycle kpi.cycle, age integer, within integer) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_win_probability_within';
COMMENT ON FUNCTION kpi.win_probability(kpi.cycle, integer, integer) IS 'of those still open when day age begins, share won on it or within so many days after, 0 to 1; NULL where follow-up from there is not complete by then';

CREATE FUNCTION kpi.win_probability(step kpi.cycle, next kpi.cycle, age integer, within integer) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_win_probability_steps';
COMMENT ON FUNCTION kpi.win_probability(kpi.cycle, kpi.cycle, integer, integer) IS 'of those that wait for a step when day age begins, share won on it or within so many days after, 0 to 1: step is the life table of the days to the step, with won for taken, next that of the days from it; NULL where follow-up is not complete by then';

CREATE FUNCTION kpi.win_probability_low(cycle kpi.cycle, days integer, confidence double precision DEFAULT 0.95) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_win_probability_low';
COMMENT ON FUNCTION kpi.win_probability_low(kpi.cycle, integer, double precision) IS 'lower bound of the share won by that day of age; NULL where follow-up is not complete by then, and where none or all are won';

CREATE FUNCTION kpi.win_probability_high(cycle kpi.cycle, days integer, confidence double precision DEFAULT 0.95) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_win_probability_high';
COMMENT ON FUNCTION kpi.win_probability_high(kpi.cycle, integer, double precision) IS 'upper bound of the share won by that day of age; NULL where follow-up is not complete by then, and where none or all are won';

CREATE FUNCTION kpi.loss_probability(cycle kpi.cycle, days integer) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_loss_probability';
COMMENT ON FUNCTION kpi.loss_probability(kpi.cycle, integer) IS 'share lost by that day of age, 0 to 1, the open ones reckoned with; NULL where follow-up is not complete by then';

CREATE FUNCTION kpi.median_days(cycle kpi.cycle, horizon integer) RETURNS integer
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_median_days';
COMMENT ON FUNCTION kpi.median_days(kpi.cycle, integer) IS 'first day by which half is won of what is won by the horizon, the open ones reckoned with; NULL where nothing is, and where follow-up is not complete by then';

CREATE FUNCTION kpi.quantile_days(cycle kpi.cycle, q double precision, horizon integer) RETURNS integer
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_quantile_days';
COMMENT ON FUNCTION kpi.quantile_days(kpi.cycle, double precision, integer) IS 'first day by which the share q is won of what is won by the horizon; NULL where nothing is, and where follow-up is not complete by then';

CREATE FUNCTION kpi.low_days(cycle kpi.cycle, horizon integer, confidence double precision DEFAULT 0.95) RETURNS integer
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_low_days';
COMMENT ON FUNCTION kpi.low_days(kpi.cycle, integer, double precision) IS 'lower bound of median_days(cycle, horizon) at this confidence, in days; NULL where that is';

CREATE FUNCTION kpi.high_days(cycle kpi.cycle, horizon integer, confidence double precision DEFAULT 0.95) RETURNS integer
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_high_days';
COMMENT ON FUNCTION kpi.high_days(kpi.cycle, integer, double precision) IS 'upper bound of median_days(cycle, horizon) at this confidence, in days; NULL where that is';
