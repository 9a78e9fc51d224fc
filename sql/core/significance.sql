-- significance: is own really different from the peers', or is it luck?

CREATE FUNCTION kpi.p_value(own kpi.rate, peers kpi.rate, alternative text DEFAULT 'two.sided') RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_p_value_rate';
COMMENT ON FUNCTION kpi.p_value(kpi.rate, kpi.rate, text) IS 'p of the test that own ratio is the peers'': Fisher''s exact test, above 10,000 decisions the score test; alternative two.sided, less or greater; NULL where either decided nothing';

CREATE FUNCTION kpi.p_value(own kpi.sales, peers kpi.sales, alternative text DEFAULT 'two.sided') RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_p_value_sales';
COMMENT ON FUNCTION kpi.p_value(kpi.sales, kpi.sales, text) IS 'p of the test that own average sale is the peers'': Welch''s t test; alternative two.sided, less or greater; NULL where either has under two sales, or all are equal';

CREATE FUNCTION kpi.p_value(own kpi.cycle, peers kpi.cycle, alternative text DEFAULT 'two.sided') RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_p_value_cycle';
COMMENT ON FUNCTION kpi.p_value(kpi.cycle, kpi.cycle, text) IS 'p of the test that own days of the won are the peers'': Wilcoxon''s rank-sum test, exact up to 50 won together; alternative two.sided, less (own is faster) or greater; NULL where either won none';

CREATE FUNCTION kpi.p_value_win_curve(own kpi.cycle, peers kpi.cycle) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_p_value_win_curve';
COMMENT ON FUNCTION kpi.p_value_win_curve(kpi.cycle, kpi.cycle) IS 'p of the test that own opportunities are won at the rate of the peers'' at every age: log-rank test, two-sided; NULL where both are never at risk together when one is won';

CREATE FUNCTION kpi.q_values(p double precision[]) RETURNS double precision[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_q_values';
COMMENT ON FUNCTION kpi.q_values(double precision[]) IS 'p values of many tests corrected for their number: Benjamini and Hochberg''s false discovery rate; a NULL element is no test and stays NULL';

CREATE FUNCTION kpi.q_value(p double precision) RETURNS double precision
	LANGUAGE C WINDOW IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_q_value_over';
COMMENT ON FUNCTION kpi.q_value(double precision) IS 'p value corrected for the number of tests in the partition: Benjamini and Hochberg''s false discovery rate; NULL is no test and gets NULL';
