-- peer: own against the others of the group

CREATE FUNCTION kpi.peer_delta(own double precision, peers double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_peer_delta_float8';
COMMENT ON FUNCTION kpi.peer_delta(double precision, double precision) IS 'own against the peers as a fraction of theirs: -0.4 is 40 % below; NULL where the peers are not above 0';

CREATE FUNCTION kpi.peer_delta(own numeric, peers numeric) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_peer_delta_numeric';
COMMENT ON FUNCTION kpi.peer_delta(numeric, numeric) IS 'own against the peers as a fraction of theirs: -0.4 is 40 % below; NULL where the peers are not above 0';

CREATE FUNCTION kpi.peer_delta(own kpi.rate, peers kpi.rate) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_peer_delta_rate';
COMMENT ON FUNCTION kpi.peer_delta(kpi.rate, kpi.rate) IS 'own ratio against the peers'' as a fraction of theirs; NULL where nothing was decided, or nothing passed at the peers';

CREATE FUNCTION kpi.peer_delta(own kpi.sales, peers kpi.sales) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_peer_delta_sales';
COMMENT ON FUNCTION kpi.peer_delta(kpi.sales, kpi.sales) IS 'own average sale against the peers'' as a fraction of theirs; NULL without a sale, or where the peers'' average is not above 0';

CREATE FUNCTION kpi.peer_delta(own kpi.cycle, peers kpi.cycle) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_peer_delta_cycle';
COMMENT ON FUNCTION kpi.peer_delta(kpi.cycle, kpi.cycle) IS 'own average days to win against the peers'' as a fraction of theirs: above 0 is slower; NULL where nothing was won, or the peers'' average is 0';

-- window functions

CREATE FUNCTION kpi.peer_delta(value double precision) RETURNS double precision
	LANGUAGE C WINDOW IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_peer_delta_float8_over';
COMMENT ON FUNCTION kpi.peer_delta(double precision) IS 'own against the mean of the others of the partition, as a fraction of it: -0.4 is 40 % below; NULL is no peer and gets NULL; NULL without peers or where they are not above 0';

CREATE FUNCTION kpi.peer_delta(value numeric) RETURNS double precision
	LANGUAGE C WINDOW IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_peer_delta_numeric_over';
COMMENT ON FUNCTION kpi.peer_delta(numeric) IS 'own against the mean of the others of the partition, as a fraction of it: -0.4 is 40 % below; NULL is no peer and gets NULL; NULL without peers or where they are not above 0';

CREATE FUNCTION kpi.peer_delta(rate kpi.rate) RETURNS double precision
	LANGUAGE C WINDOW IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_peer_delta_rate_over';
COMMENT ON FUNCTION kpi.peer_delta(kpi.rate) IS 'own ratio against that of the others of the partition together, as a fraction of theirs; NULL where nothing was decided, without peers, or where nothing passed there';

CREATE FUNCTION kpi.peer_delta(sales kpi.sales) RETURNS double precision
	LANGUAGE C WINDOW IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_peer_delta_sales_over';
COMMENT ON FUNCTION kpi.peer_delta(kpi.sales) IS 'own average sale against that of the others of the partition together, as a fraction of theirs; NULL without a sale, without peers, or where theirs is not above 0';

CREATE FUNCTION kpi.peer_delta(cycle kpi.cycle) RETURNS double precision
	LANGUAGE C WINDOW IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_peer_delta_cycle_over';
COMMENT ON FUNCTION kpi.peer_delta(kpi.cycle) IS 'own average days to win against that of the others of the partition together, as a fraction of theirs: above 0 is slower; NULL where nothing was won, without peers, or where theirs is 0';
