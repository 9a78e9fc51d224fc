-- funnel: how many reached each step

CREATE TYPE kpi.funnel;

CREATE FUNCTION kpi.funnel_in(cstring) RETURNS kpi.funnel
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_funnel_in';

CREATE FUNCTION kpi.funnel_out(kpi.funnel) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_funnel_out';

CREATE FUNCTION kpi.funnel_recv(internal) RETURNS kpi.funnel
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_funnel_recv';

CREATE FUNCTION kpi.funnel_send(kpi.funnel) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_funnel_send';

CREATE TYPE kpi.funnel (
	INPUT = kpi.funnel_in, OUTPUT = kpi.funnel_out,
	RECEIVE = kpi.funnel_recv, SEND = kpi.funnel_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE kpi.funnel IS 'how many reached each step of a funnel, exact counts: 13087>7367>5113, or empty';

-- functions

CREATE FUNCTION kpi.steps(funnel kpi.funnel,
	OUT step integer, OUT reached bigint, OUT of_first double precision,
	OUT of_previous double precision, OUT dropped bigint)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'kpi_funnel_steps';
COMMENT ON FUNCTION kpi.steps(kpi.funnel) IS 'one row per step: how many reached it, as a share 0 to 1 of the first step and of the one before, and how many dropped out between; no row for the empty funnel';

CREATE FUNCTION kpi.step_rate(funnel kpi.funnel, step integer) RETURNS kpi.rate
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_funnel_step_rate';
COMMENT ON FUNCTION kpi.step_rate(kpi.funnel, integer) IS 'rate of those that reached a step to those that reached the one before; NULL for step 1 and for the empty funnel';

-- private functions; equal summaries are equal bytes, which the server compares

CREATE FUNCTION kpi.funnel_eq(kpi.funnel, kpi.funnel) RETURNS boolean
	LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteaeq';

CREATE FUNCTION kpi.funnel_ne(kpi.funnel, kpi.funnel) RETURNS boolean
	LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteane';

CREATE FUNCTION kpi.funnel_hash(kpi.funnel) RETURNS integer
	LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashvarlena';

CREATE FUNCTION kpi.funnel_hash_extended(kpi.funnel, bigint) RETURNS bigint
	LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashvarlenaextended';

CREATE FUNCTION kpi.funnel_pl(kpi.funnel, kpi.funnel) RETURNS kpi.funnel
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_funnel_pl';

CREATE FUNCTION kpi.funnel_mi(kpi.funnel, kpi.funnel) RETURNS kpi.funnel
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_funnel_mi';

CREATE FUNCTION kpi.funnel_trans(kpi.funnel, integer, integer) RETURNS kpi.funnel
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_funnel_level_trans';

CREATE FUNCTION kpi.funnel_inv(kpi.funnel, integer, integer) RETURNS kpi.funnel
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_funnel_level_inv';

CREATE FUNCTION kpi.funnel_trans(kpi.funnel, boolean[]) RETURNS kpi.funnel
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_funnel_array_trans';

CREATE FUNCTION kpi.funnel_inv(kpi.funnel, boolean[]) RETURNS kpi.funnel
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_funnel_array_inv';

CREATE FUNCTION kpi.funnel_final(kpi.funnel) RETURNS kpi.funnel
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_funnel_final';

-- operators

CREATE OPERATOR kpi.= (
	FUNCTION = kpi.funnel_eq, LEFTARG = kpi.funnel, RIGHTARG = kpi.funnel,
	COMMUTATOR = OPERATOR(kpi.=), NEGATOR = OPERATOR(kpi.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR kpi.= (kpi.funnel, kpi.funnel) IS 'equal steps and counts';

CREATE OPERATOR kpi.<> (
	FUNCTION = kpi.funnel_ne, LEFTARG = kpi.funnel, RIGHTARG = kpi.funnel,
	COMMUTATOR = OPERATOR(kpi.<>), NEGATOR = OPERATOR(kpi.=),
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR kpi.<> (kpi.funnel, kpi.funnel) IS 'different steps or counts';

CREATE OPERATOR kpi.+ (
	FUNCTION = kpi.funnel_pl, LEFTARG = kpi.funnel, RIGHTARG = kpi.funnel,
	COMMUTATOR = OPERATOR(kpi.+)
);
COMMENT ON OPERATOR kpi.+ (kpi.funnel, kpi.funnel) IS 'both together; they must have the same number of steps, or one be empty';

CREATE OPERATOR kpi.- (
	FUNCTION = kpi.funnel_mi, LEFTARG = kpi.funnel, RIGHTARG = kpi.funnel
);
COMMENT ON OPERATOR kpi.- (kpi.funnel, kpi.funnel) IS 'the first without the second, which it must hold';

CREATE OPERATOR CLASS kpi.funnel_ops DEFAULT FOR TYPE kpi.funnel USING hash AS
	OPERATOR 1 kpi.=,
	FUNCTION 1 kpi.funnel_hash(kpi.funnel),
	FUNCTION 2 kpi.funnel_hash_extended(kpi.funnel, bigint);

-- aggregates

CREATE AGGREGATE kpi.funnel_agg(level integer, steps integer) (
	SFUNC = kpi.funnel_trans, STYPE = kpi.funnel, SSPACE = 64, INITCOND = 'empty',
	FINALFUNC = kpi.funnel_final, COMBINEFUNC = kpi.funnel_pl,
	MSFUNC = kpi.funnel_trans, MINVFUNC = kpi.funnel_inv, MSTYPE = kpi.funnel,
	MSSPACE = 64, MINITCOND = 'empty', MFINALFUNC = kpi.funnel_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.funnel_agg(integer, integer) IS 'funnel of the furthest step that each row reached, 0 for none, of 1 to 32 steps; a row with a NULL is not counted';

CREATE AGGREGATE kpi.funnel_agg(VARIADIC reached boolean[]) (
	SFUNC = kpi.funnel_trans, STYPE = kpi.funnel, SSPACE = 64, INITCOND = 'empty',
	FINALFUNC = kpi.funnel_final, COMBINEFUNC = kpi.funnel_pl,
	MSFUNC = kpi.funnel_trans, MINVFUNC = kpi.funnel_inv, MSTYPE = kpi.funnel,
	MSSPACE = 64, MINITCOND = 'empty', MFINALFUNC = kpi.funnel_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.funnel_agg(boolean[]) IS 'funnel of one condition per step: the last true one is the furthest step that a row reached, NULL is not reached';

-- Its inputs are values, so its state is one too, and needs no final function.
CREATE AGGREGATE kpi.rollup(kpi.funnel) (
	SFUNC = kpi.funnel_pl, STYPE = kpi.funnel, SSPACE = 64,
	COMBINEFUNC = kpi.funnel_pl,
	MSFUNC = kpi.funnel_pl, MINVFUNC = kpi.funnel_mi, MSTYPE = kpi.funnel, MSSPACE = 64,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.rollup(kpi.funnel) IS 'all funnels together; NULL over no rows';
