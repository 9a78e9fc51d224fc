-- prior: what the peers tell of a rep with little data

CREATE TYPE kpi.beta_prior AS (
	alpha double precision,
	beta double precision
);
COMMENT ON TYPE kpi.beta_prior IS 'distribution of the ratios of a group: as if alpha of alpha + beta decisions had passed';
COMMENT ON COLUMN kpi.beta_prior.alpha IS 'passed, as it were; 1e-10 to 1e30';
COMMENT ON COLUMN kpi.beta_prior.beta IS 'failed, as it were; 1e-10 to 1e30';

-- private functions: composite values are taken apart in SQL

CREATE FUNCTION kpi.posterior_mean(kpi.rate, double precision, double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_posterior_mean';

CREATE FUNCTION kpi.posterior_low(kpi.rate, double precision, double precision, double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_posterior_low';

CREATE FUNCTION kpi.posterior_high(kpi.rate, double precision, double precision, double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_posterior_high';

CREATE FUNCTION kpi.prior_trans(kpi.rate[], kpi.rate) RETURNS kpi.rate[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_prior_trans';

CREATE FUNCTION kpi.prior_combine(kpi.rate[], kpi.rate[]) RETURNS kpi.rate[]
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_prior_combine';

CREATE FUNCTION kpi.prior_final(kpi.rate[]) RETURNS kpi.beta_prior
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_prior_final';

-- functions

CREATE FUNCTION kpi.adjusted_ratio(rate kpi.rate, prior kpi.beta_prior) RETURNS double precision
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN kpi.posterior_mean(rate, (prior).alpha, (prior).beta);
COMMENT ON FUNCTION kpi.adjusted_ratio(kpi.rate, kpi.beta_prior) IS 'ratio drawn towards that of the group, the more so the fewer its decisions, 0 to 1; the group''s where nothing was decided';

CREATE FUNCTION kpi.low(rate kpi.rate, prior kpi.beta_prior, confidence double precision DEFAULT 0.95) RETURNS double precision
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN kpi.posterior_low(rate, (prior).alpha, (prior).beta, confidence);
COMMENT ON FUNCTION kpi.low(kpi.rate, kpi.beta_prior, double precision) IS 'lower bound of the adjusted ratio: the ratio is below it with probability (1 - confidence) / 2';

CREATE FUNCTION kpi.high(rate kpi.rate, prior kpi.beta_prior, confidence double precision DEFAULT 0.95) RETURNS double precision
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN kpi.posterior_high(rate, (prior).alpha, (prior).beta, confidence);
COMMENT ON FUNCTION kpi.high(kpi.rate, kpi.beta_prior, double precision) IS 'upper bound of the adjusted ratio: the ratio is above it with probability (1 - confidence) / 2';

-- aggregates

CREATE AGGREGATE kpi.prior_agg(rate kpi.rate) (
	SFUNC = kpi.prior_trans, STYPE = kpi.rate[], SSPACE = 1024, INITCOND = '{}',
	FINALFUNC = kpi.prior_final, COMBINEFUNC = kpi.prior_combine,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE kpi.prior_agg(kpi.rate) IS 'distribution of the ratios of a group, from the rates of its members; a rate with nothing decided says nothing; NULL over no others';
