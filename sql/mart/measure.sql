-- measure: each KPI of the trailing window, of each rep and team, against the peers: the tests are done here, once

-- The sales cycle is the median; where follow-up is too short for one, of the own deals or of the peers', it is the mean days
-- of the won, of both, and its basis 'average'. Who has just begun can have won only what is won fast: on the averages of a rep
-- hired within the horizon there is no verdict.
CREATE OR REPLACE VIEW measure_now AS
WITH own AS (
	SELECT rep_id, team, peer_group,
		kpi.rate(appointment_passed, appointment_decided) AS appointment,
		kpi.rate(proposal_passed, proposal_decided) AS proposal,
		kpi.rate(closing_passed, closing_decided) AS closing,
		-- out of order, an appointment can be imputed in another week than the next gateway is passed in
		CASE WHEN 'appointment' = ANY (gateways) THEN kpi.rate(greatest(next_passed - appointment_imputed, 0), next_passed) END AS appointment_recorded,
		CASE WHEN 'proposal' = ANY (gateways) THEN kpi.rate(closing_passed - proposal_imputed, closing_passed) END AS proposal_recorded,
		sales, coalesce(hired_on > monday - cycle_horizon_days, false) AS is_new
	FROM roster JOIN rep_window USING (rep_id) CROSS JOIN (SELECT gateways, cycle_horizon_days, monday FROM config, period) AS g,
		LATERAL (SELECT CASE WHEN 'proposal' = ANY (gateways) THEN proposal_passed ELSE closing_passed END) AS n(next_passed)
),
cycles AS (
	SELECT r.rep_id, coalesce(c.cycle, 'empty') AS sales_cycle, coalesce(w.cycle, 'empty') AS win
	FROM roster AS r
	LEFT JOIN curve AS c ON c.rep_id = r.rep_id AND c.start = 'creation' AND c.span = 'trailing'
	LEFT JOIN curve AS w ON w.rep_id = r.rep_id AND w.span = 'trailing'
		AND w.start = CASE WHEN 'appointment' = ANY ((SELECT gateways FROM config)::text[]) THEN 'appointment' ELSE 'creation' END
),
-- one row per rep or team and KPI; a team's peers are the other teams
part AS (
	SELECT o.rep_id, level, subject, o.team, circle, level = 'rep' AND is_new AS is_new, k.*
	FROM own AS o JOIN cycles AS c USING (rep_id),
		LATERAL (VALUES ('rep', o.rep_id::text, o.peer_group), ('team', o.team, '')) AS l(level, subject, circle),
		LATERAL (VALUES
			('appointment_ratio', appointment, appointment_recorded, NULL::kpi.sales, NULL::kpi.cycle),
			('proposal_ratio', proposal, proposal_recorded, NULL, NULL),
			('closing_ratio', closing, NULL, NULL, NULL),
			('win_ratio', NULL, NULL, NULL, c.win),
			('average_revenue', NULL, NULL, sales, NULL),
			('sales_cycle', NULL, NULL, NULL, c.sales_cycle)
		) AS k(kpi, rate, recorded, sales, cycle)
	WHERE level = 'rep' OR subject <> ''
),
summary AS (
	SELECT level, subject, team, circle, is_new, kpi, rate, recorded, sales, cycle,
		CASE kpi
			WHEN 'win_ratio' THEN kpi.won(cycle) + kpi.lost(cycle)
			ELSE coalesce(kpi.decided(rate), kpi.sales_count(sales), kpi.won(cycle))
		END AS n,
		CASE WHEN kpi = 'win_ratio' THEN kpi.rate(kpi.won(cycle), kpi.won(cycle) + kpi.lost(cycle)) END AS ended
	FROM (
		SELECT level, subject, min(team) AS team, circle, bool_or(is_new) AS is_new, kpi, kpi.rollup(rate) AS rate, kpi.rollup(recorded) AS recorded,
			kpi.rollup(sales) AS sales, kpi.rollup(cycle) AS cycle
		FROM part
		GROUP BY level, subject, circle, kpi
	) AS m
),
-- the peers are the others of the circle or, where they decided too little, of the company
pooled AS (
	SELECT s.*,
		CASE WHEN near THEN circle_rate ELSE all_rate END OPERATOR(kpi.-) rate AS peers_rate,
		CASE WHEN near THEN circle_sales ELSE all_sales END OPERATOR(kpi.-) sales AS peers_sales,
		CASE WHEN near THEN circle_cycle ELSE all_cycle END OPERATOR(kpi.-) cycle AS peers_cycle,
		CASE WHEN near THEN circle_ended ELSE all_ended END OPERATOR(kpi.-) ended AS peers_ended,
		CASE WHEN circle <> '' AND circle_members >= 10 THEN circle_prior ELSE all_prior END AS prior
	FROM (
		SELECT summary.*,
			(level = 'team' OR circle <> '') AND sum(n) OVER circles - n >= (SELECT min_decisions FROM config) AS near,
			count(*) OVER circles AS circle_members,
			kpi.rollup(rate) OVER circles AS circle_rate, kpi.rollup(rate) OVER everybody AS all_rate,
			kpi.rollup(sales) OVER circles AS circle_sales, kpi.rollup(sales) OVER everybody AS all_sales,
			kpi.rollup(cycle) OVER circles AS circle_cycle, kpi.rollup(cycle) OVER everybody AS all_cycle,
			kpi.rollup(ended) OVER circles AS circle_ended, kpi.rollup(ended) OVER everybody AS all_ended,
			kpi.prior_agg(ended) OVER circles AS circle_prior, kpi.prior_agg(ended) OVER everybody AS all_prior
		FROM summary
		WINDOW circles AS (PARTITION BY level, kpi, circle), everybody AS (PARTITION BY level, kpi)
	) AS s
),
valued AS (
	SELECT p.*, medians,
		CASE kpi
			WHEN 'win_ratio' THEN kpi.win_probability(cycle, horizon)
			WHEN 'sales_cycle' THEN CASE WHEN medians THEN median ELSE kpi.average_days(cycle) END
			WHEN 'average_revenue' THEN kpi.average(sales)::double precision
			ELSE kpi.ratio(rate)
		END AS own_value,
		CASE kpi
			WHEN 'win_ratio' THEN kpi.win_probability(peers_cycle, horizon)
			WHEN 'sales_cycle' THEN CASE WHEN medians THEN peers_median ELSE kpi.average_days(peers_cycle) END
			WHEN 'average_revenue' THEN kpi.average(peers_sales)::double precision
			ELSE kpi.ratio(peers_rate)
		END AS peers_value,
		CASE kpi
			WHEN 'win_ratio' THEN kpi.won(peers_cycle) + kpi.lost(peers_cycle)
			ELSE coalesce(kpi.decided(peers_rate), kpi.sales_count(peers_sales), kpi.won(peers_cycle))
		END AS peers_n,
		CASE kpi
			WHEN 'win_ratio' THEN kpi.win_probability_low(cycle, horizon, confidence)
			WHEN 'sales_cycle' THEN kpi.low_days(cycle, horizon, confidence)
			ELSE coalesce(kpi.low(rate, confidence), kpi.low(sales, confidence))
		END AS low,
		CASE kpi
			WHEN 'win_ratio' THEN kpi.win_probability_high(cycle, horizon, confidence)
			WHEN 'sales_cycle' THEN kpi.high_days(cycle, horizon, confidence)
			ELSE coalesce(kpi.high(rate, confidence), kpi.high(sales, confidence))
		END AS high,
		CASE kpi
			WHEN 'win_ratio' THEN kpi.p_value(ended, peers_ended)	-- log-rank would tell speeds apart, too
			ELSE coalesce(kpi.p_value(rate, peers_rate), kpi.p_value(sales, peers_sales), kpi.p_value(cycle, peers_cycle))
		END AS p
	FROM pooled AS p CROSS JOIN (SELECT cycle_horizon_days, confidence FROM config) AS c(horizon, confidence)
		LEFT JOIN LATERAL (
			SELECT kpi.median_days(cycle, horizon), kpi.median_days(peers_cycle, horizon)
			WHERE kpi = 'sales_cycle'
			OFFSET 0	-- computed once
		) AS m(median, peers_median) ON true,
		LATERAL (SELECT median IS NOT NULL AND (coalesce(peers_median, 0) > 0 OR kpi.won(peers_cycle) = 0)) AS b(medians)
),
planned AS (
	SELECT v.*,
		CASE kpi WHEN 'win_ratio' THEN win_ratio ELSE own_value END AS value,
		CASE WHEN kpi = 'win_ratio' THEN plan.basis WHEN own_value IS NULL THEN '' WHEN kpi = 'sales_cycle' AND NOT medians THEN 'average' ELSE 'own' END AS basis,
		CASE
			WHEN kpi IN ('win_ratio', 'sales_cycle') THEN kpi.peer_delta(own_value, peers_value)
			ELSE coalesce(kpi.peer_delta(rate, peers_rate), kpi.peer_delta(sales, peers_sales))
		END AS delta,
		kpi.q_value(p) OVER (PARTITION BY level) AS q
	FROM valued AS v, (SELECT cycle_horizon_days, min_decisions FROM config) AS c(horizon, min_decisions),
		kpi.mart_win_ratio(cycle, peers_cycle, prior, horizon, min_decisions) AS plan
)
SELECT level, subject, kpi,
	value, basis, n::bigint AS n,
	-- of what is planned with, or an average, there is none
	CASE WHEN basis = 'own' THEN low END AS low, CASE WHEN basis = 'own' THEN high END AS high,
	peers_value, peers_n::bigint AS peers_n, near AS peers_near, delta, p, q,
	kpi.ratio(recorded)::numeric(12,6) AS recorded,
	CASE
		WHEN n < min_decisions OR delta IS NULL OR basis = 'average' AND is_new THEN 'too few'
		WHEN kpi.ratio(recorded) < 0.9 THEN 'recording'
		WHEN q < q_limit AND abs(delta) >= min_effect THEN
			CASE WHEN (delta > 0) = (kpi <> 'sales_cycle') THEN 'good' ELSE 'bad' END
		ELSE 'even'
	END AS verdict,
	rate, sales, cycle
FROM planned, (SELECT min_decisions, q_limit, min_effect FROM config) AS c(min_decisions, q_limit, min_effect);

CREATE TABLE IF NOT EXISTS measure (LIKE measure_now, PRIMARY KEY (level, subject, kpi));
