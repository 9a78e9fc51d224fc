-- signal_test: every test of the refresh that can raise a signal, and whether it does

-- What is compared:
--
--   tactical      a KPI of one rep in the trailing window, against the peers, and against the rep's own past
--   strategic     a KPI of a whole team, pooled, against the team's own past
--   intervention  a gateway of a rep or team under its floor; and the barometer of four weeks under half
--
-- drop is (value - reference) / reference, and the other way round for the sales cycle, where longer is worse: -0.3 is
-- 30 % worse. p is one-sided, as only a drop makes a signal. q corrects p by Benjamini and Hochberg for all tests of the
-- refresh of the same kind and level. A signal is entered with q under q_limit and a drop of min_effect or more; it can stay
-- while q is at most twice q_limit and the drop at least half of min_effect, so that one at the edge does not flicker.
-- There must be a value to judge: none is entered under min_decisions, or where the gateway is recorded for fewer than
-- 90 % of the deals; and none stays where there is nothing to compare any more.
--
-- The value of the win ratio is the share of the own opportunities, never the planned one, and its test that of the won
-- among those won or lost. The sales cycle is the median, or, where follow-up is too short on either side, the mean days
-- of the won on both; its test is on the days of the won.
--
-- A gateway fails when its ratio is under the floor and under the peers' or the own past's, in this window and in the
-- period before it, each held against the same period of the peers, or the four periods before itself. As that is luck
-- often enough where a whole company is under a floor, both periods together must be below that reference by the limits
-- above, too; p and q are those of the stronger reference, value and drop are of this window against the floor. Floors
-- are the playbook's for all pipelines, those of the rep's own peer group first, of several the highest; the mart's
-- language does not matter but where the playbook says something else in another one. The barometer has no p: it is
-- under half when its upper bound is, in the last four weeks and in the four before.
CREATE OR REPLACE VIEW signal_test_now AS
WITH own AS (
	SELECT m.level, m.subject, m.kpi, coalesce(r.peer_group, '') AS circle, m.n, coalesce(m.recorded, 1) AS recorded, m.peers_near,
		m.rate, m.sales, m.cycle,
		CASE WHEN m.kpi = 'win_ratio' THEN kpi.rate(kpi.won(m.cycle), kpi.won(m.cycle) + kpi.lost(m.cycle)) END AS ended,
		p.rate AS past_rate, p.sales AS past_sales, p.cycle AS past_cycle,
		CASE WHEN m.kpi = 'win_ratio' THEN kpi.rate(kpi.won(p.cycle), kpi.won(p.cycle) + kpi.lost(p.cycle)) END AS past_ended,
		p.before_rate, p.earlier_rate
	FROM measure AS m LEFT JOIN past AS p USING (level, subject, kpi) LEFT JOIN roster AS r ON m.level = 'rep' AND r.rep_id::text = m.subject
),
-- the peers are those of the measure
pooled AS (
	SELECT o.*,
		CASE WHEN peers_near THEN circle_rate ELSE all_rate END OPERATOR(kpi.-) rate AS peers_rate,
		CASE WHEN peers_near THEN circle_sales ELSE all_sales END OPERATOR(kpi.-) sales AS peers_sales,
		CASE WHEN peers_near THEN circle_cycle ELSE all_cycle END OPERATOR(kpi.-) cycle AS peers_cycle,
		CASE WHEN peers_near THEN circle_ended ELSE all_ended END OPERATOR(kpi.-) ended AS peers_ended,
		CASE WHEN peers_near THEN circle_before ELSE all_before END OPERATOR(kpi.-) before_rate AS peers_before_rate,
		f.floor
	FROM (
		SELECT own.*,
			kpi.rollup(rate) OVER circles AS circle_rate, kpi.rollup(rate) OVER everybody AS all_rate,
			kpi.rollup(sales) OVER circles AS circle_sales, kpi.rollup(sales) OVER everybody AS all_sales,
			kpi.rollup(cycle) OVER circles AS circle_cycle, kpi.rollup(cycle) OVER everybody AS all_cycle,
			kpi.rollup(ended) OVER circles AS circle_ended, kpi.rollup(ended) OVER everybody AS all_ended,
			kpi.rollup(before_rate) OVER circles AS circle_before, kpi.rollup(before_rate) OVER everybody AS all_before
		FROM own
		WINDOW circles AS (PARTITION BY level, kpi, circle), everybody AS (PARTITION BY level, kpi)
	) AS o
	LEFT JOIN LATERAL (
		SELECT p.floor
		FROM playbook AS p, config AS c
		WHERE o.rate IS NOT NULL AND p.kpi = o.kpi AND comparison = 'value' AND pipeline = '' AND p.peer_group IN ('', o.circle)
		ORDER BY p.peer_group = '', p.locale <> c.locale, p.floor DESC
		LIMIT 1
	) AS f ON true
),
compared AS MATERIALIZED (
	SELECT level, subject, o.kpi, n, recorded, o.rate AS window_rate, before_rate, floor, t.*,
		CASE
			WHEN kind = 'intervention' THEN kpi.ratio(o.rate) < floor AND kpi.ratio(before_rate) < floor
				AND kpi.ratio(o.rate) < kpi.ratio(window_reference) AND kpi.ratio(before_rate) < kpi.ratio(before_reference)
				AND kpi.decided(before_rate) >= min_decisions
			ELSE true
		END AS fails,
		CASE
			WHEN o.kpi = 'win_ratio' THEN kpi.win_probability(t.cycle, cycle_horizon_days)
			WHEN o.kpi = 'average_revenue' THEN kpi.average(t.sales)::double precision
			WHEN o.kpi = 'sales_cycle' THEN CASE WHEN medians THEN median ELSE kpi.average_days(t.cycle) END
			ELSE kpi.ratio(t.rate)
		END AS value,
		CASE
			WHEN o.kpi = 'win_ratio' THEN kpi.win_probability(reference_cycle, cycle_horizon_days)
			WHEN o.kpi = 'average_revenue' THEN kpi.average(reference_sales)::double precision
			WHEN o.kpi = 'sales_cycle' THEN CASE WHEN medians THEN reference_median ELSE kpi.average_days(reference_cycle) END
			ELSE kpi.ratio(reference_rate)
		END AS reference,
		CASE o.kpi
			WHEN 'win_ratio' THEN kpi.p_value(t.rate, reference_rate, 'less')
			WHEN 'sales_cycle' THEN kpi.p_value(t.cycle, reference_cycle, 'greater')
			ELSE coalesce(kpi.p_value(t.rate, reference_rate, 'less'), kpi.mart_p_value_of_drop(t.sales, reference_sales))
		END AS p
	FROM config CROSS JOIN pooled AS o,
		LATERAL (VALUES
			('tactical', 'peers', level = 'rep', coalesce(o.rate, ended), o.sales, o.cycle, coalesce(peers_rate, peers_ended), peers_sales, peers_cycle,
				NULL::kpi.rate, NULL::kpi.rate),
			(CASE level WHEN 'rep' THEN 'tactical' ELSE 'strategic' END, 'past', true, coalesce(o.rate, ended), o.sales, o.cycle,
				coalesce(past_rate, past_ended), past_sales, past_cycle, NULL, NULL),
			('intervention', 'peers', floor IS NOT NULL, o.rate OPERATOR(kpi.+) before_rate, NULL, NULL,
				peers_rate OPERATOR(kpi.+) peers_before_rate, NULL, NULL, peers_rate, peers_before_rate),
			('intervention', 'past', floor IS NOT NULL, o.rate OPERATOR(kpi.+) before_rate, NULL, NULL,
				earlier_rate, NULL, NULL, past_rate, earlier_rate)
		) AS t(kind, against, is_done, rate, sales, cycle, reference_rate, reference_sales, reference_cycle, window_reference, before_reference)
		LEFT JOIN LATERAL (
			SELECT kpi.median_days(t.cycle, cycle_horizon_days), kpi.median_days(reference_cycle, cycle_horizon_days)
			WHERE o.kpi = 'sales_cycle'
			OFFSET 0	-- computed once
		) AS m(median, reference_median) ON true,
		LATERAL (SELECT median IS NOT NULL AND reference_median IS NOT NULL) AS b(medians)
	WHERE is_done
),
tested AS (
	SELECT c.*, drop, CASE WHEN drop IS NOT NULL THEN p END AS p_of_drop,
		kpi.q_value(CASE WHEN drop IS NOT NULL THEN p END) OVER (PARTITION BY kind, level) AS q
	FROM compared AS c, LATERAL (SELECT CASE kpi WHEN 'sales_cycle' THEN -1 ELSE 1 END * kpi.peer_delta(value, reference)) AS d(drop)
),
judged AS (
	SELECT t.*,
		coalesce(fails AND n >= min_decisions AND recorded >= 0.9 AND q < q_limit AND drop <= -min_effect, false) AS enters,
		coalesce(q <= 2 * q_limit AND drop <= -min_effect / 2, false) AS stays
	FROM tested AS t, config
),
-- the four weeks before this Monday, and the four before these
month AS (
	SELECT level, subject,
		sum(done) FILTER (WHERE months_ago = 0)::bigint AS done, sum(required) FILTER (WHERE months_ago = 0) AS required,
		sum(done) FILTER (WHERE months_ago = 1)::bigint AS before_done, sum(required) FILTER (WHERE months_ago = 1) AS before_required
	FROM (
		SELECT rep_id, team, (n - 1) / 4 AS months_ago, sum(done) AS done, CASE WHEN count(required) = 4 THEN sum(required) END AS required
		FROM period CROSS JOIN roster CROSS JOIN generate_series(1, 8) AS n
			JOIN LATERAL (SELECT required FROM required_weekly AS r WHERE r.rep_id = roster.rep_id AND r.week = monday - 7 * n) AS r ON true,
			LATERAL (SELECT coalesce(sum(new_opportunities), 0) FROM rep_week AS w WHERE w.rep_id = roster.rep_id AND w.week = monday - 7 * n) AS d(done)
		GROUP BY rep_id, team, months_ago
	) AS m, LATERAL (VALUES ('rep', rep_id::text), ('team', team)) AS l(level, subject)
	WHERE required > 0 AND (level = 'rep' OR subject <> '')
	GROUP BY level, subject
)
SELECT level, subject, kpi, kind, against, value::numeric(24,6) AS value, reference::numeric(24,6) AS reference, drop::numeric(24,6) AS drop,
	n, p::numeric(12,6) AS p, q::numeric(12,6) AS q, enters, stays
FROM (
	SELECT level, subject, kpi, kind, against, value, reference, drop, n, p_of_drop AS p, q, enters, stays
	FROM judged
	WHERE kind <> 'intervention'
	UNION ALL (
		SELECT DISTINCT ON (level, subject, kpi) level, subject, kpi, kind, 'floor', kpi.ratio(window_rate), floor,
			kpi.ratio(window_rate) / nullif(floor, 0) - 1, n, p, q, enters, stays AND coalesce(kpi.ratio(window_rate) < floor, false)
		FROM judged
		WHERE kind = 'intervention'
		ORDER BY level, subject, kpi, enters DESC, stays DESC, q, p, against
	)
	UNION ALL
	SELECT level, subject, 'barometer', 'intervention', 'floor', done / required, 0.5, done / required / 0.5 - 1, done, NULL, NULL,
		highest < required / 2 AND before_highest < before_required / 2,
		done / required / 0.5 - 1 <= -min_effect / 2
	FROM month CROSS JOIN config,
		kpi.mart_count_interval(done, confidence) AS i(lowest, highest),
		kpi.mart_count_interval(before_done, confidence) AS j(before_lowest, before_highest)
	WHERE required > 0 AND before_required > 0
) AS t;

CREATE TABLE IF NOT EXISTS signal_test (LIKE signal_test_now, PRIMARY KEY (level, subject, kpi, kind, against));
