-- cycle: the sales cycle as a life table

CREATE TYPE kpi.cycle;

CREATE FUNCTION kpi.cycle_in(cstring) RETURNS kpi.cycle
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_cycle_in';

CREATE FUNCTION kpi.cycle_out(kpi.cycle) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_cycle_out';

CREATE FUNCTION kpi.cycle_recv(internal) RETURNS kpi.cycle
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_cycle_recv';

CREATE FUNCTION kpi.cycle_send(kpi.cycle) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_cycle_send';

CREATE TYPE kpi.cycle (
	INPUT = kpi.cycle_in, OUTPUT = kpi.cycle_out,
	RECEIVE = kpi.cycle_recv, SEND = kpi.cycle_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE kpi.cycle IS 'life table by day of age: entered less left open, won, lost: 0:+3 12:1w 30:1w,1l';

-- functions

CREATE FUNCTION kpi.won(cycle kpi.cycle) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_cycle_won';
COMMENT ON FUNCTION kpi.won(kpi.cycle) IS 'number won';

CREATE FUNCTION kpi.lost(cycle kpi.cycle) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_cycle_lost';
COMMENT ON FUNCTION kpi.lost(kpi.cycle) IS 'number lost';

CREATE FUNCTION kpi.at_risk(cycle kpi.cycle, day integer) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_cycle_at_risk';
COMMENT ON FUNCTION kpi.at_risk(kpi.cycle, integer) IS 'number in view and still open when that day of age begins';

CREATE FUNCTION kpi.average_days(cycle kpi.cycle) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_cycle_average_days';
COMMENT ON FUNCTION kpi.average_days(kpi.cycle) IS 'mean days of the won; NULL where none was won';

CREATE FUNCTION kpi.median_days(cycle kpi.cycle) RETURNS integer
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_cycle_median_days';
COMMENT ON FUNCTION kpi.median_days(kpi.cycle) IS 'first day by which half of the won were won; NULL where none was won';

CREATE FUNCTION kpi.days(cycle kpi.cycle,
	OUT day integer, OUT net bigint, OUT won bigint, OUT lost bigint)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 200 AS 'MODULE_PATHNAME', 'kpi_cycle_days';
COMMENT ON FUNCTION kpi.days(kpi.cycle) IS 'the life table as rows: day of age, entered less left open, won, lost';

-- private functions; equal summaries are equal bytes, which the server compares

CREATE FUNCTION kpi.cycle_eq(kpi.cycle, kpi.cycle) RETURNS boolean
	LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteaeq';

CREATE FUNCTION kpi.cycle_ne(kpi.cycle, kpi.cycle) RETURNS boolean
	LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteane';

CREATE FUNCTION kpi.cycle_hash(kpi.cycle) RETURNS integer
	LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashvarlena';

CREATE FUNCTION kpi.cycle_hash_extended(kpi.cycle, bigint) RETURNS bigint
	LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashvarlenaextended';

CREATE FUNCTION kpi.cycle_pl(kpi.cycle, kpi.cycle) RETURNS kpi.cycle
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_cycle_pl';

CREATE FUNCTION kpi.cycle_mi(kpi.cycle, kpi.cycle) RETURNS kpi.cycle
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_cycle_mi';

CREATE FUNCTION kpi.cycle_final(kpi.cycle) RETURNS kpi.cycle
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_cycle_final';

CREATE FUNCTION kpi.cycle_trans(kpi.cycle, integer, boolean) RETURNS kpi.cycle
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_cycle_days_trans';

CREATE FUNCTION kpi.cycle_inv(kpi.cycle, integer, boolean) RETURNS kpi.cycle
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_cycle_days_inv';

CREATE FUNCTION kpi.cycle_trans(kpi.cycle, date, date, boolean, date, date) RETURNS kpi.cycle
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_cycle_window_trans';

CREATE FUNCTION kpi.cycle_inv(kpi.cycle, date, date, boolean, date, date) RETURNS kpi.cycle
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_cycle_window_inv';

CREATE FUNCTION kpi.mart_cycles_trans(internal, date, date, boolean, date[], date[]) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_mart_cycles_trans';

CREATE FUNCTION kpi.mart_cycles_combine(internal, internal) RETURNS internal
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_mart_cycles_combine';

CREATE FUNCTION kpi.mart_cycles_serialize(internal) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_mart_cycles_serialize';

CREATE FUNCTION kpi.mart_cycles_deserialize(bytea, internal) RETURNS internal
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_mart_cycles_deserialize';

CREATE FUNCTION kpi.mart_cycles_final(internal) RETURNS kpi.cycle[]
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_mart_cycles_final';

-- operators

CREATE OPERATOR kpi.= (
	FUNCTION = kpi.cycle_eq, LEFTARG = kpi.cycle, RIGHTARG = kpi.cycle,
	COMMUTATOR = OPERATOR(kpi.=), NEGATOR = OPERATOR(kpi.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR kpi.= (kpi.cycle, kpi.cycle) IS 'equal life tables';

CREATE OPERATOR kpi.<> (
	FUNCTION = kpi.cycle_ne, LEFTARG = kpi.cycle, RIGHTARG = kpi.cycle,
	COMMUTATOR = OPERATOR(kpi.<>), NEGATOR = OPERATOR(kpi.=),
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR kpi.<> (kpi.cycle, kpi.cycle) IS 'different life tables';

CREATE OPERATOR kpi.+ (
	FUNCTION = kpi.cycle_pl, LEFTARG = kpi.cycle, RIGHTARG = kpi.cycle,
	COMMUTATOR = OPERATOR(kpi.+)
);
COMMENT ON OPERATOR kpi.+ (kpi.cycle, kpi.cycle) IS 'both together';

CREATE OPERATOR kpi.- (
	FUNCTION = kpi.cycle_mi, LEFTARG = kpi.cycle, RIGHTARG = kpi.cycle
);
COMMENT ON OPERATOR kpi.- (kpi.cycle, kpi.cycle) IS 'the first without the second, which it must hold';

CREATE OPERATOR CLASS kpi.cycle_ops DEFAULT FOR TYPE kpi.cycle USING hash AS
	OPERATOR 1 kpi.=,
	FUNCTION 1 kpi.cycle_hash(kpi.cycle),
	FUNCTION 2 kpi.cycle_hash_extended(kpi.cycle, bigint);

-- aggregates

CREATE AGGREGATE kpi.cycle_agg(days integer, won boolean) (
	SFUNC = kpi.cycle_trans, STYPE = kpi.cycle, SSPACE = 4096, INITCOND = 'empty',
	FINALFUNC = kpi.cycle_final, COMBINEFUNC = kpi.cycle_pl,
	MSFUNC = kpi.cycle_trans, MINVFUNC = kpi.cycle_inv, MSTYPE = kpi.cycle,
	MSSPACE = 4096, MINITCOND = 'empty', MFINALFUNC = kpi.cycle_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.cycle_agg(integer, boolean) IS 'life table of whole cycles: days from creation to the end; won NULL: still open at that age; days NULL: not counted';

CREATE AGGREGATE kpi.cycle_agg(started date, ended date, won boolean, from_date date, until_date date) (
	SFUNC = kpi.cycle_trans, STYPE = kpi.cycle, SSPACE = 4096, INITCOND = 'empty',
	FINALFUNC = kpi.cycle_final, COMBINEFUNC = kpi.cycle_pl,
	MSFUNC = kpi.cycle_trans, MINVFUNC = kpi.cycle_inv, MSTYPE = kpi.cycle,
	MSSPACE = 4096, MINITCOND = 'empty', MFINALFUNC = kpi.cycle_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.cycle_agg(date, date, boolean, date, date) IS 'life table of what is seen between from_date and before until_date, with delayed entry; from_date NULL: from the start';

CREATE AGGREGATE kpi.mart_cycles(started date, ended date, won boolean, from_dates date[], until_dates date[]) (
	SFUNC = kpi.mart_cycles_trans, STYPE = internal, SSPACE = 65536,
	FINALFUNC = kpi.mart_cycles_final, COMBINEFUNC = kpi.mart_cycles_combine, SERIALFUNC = kpi.mart_cycles_serialize, DESERIALFUNC = kpi.mart_cycles_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.mart_cycles(date, date, boolean, date[], date[]) IS 'life tables of several windows in one pass: the cycle_agg of each from_date and until_date; an empty array over no rows';

CREATE AGGREGATE kpi.rollup(kpi.cycle) (
	SFUNC = kpi.cycle_pl, STYPE = kpi.cycle, SSPACE = 4096,
	FINALFUNC = kpi.cycle_final, COMBINEFUNC = kpi.cycle_pl,
	MSFUNC = kpi.cycle_pl, MINVFUNC = kpi.cycle_mi, MSTYPE = kpi.cycle,
	MSSPACE = 4096, MFINALFUNC = kpi.cycle_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.rollup(kpi.cycle) IS 'all life tables together; NULL over no rows';
