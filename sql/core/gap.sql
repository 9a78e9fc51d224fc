-- gap: the gap in expected revenue between own and peers, split into parts

CREATE FUNCTION kpi.gap_parts(
	own_opportunities double precision, own_proposal kpi.rate, own_closing kpi.rate, own_sales kpi.sales,
	peers_opportunities double precision, peers_proposal kpi.rate, peers_closing kpi.rate, peers_sales kpi.sales,
	OUT part text, OUT own double precision, OUT peers double precision, OUT revenue numeric)
	RETURNS SETOF record
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 4 AS 'MODULE_PATHNAME', 'kpi_gap_parts';
COMMENT ON FUNCTION kpi.gap_parts(double precision, kpi.rate, kpi.rate, kpi.sales, double precision, kpi.rate, kpi.rate, kpi.sales) IS 'the gap in expected revenue, own less peers, split by Shapley values into what the opportunities, the proposal ratio, the closing ratio and the average sale make of it: four rows whose revenue adds up to the gap';
