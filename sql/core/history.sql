-- history: what happened to opportunities, by ISO week cut at month ends

CREATE TYPE kpi.history;

CREATE FUNCTION kpi.history_in(cstring) RETURNS kpi.history
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_history_in';

CREATE FUNCTION kpi.history_out(kpi.history) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_history_out';

CREATE FUNCTION kpi.history_recv(internal) RETURNS kpi.history
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_history_recv';

CREATE FUNCTION kpi.history_send(kpi.history) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_history_send';

CREATE TYPE kpi.history (
	INPUT = kpi.history_in, OUTPUT = kpi.history_out,
	RECEIVE = kpi.history_recv, SEND = kpi.history_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);
COMMENT ON TYPE kpi.history IS 'new opportunities, decisions at the gateways, sales and days to close, by ISO week cut at month ends, in one time zone';

-- functions

CREATE FUNCTION kpi.weeks(history kpi.history,
	OUT week date, OUT month date, OUT new_opportunities bigint,
	OUT appointment kpi.rate, OUT proposal kpi.rate, OUT closing kpi.rate,
	OUT appointment_imputed bigint, OUT proposal_imputed bigint, OUT sales kpi.sales,
	OUT won_days bigint, OUT won_with_days bigint, OUT lost_days bigint, OUT lost_with_days bigint)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 150 AS 'MODULE_PATHNAME', 'kpi_history_weeks';
COMMENT ON FUNCTION kpi.weeks(kpi.history) IS 'the history as rows, one for each week (its Monday) and month (its first) with anything in it';

-- private functions; equal summaries are equal bytes, which the server compares

CREATE FUNCTION kpi.history_eq(kpi.history, kpi.history) RETURNS boolean
	LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteaeq';

CREATE FUNCTION kpi.history_ne(kpi.history, kpi.history) RETURNS boolean
	LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'byteane';

CREATE FUNCTION kpi.history_hash(kpi.history) RETURNS integer
	LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashvarlena';

CREATE FUNCTION kpi.history_hash_extended(kpi.history, bigint) RETURNS bigint
	LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'hashvarlenaextended';

CREATE FUNCTION kpi.history_pl(kpi.history, kpi.history) RETURNS kpi.history
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_history_pl';

CREATE FUNCTION kpi.history_mi(kpi.history, kpi.history) RETURNS kpi.history
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_history_mi';

CREATE FUNCTION kpi.history_final(kpi.history) RETURNS kpi.history
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_history_final';

CREATE FUNCTION kpi.history_trans(kpi.history, timestamptz, timestamptz, timestamptz, timestamptz, boolean, numeric, text, timestamptz) RETURNS kpi.history
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_history_trans';

CREATE FUNCTION kpi.history_inv(kpi.history, timestamptz, timestamptz, timestamptz, timestamptz, boolean, numeric, text, timestamptz) RETURNS kpi.history
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_history_inv';

CREATE FUNCTION kpi.history_trans(kpi.history, timestamptz, timestamptz, timestamptz, timestamptz, boolean, numeric, text, timestamptz, text[]) RETURNS kpi.history
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_history_trans';

CREATE FUNCTION kpi.history_inv(kpi.history, timestamptz, timestamptz, timestamptz, timestamptz, boolean, numeric, text, timestamptz, text[]) RETURNS kpi.history
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_history_inv';

CREATE FUNCTION kpi.history_trans(kpi.history, date, date, date, date, boolean, numeric, text[]) RETURNS kpi.history
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_history_date_trans';

CREATE FUNCTION kpi.history_inv(kpi.history, date, date, date, date, boolean, numeric, text[]) RETURNS kpi.history
	LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_history_date_inv';

-- operators

CREATE OPERATOR kpi.= (
	FUNCTION = kpi.history_eq, LEFTARG = kpi.history, RIGHTARG = kpi.history,
	COMMUTATOR = OPERATOR(kpi.=), NEGATOR = OPERATOR(kpi.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR kpi.= (kpi.history, kpi.history) IS 'equal histories';

CREATE OPERATOR kpi.<> (
	FUNCTION = kpi.history_ne, LEFTARG = kpi.history, RIGHTARG = kpi.history,
	COMMUTATOR = OPERATOR(kpi.<>), NEGATOR = OPERATOR(kpi.=),
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR kpi.<> (kpi.history, kpi.history) IS 'different histories';

CREATE OPERATOR kpi.+ (
	FUNCTION = kpi.history_pl, LEFTARG = kpi.history, RIGHTARG = kpi.history,
	COMMUTATOR = OPERATOR(kpi.+)
);
COMMENT ON OPERATOR kpi.+ (kpi.history, kpi.history) IS 'both together; of one time zone, as_of and set of gateways';

CREATE OPERATOR kpi.- (
	FUNCTION = kpi.history_mi, LEFTARG = kpi.history, RIGHTARG = kpi.history
);
COMMENT ON OPERATOR kpi.- (kpi.history, kpi.history) IS 'the first without the second, which it must hold';

CREATE OPERATOR CLASS kpi.history_ops DEFAULT FOR TYPE kpi.history USING hash AS
	OPERATOR 1 kpi.=,
	FUNCTION 1 kpi.history_hash(kpi.history),
	FUNCTION 2 kpi.history_hash_extended(kpi.history, bigint);

-- aggregates

CREATE AGGREGATE kpi.weekly_agg(created_at timestamptz, appointment_at timestamptz, proposal_at timestamptz, closed_at timestamptz,
	won boolean, amount numeric, time_zone text, as_of timestamptz) (
	SFUNC = kpi.history_trans, STYPE = kpi.history, SSPACE = 16384, INITCOND = 'empty',
	FINALFUNC = kpi.history_final, COMBINEFUNC = kpi.history_pl,
	MSFUNC = kpi.history_trans, MINVFUNC = kpi.history_inv, MSTYPE = kpi.history,
	MSSPACE = 16384, MINITCOND = 'empty', MFINALFUNC = kpi.history_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.weekly_agg(timestamptz, timestamptz, timestamptz, timestamptz, boolean, numeric, text, timestamptz) IS 'history of the opportunities, one a row, as known at as_of (NULL: no limit), in days of the time zone';

CREATE AGGREGATE kpi.weekly_agg(created_at timestamptz, appointment_at timestamptz, proposal_at timestamptz, closed_at timestamptz,
	won boolean, amount numeric, time_zone text, as_of timestamptz,
	gateways text[]) (
	SFUNC = kpi.history_trans, STYPE = kpi.history, SSPACE = 16384, INITCOND = 'empty',
	FINALFUNC = kpi.history_final, COMBINEFUNC = kpi.history_pl,
	MSFUNC = kpi.history_trans, MINVFUNC = kpi.history_inv, MSTYPE = kpi.history,
	MSSPACE = 16384, MINITCOND = 'empty', MFINALFUNC = kpi.history_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.weekly_agg(timestamptz, timestamptz, timestamptz, timestamptz, boolean, numeric, text, timestamptz, text[]) IS 'the same where the CRM records only some of the gateways appointment, proposal and closing';

CREATE AGGREGATE kpi.weekly_agg(created_on date, appointment_on date, proposal_on date, closed_on date, won boolean, amount numeric, gateways text[]) (
	SFUNC = kpi.history_trans, STYPE = kpi.history, SSPACE = 16384, INITCOND = 'empty',
	FINALFUNC = kpi.history_final, COMBINEFUNC = kpi.history_pl,
	MSFUNC = kpi.history_trans, MINVFUNC = kpi.history_inv, MSTYPE = kpi.history,
	MSSPACE = 16384, MINITCOND = 'empty', MFINALFUNC = kpi.history_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.weekly_agg(date, date, date, date, boolean, numeric, text[]) IS 'the same of opportunities whose days are known, of which none is too late to be seen; its time zone is UTC';

CREATE AGGREGATE kpi.rollup(kpi.history) (
	SFUNC = kpi.history_pl, STYPE = kpi.history, SSPACE = 16384,
	FINALFUNC = kpi.history_final, COMBINEFUNC = kpi.history_pl,
	MSFUNC = kpi.history_pl, MINVFUNC = kpi.history_mi, MSTYPE = kpi.history,
	MSSPACE = 16384, MFINALFUNC = kpi.history_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.rollup(kpi.history) IS 'all histories together; NULL over no rows';
