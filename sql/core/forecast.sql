-- forecast: what a set of open deals is expected to bring

CREATE TYPE kpi.forecast;

CREATE FUNCTION kpi.forecast_in(cstring) RETURNS kpi.forecast
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_in';

CREATE FUNCTION kpi.forecast_out(kpi.forecast) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_out';

CREATE FUNCTION kpi.forecast_recv(internal) RETURNS kpi.forecast
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_recv';

CREATE FUNCTION kpi.forecast_send(kpi.forecast) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_send';

CREATE TYPE kpi.forecast (
	INPUT = kpi.forecast_in, OUTPUT = kpi.forecast_out,
	RECEIVE = kpi.forecast_recv, SEND = kpi.forecast_send,
	INTERNALLENGTH = 104, ALIGNMENT = double
);
COMMENT ON TYPE kpi.forecast IS 'number of open deals, the least and the most that they can bring, what is expected and its variance, all exact: n=2 least=0 most=4000 expected=1300 variance=2130000';

-- functions

CREATE FUNCTION kpi.forecast_count(forecast kpi.forecast) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_count';
COMMENT ON FUNCTION kpi.forecast_count(kpi.forecast) IS 'number of deals';

CREATE FUNCTION kpi.total(forecast kpi.forecast) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_total';
COMMENT ON FUNCTION kpi.total(kpi.forecast) IS 'exact value of the open pipeline: the total of the amounts, in their currency; NULL without a deal';

CREATE FUNCTION kpi.expected(forecast kpi.forecast) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_expected';
COMMENT ON FUNCTION kpi.expected(kpi.forecast) IS 'exact total of amount * probability, what the deals bring on average; NULL without a deal';

CREATE FUNCTION kpi.stddev(forecast kpi.forecast, uncertainty double precision DEFAULT 0) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_stddev';
COMMENT ON FUNCTION kpi.stddev(kpi.forecast, double precision) IS 'standard deviation of what the deals bring, where uncertainty is the relative standard error of the ratio that all the probabilities rest on; NULL without a deal';

CREATE FUNCTION kpi.forecast_low(
	forecast kpi.forecast, confidence double precision DEFAULT 0.95,
	uncertainty double precision DEFAULT 0
) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_low';
COMMENT ON FUNCTION kpi.forecast_low(kpi.forecast, double precision, double precision) IS 'lower limit of what the deals bring with this confidence, uncertainty being the relative standard error of the ratio that all the probabilities rest on; NULL without a deal';

CREATE FUNCTION kpi.forecast_high(
	forecast kpi.forecast, confidence double precision DEFAULT 0.95,
	uncertainty double precision DEFAULT 0
) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_high';
COMMENT ON FUNCTION kpi.forecast_high(kpi.forecast, double precision, double precision) IS 'upper limit of what the deals bring with this confidence, uncertainty being the relative standard error of the ratio that all the probabilities rest on; NULL without a deal';

CREATE FUNCTION kpi.chance(
	forecast kpi.forecast, goal double precision,
	uncertainty double precision DEFAULT 0
) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_chance';
COMMENT ON FUNCTION kpi.chance(kpi.forecast, double precision, double precision) IS 'probability that the deals bring at least the goal, uncertainty being the relative standard error of the ratio that all the probabilities rest on; NULL without a deal';

-- private functions

CREATE FUNCTION kpi.forecast_eq(kpi.forecast, kpi.forecast) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_eq';

CREATE FUNCTION kpi.forecast_ne(kpi.forecast, kpi.forecast) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_ne';

CREATE FUNCTION kpi.forecast_hash(kpi.forecast) RETURNS integer
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_hash';

CREATE FUNCTION kpi.forecast_hash_extended(kpi.forecast, bigint) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_hash_extended';

CREATE FUNCTION kpi.forecast_pl(kpi.forecast, kpi.forecast) RETURNS kpi.forecast
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_pl';

CREATE FUNCTION kpi.forecast_mi(kpi.forecast, kpi.forecast) RETURNS kpi.forecast
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_mi';

CREATE FUNCTION kpi.forecast_trans(kpi.forecast, numeric, double precision) RETURNS kpi.forecast
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_numeric_trans';

CREATE FUNCTION kpi.forecast_inv(kpi.forecast, numeric, double precision) RETURNS kpi.forecast
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_numeric_inv';

CREATE FUNCTION kpi.forecast_trans(kpi.forecast, double precision, double precision) RETURNS kpi.forecast
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_float8_trans';

CREATE FUNCTION kpi.forecast_inv(kpi.forecast, double precision, double precision) RETURNS kpi.forecast
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_forecast_float8_inv';

-- operators

CREATE OPERATOR kpi.= (
	FUNCTION = kpi.forecast_eq, LEFTARG = kpi.forecast, RIGHTARG = kpi.forecast,
	COMMUTATOR = OPERATOR(kpi.=), NEGATOR = OPERATOR(kpi.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR kpi.= (kpi.forecast, kpi.forecast) IS 'equal number, range, expectation and variance';

CREATE OPERATOR kpi.<> (
	FUNCTION = kpi.forecast_ne, LEFTARG = kpi.forecast, RIGHTARG = kpi.forecast,
	COMMUTATOR = OPERATOR(kpi.<>), NEGATOR = OPERATOR(kpi.=),
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR kpi.<> (kpi.forecast, kpi.forecast) IS 'different number, range, expectation or variance';

CREATE OPERATOR kpi.+ (
	FUNCTION = kpi.forecast_pl, LEFTARG = kpi.forecast, RIGHTARG = kpi.forecast,
	COMMUTATOR = OPERATOR(kpi.+)
);
COMMENT ON OPERATOR kpi.+ (kpi.forecast, kpi.forecast) IS 'both together';

CREATE OPERATOR kpi.- (
	FUNCTION = kpi.forecast_mi, LEFTARG = kpi.forecast, RIGHTARG = kpi.forecast
);
COMMENT ON OPERATOR kpi.- (kpi.forecast, kpi.forecast) IS 'the first without the second, which it must hold';

CREATE OPERATOR CLASS kpi.forecast_ops DEFAULT FOR TYPE kpi.forecast USING hash AS
	OPERATOR 1 kpi.=,
	FUNCTION 1 kpi.forecast_hash(kpi.forecast),
	FUNCTION 2 kpi.forecast_hash_extended(kpi.forecast, bigint);

-- aggregates

CREATE AGGREGATE kpi.forecast_agg(amount numeric, probability double precision) (
	SFUNC = kpi.forecast_trans, STYPE = kpi.forecast, SSPACE = 104,
	INITCOND = 'n=0 least=0 most=0 expected=0 variance=0',
	COMBINEFUNC = kpi.forecast_pl,
	MSFUNC = kpi.forecast_trans, MINVFUNC = kpi.forecast_inv, MSTYPE = kpi.forecast,
	MSSPACE = 104, MINITCOND = 'n=0 least=0 most=0 expected=0 variance=0',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.forecast_agg(numeric, double precision) IS 'forecast of deals that bring the amount with the probability, 0 to 1; one without amount or probability is not counted';

CREATE AGGREGATE kpi.forecast_agg(amount double precision, probability double precision) (
	SFUNC = kpi.forecast_trans, STYPE = kpi.forecast, SSPACE = 104,
	INITCOND = 'n=0 least=0 most=0 expected=0 variance=0',
	COMBINEFUNC = kpi.forecast_pl,
	MSFUNC = kpi.forecast_trans, MINVFUNC = kpi.forecast_inv, MSTYPE = kpi.forecast,
	MSSPACE = 104, MINITCOND = 'n=0 least=0 most=0 expected=0 variance=0',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.forecast_agg(double precision, double precision) IS 'forecast of deals that bring the amount with the probability, 0 to 1; one without amount or probability is not counted';

CREATE AGGREGATE kpi.rollup(kpi.forecast) (
	SFUNC = kpi.forecast_pl, STYPE = kpi.forecast, SSPACE = 104,
	COMBINEFUNC = kpi.forecast_pl,
	MSFUNC = kpi.forecast_pl, MINVFUNC = kpi.forecast_mi, MSTYPE = kpi.forecast, MSSPACE = 104,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.rollup(kpi.forecast) IS 'all deals together; NULL over no rows';
