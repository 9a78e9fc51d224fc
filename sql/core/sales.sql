-- sales: number, total and sum of squares of amounts

CREATE TYPE kpi.sales;

CREATE FUNCTION kpi.sales_in(cstring) RETURNS kpi.sales
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_in';

CREATE FUNCTION kpi.sales_out(kpi.sales) RETURNS cstring
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_out';

CREATE FUNCTION kpi.sales_recv(internal) RETURNS kpi.sales
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_recv';

CREATE FUNCTION kpi.sales_send(kpi.sales) RETURNS bytea
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_send';

CREATE TYPE kpi.sales (
	INPUT = kpi.sales_in, OUTPUT = kpi.sales_out,
	RECEIVE = kpi.sales_recv, SEND = kpi.sales_send,
	INTERNALLENGTH = 48, ALIGNMENT = double
);
COMMENT ON TYPE kpi.sales IS 'number, exact total and exact sum of squares of amounts: n=3 total=7500.5 squares=19731800.25';

-- functions

CREATE FUNCTION kpi.sales_count(sales kpi.sales) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_count';
COMMENT ON FUNCTION kpi.sales_count(kpi.sales) IS 'number of sales';

CREATE FUNCTION kpi.total(sales kpi.sales) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_total';
COMMENT ON FUNCTION kpi.total(kpi.sales) IS 'exact total of the amounts, in their currency; NULL without a sale';

CREATE FUNCTION kpi.average(sales kpi.sales) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_average';
COMMENT ON FUNCTION kpi.average(kpi.sales) IS 'average revenue per sale; NULL without a sale';

CREATE FUNCTION kpi.stddev(sales kpi.sales) RETURNS numeric
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_stddev';
COMMENT ON FUNCTION kpi.stddev(kpi.sales) IS 'sample standard deviation of the amounts; NULL under two sales';

-- private functions

CREATE FUNCTION kpi.sales_eq(kpi.sales, kpi.sales) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_eq';

CREATE FUNCTION kpi.sales_ne(kpi.sales, kpi.sales) RETURNS boolean
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_ne';

CREATE FUNCTION kpi.sales_hash(kpi.sales) RETURNS integer
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_hash';

CREATE FUNCTION kpi.sales_hash_extended(kpi.sales, bigint) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_hash_extended';

CREATE FUNCTION kpi.sales_pl(kpi.sales, kpi.sales) RETURNS kpi.sales
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_pl';

CREATE FUNCTION kpi.sales_mi(kpi.sales, kpi.sales) RETURNS kpi.sales
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_mi';

CREATE FUNCTION kpi.sales_trans(kpi.sales, numeric) RETURNS kpi.sales
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_numeric_trans';

CREATE FUNCTION kpi.sales_inv(kpi.sales, numeric) RETURNS kpi.sales
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_numeric_inv';

CREATE FUNCTION kpi.sales_trans(kpi.sales, double precision) RETURNS kpi.sales
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_float8_trans';

CREATE FUNCTION kpi.sales_inv(kpi.sales, double precision) RETURNS kpi.sales
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_float8_inv';

CREATE FUNCTION kpi.sales_trans(kpi.sales, bigint) RETURNS kpi.sales
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_int8_trans';

CREATE FUNCTION kpi.sales_inv(kpi.sales, bigint) RETURNS kpi.sales
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_sales_int8_inv';

-- operators

CREATE OPERATOR kpi.= (
	FUNCTION = kpi.sales_eq, LEFTARG = kpi.sales, RIGHTARG = kpi.sales,
	COMMUTATOR = OPERATOR(kpi.=), NEGATOR = OPERATOR(kpi.<>),
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
COMMENT ON OPERATOR kpi.= (kpi.sales, kpi.sales) IS 'equal number, total and sum of squares';

CREATE OPERATOR kpi.<> (
	FUNCTION = kpi.sales_ne, LEFTARG = kpi.sales, RIGHTARG = kpi.sales,
	COMMUTATOR = OPERATOR(kpi.<>), NEGATOR = OPERATOR(kpi.=),
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR kpi.<> (kpi.sales, kpi.sales) IS 'different number, total or sum of squares';

CREATE OPERATOR kpi.+ (
	FUNCTION = kpi.sales_pl, LEFTARG = kpi.sales, RIGHTARG = kpi.sales,
	COMMUTATOR = OPERATOR(kpi.+)
);
COMMENT ON OPERATOR kpi.+ (kpi.sales, kpi.sales) IS 'both together';

CREATE OPERATOR kpi.- (
	FUNCTION = kpi.sales_mi, LEFTARG = kpi.sales, RIGHTARG = kpi.sales
);
COMMENT ON OPERATOR kpi.- (kpi.sales, kpi.sales) IS 'the first without the second, which it must hold';

CREATE OPERATOR CLASS kpi.sales_ops DEFAULT FOR TYPE kpi.sales USING hash AS
	OPERATOR 1 kpi.=,
	FUNCTION 1 kpi.sales_hash(kpi.sales),
	FUNCTION 2 kpi.sales_hash_extended(kpi.sales, bigint);

-- aggregates

CREATE AGGREGATE kpi.sales_agg(amount numeric) (
	SFUNC = kpi.sales_trans, STYPE = kpi.sales, SSPACE = 48,
	INITCOND = 'n=0 total=0 squares=0',
	COMBINEFUNC = kpi.sales_pl,
	MSFUNC = kpi.sales_trans, MINVFUNC = kpi.sales_inv, MSTYPE = kpi.sales,
	MSSPACE = 48, MINITCOND = 'n=0 total=0 squares=0',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.sales_agg(numeric) IS 'sales of the amounts; NULL is no sale';

CREATE AGGREGATE kpi.sales_agg(amount double precision) (
	SFUNC = kpi.sales_trans, STYPE = kpi.sales, SSPACE = 48,
	INITCOND = 'n=0 total=0 squares=0',
	COMBINEFUNC = kpi.sales_pl,
	MSFUNC = kpi.sales_trans, MINVFUNC = kpi.sales_inv, MSTYPE = kpi.sales,
	MSSPACE = 48, MINITCOND = 'n=0 total=0 squares=0',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.sales_agg(double precision) IS 'sales of the amounts; NULL is no sale';

CREATE AGGREGATE kpi.sales_agg(amount bigint) (
	SFUNC = kpi.sales_trans, STYPE = kpi.sales, SSPACE = 48,
	INITCOND = 'n=0 total=0 squares=0',
	COMBINEFUNC = kpi.sales_pl,
	MSFUNC = kpi.sales_trans, MINVFUNC = kpi.sales_inv, MSTYPE = kpi.sales,
	MSSPACE = 48, MINITCOND = 'n=0 total=0 squares=0',
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.sales_agg(bigint) IS 'sales of the amounts; NULL is no sale';

CREATE AGGREGATE kpi.rollup(kpi.sales) (
	SFUNC = kpi.sales_pl, STYPE = kpi.sales, SSPACE = 48,
	COMBINEFUNC = kpi.sales_pl,
	MSFUNC = kpi.sales_pl, MINVFUNC = kpi.sales_mi, MSTYPE = kpi.sales, MSSPACE = 48,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.rollup(kpi.sales) IS 'all sales together; NULL over no rows';
