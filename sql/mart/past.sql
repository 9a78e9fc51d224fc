-- past: each KPI of each rep and team before the trailing window, which signals hold it against

-- A period is as long as the window; periods are counted back from it without overlap, so the first one ends where the
-- window begins. The own past of a KPI is the four periods before, pooled. Interventions look at the period before the
-- window, too, and at the four before that one.
CREATE OR REPLACE VIEW past_now AS
WITH counted AS (
	SELECT rep_id, (monday - 7 - week) / (7 * trailing_weeks) AS periods_ago,
		kpi.rate(sum(appointment_passed)::bigint, sum(appointment_decided)::bigint) AS appointment,
		kpi.rate(sum(proposal_passed)::bigint, sum(proposal_decided)::bigint) AS proposal,
		kpi.rate(sum(closing_passed)::bigint, sum(closing_decided)::bigint) AS closing,
		kpi.rollup(sales) AS sales
	FROM rep_week, period, config
	WHERE week >= from_date - 35 * trailing_weeks AND week < from_date
	GROUP BY rep_id, periods_ago
),
part AS (
	SELECT rep_id, periods_ago, k.*
	FROM counted,
		LATERAL (VALUES
			('appointment_ratio', appointment, NULL::kpi.sales),
			('proposal_ratio', proposal, NULL),
			('closing_ratio', closing, NULL),
			('average_revenue', NULL, sales)
		) AS k(kpi, rate, sales)
),
whole AS (
	SELECT rep_id, kpi,
		kpi.rollup(rate) FILTER (WHERE periods_ago <= 4) AS rate,
		kpi.rollup(sales) FILTER (WHERE periods_ago <= 4) AS sales,
		NULL::kpi.cycle AS cycle,
		kpi.rollup(rate) FILTER (WHERE periods_ago = 1) AS before_rate,
		kpi.rollup(rate) FILTER (WHERE periods_ago >= 2) AS earlier_rate
	FROM part
	GROUP BY rep_id, kpi
	UNION ALL
	SELECT rep_id, k.kpi, NULL, NULL, cycle, NULL, NULL
	FROM curve JOIN config ON span = 'past',
		LATERAL (VALUES
			('sales_cycle', 'creation'),
			('win_ratio', CASE WHEN 'appointment' = ANY (gateways) THEN 'appointment' ELSE 'creation' END)
		) AS k(kpi, counted_from)
	WHERE start = counted_from
)
SELECT level, subject, kpi, kpi.rollup(rate) AS rate, kpi.rollup(sales) AS sales, kpi.rollup(cycle) AS cycle,
	kpi.rollup(before_rate) AS before_rate, kpi.rollup(earlier_rate) AS earlier_rate
FROM roster JOIN whole USING (rep_id),
	LATERAL (VALUES ('rep', rep_id::text), ('team', team)) AS l(level, subject)
WHERE level = 'rep' OR subject <> ''
GROUP BY level, subject, kpi;

CREATE TABLE IF NOT EXISTS past (LIKE past_now, PRIMARY KEY (level, subject, kpi));
