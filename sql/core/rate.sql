-- rate: passed of decided

CREATE TYPE kpi.rate;

CREATE FUNCTION kpi.rate_in(cstring) RETURNS kpi.rate
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_rate_in';

CREATE FUNCTION kpi.rate_out(kpi.rate) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_rate_out';

CREATE FUNCTION kpi.rate_recv(internal) RETURNS kpi.rate
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_rate_recv';

CREATE FUNCTION kpi.rate_send(kpi.rate) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_rate_send';

CREATE TYPE kpi.rate (
	INPUT = kpi.rate_in, OUTPUT = kpi.rate_out,
	RECEIVE = kpi.rate_recv, SEND = kpi.rate_send,
	INTERNALLENGTH = 16, ALIGNMENT = double
);
COMMENT ON TYPE kpi.rate IS 'passed of decided, two exact counts: 37/52';

-- functions

CREATE FUNCTION kpi.rate(passed bigint, decided bigint) RETURNS kpi.rate
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_rate';
COMMENT ON FUNCTION kpi.rate(bigint, bigint) IS 'rate of two counts';

CREATE FUNCTION kpi.passed(rate kpi.rate) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_rate_passed';
COMMENT ON FUNCTION kpi.passed(kpi.rate) IS 'number that passed';

CREATE FUNCTION kpi.decided(rate kpi.rate) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_rate_decided';
COMMENT ON FUNCTION kpi.decided(kpi.rate) IS 'number that was decided, passed or failed';

CREATE FUNCTION kpi.ratio(rate kpi.rate) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_rate_ratio';
COMMENT ON FUNCTION kpi.ratio(kpi.rate) IS 'passed / decided, 0 to 1; NULL where nothing was decided';

-- private functions

CREATE FUNCTION kpi.rate_eq(kpi.rate, kpi.rate) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_rate_eq';

CREATE FUNCTION kpi.rate_ne(kpi.rate, kpi.rate) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_rate_ne';

CREATE FUNCTION kpi.rate_hash(kpi.rate) RETURNS integer
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_rate_hash';

CREATE FUNCTION kpi.rate_hash_extended(kpi.rate, bigint) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_rate_hash_extended';

CREATE FUNCTION kpi.rate_pl(kpi.rate, kpi.rate) RETURNS kpi.rate
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_rate_pl';

CREATE FUNCTION kpi.rate_mi(kpi.rate, kpi.rate) RETURNS kpi.rate
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_rate_mi';

CREATE FUNCTION kpi.rate_trans(kpi.rate, boolean) RETURNS kpi.rate
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_rate_trans';

CREATE FUNCTION kpi.rate_inv(kpi.rate, boolean) RETURNS kpi.rate
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_rate_inv';

CREATE FUNCTION kpi.funnel_ratio_trans(kpi.rate, boolean, boolean) RETURNS kpi.rate
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_funnel_ratio_trans';

CREATE FUNCTION kpi.funnel_ratio_inv(kpi.rate, boolean, boolean) RETURNS kpi.rate
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_funnel_ratio_inv';

-- operators

CREATE OPERATOR kpi.= (
	FUNCTION = kpi.rate_eq, LEFTARG = kpi.rate, RIGHTARG = kpi.rate,
	COMMUTATOR = OPERATOR(kpi.=), NEGATOR = OPERATOR(kpi.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR kpi.= (kpi.rate, kpi.rate) IS 'equal counts; 1/2 is not 2/4';

CREATE OPERATOR kpi.<> (
	FUNCTION = kpi.rate_ne, LEFTARG = kpi.rate, RIGHTARG = kpi.rate,
	COMMUTATOR = OPERATOR(kpi.<>), NEGATOR = OPERATOR(kpi.=),
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR kpi.<> (kpi.rate, kpi.rate) IS 'different counts';

CREATE OPERATOR kpi.+ (
	FUNCTION = kpi.rate_pl, LEFTARG = kpi.rate, RIGHTARG = kpi.rate,
	COMMUTATOR = OPERATOR(kpi.+)
);
COMMENT ON OPERATOR kpi.+ (kpi.rate, kpi.rate) IS 'both together';

CREATE OPERATOR kpi.- (
	FUNCTION = kpi.rate_mi, LEFTARG = kpi.rate, RIGHTARG = kpi.rate
);
COMMENT ON OPERATOR kpi.- (kpi.rate, kpi.rate) IS 'the first without the second, which it must hold';

CREATE OPERATOR CLASS kpi.rate_ops DEFAULT FOR TYPE kpi.rate USING hash AS
	OPERATOR 1 kpi.=,
	FUNCTION 1 kpi.rate_hash(kpi.rate),
	FUNCTION 2 kpi.rate_hash_extended(kpi.rate, bigint);

-- aggregates

CREATE AGGREGATE kpi.rate_agg(passed boolean) (
	SFUNC = kpi.rate_trans, STYPE = kpi.rate, SSPACE = 16, INITCOND = '0/0',
	COMBINEFUNC = kpi.rate_pl,
	MSFUNC = kpi.rate_trans, MINVFUNC = kpi.rate_inv, MSTYPE = kpi.rate,
	MSSPACE = 16, MINITCOND = '0/0',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.rate_agg(boolean) IS 'rate of the decisions: true passed, false failed, NULL undecided and not counted';

CREATE AGGREGATE kpi.rollup(kpi.rate) (
	SFUNC = kpi.rate_pl, STYPE = kpi.rate, SSPACE = 16,
	COMBINEFUNC = kpi.rate_pl,
	MSFUNC = kpi.rate_pl, MINVFUNC = kpi.rate_mi, MSTYPE = kpi.rate, MSSPACE = 16,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.rollup(kpi.rate) IS 'all rates together; NULL over no rows';

CREATE AGGREGATE kpi.funnel_ratio(entered boolean, passed boolean) (
	SFUNC = kpi.funnel_ratio_trans, STYPE = kpi.rate, SSPACE = 16, INITCOND = '0/0',
	FINALFUNC = kpi.ratio, COMBINEFUNC = kpi.rate_pl,
	MSFUNC = kpi.funnel_ratio_trans, MINVFUNC = kpi.funnel_ratio_inv, MSTYPE = kpi.rate,
	MSSPACE = 16, MINITCOND = '0/0', MFINALFUNC = kpi.ratio,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.funnel_ratio(boolean, boolean) IS 'share passed, 0 to 1, of the rows with entered true and passed not NULL; NULL where there is none';
