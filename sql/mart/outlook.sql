-- outlook: what the open deals of each rep are reckoned with, by the gateway that they have passed: how much oftener they
-- are won than the peer group's, and what a sale brings; from the trailing year
CREATE OR REPLACE VIEW outlook_now AS
WITH setting AS (
	SELECT cycle_horizon_days, min_decisions, year_from_date, monday FROM config, period
),
peers AS (
	SELECT peer_group, gateway, CASE gateway WHEN 'created' THEN 'creation' ELSE gateway END AS start, win_ratio,
		kpi.won(cycle)::double precision / nullif(kpi.won(cycle) + kpi.lost(cycle), 0) AS ended_ratio,
		(kpi.win_probability_high(cycle, cycle_horizon_days, 0.95) - kpi.win_probability_low(cycle, cycle_horizon_days, 0.95)) / (2 * 1.959963984540054) / win_ratio AS error
	FROM group_curve, setting, LATERAL (SELECT nullif(kpi.win_probability(cycle, cycle_horizon_days), 0)) AS w(win_ratio)
),
-- wins, of so many opportunities: as many as the own curve makes of them or, where it is too short, as the group's does of
-- those that have ended
own AS (
	SELECT r.rep_id, p.peer_group, gateway, win_ratio, error, wins, ended,
		CASE WHEN win_ratio IS NOT NULL THEN
			kpi.rate(wins, greatest(wins, round(coalesce(wins / nullif(kpi.win_probability(c.cycle, cycle_horizon_days), 0), ended * ended_ratio / win_ratio))::bigint))
		END AS rate
	FROM setting CROSS JOIN roster AS r
	JOIN peers AS p ON p.peer_group = r.peer_group
	LEFT JOIN curve AS c ON c.rep_id = r.rep_id AND c.span = 'year' AND c.start = p.start,
		LATERAL (SELECT coalesce(kpi.won(c.cycle), 0), coalesce(kpi.won(c.cycle) + kpi.lost(c.cycle), 0)) AS e(wins, ended)
),
-- drawn towards the group's, the more the less the ratios of reps differ (kappa)
levelled AS (
	SELECT rep_id, peer_group, gateway, wins, ended,
		coalesce(ratio / win_ratio, 1) AS win_level,
		sqrt(coalesce((1 - ratio) / ratio / (n + kappa + 1), 0) + (coalesce(kappa / (n + kappa), 1) * coalesce(error, 0)) ^ 2) AS win_level_error
	FROM (SELECT own.*, kpi.decided(rate) AS n, kpi.prior_agg(rate) OVER (PARTITION BY gateway) AS prior FROM own) AS o,
		LATERAL (SELECT (prior).alpha + (prior).beta) AS k(kappa),
		LATERAL (SELECT (wins + kappa * win_ratio) / (n + kappa)) AS r(ratio)
),
sold AS (
	SELECT rep_id,
		CASE WHEN kpi.sales_count(own_sales) >= min_decisions THEN own_sales
			WHEN kpi.sales_count(group_sales) >= min_decisions THEN group_sales
			ELSE all_sales
		END AS sales,
		busiest_week
	FROM setting CROSS JOIN (
		SELECT r.rep_id, own_sales, kpi.rollup(own_sales) OVER (PARTITION BY peer_group) AS group_sales, kpi.rollup(own_sales) OVER () AS all_sales,
			max(own_busiest) OVER () AS busiest_week
		FROM roster AS r LEFT JOIN (
			SELECT rep_id, kpi.rollup(sales), max(new_opportunities)
			FROM (
				SELECT rep_id, kpi.rollup(w.sales) AS sales, sum(w.new_opportunities)::bigint AS new_opportunities
				FROM setting, rep_week AS w
				WHERE week >= year_from_date AND week < monday
				GROUP BY rep_id, week
			) AS w
			GROUP BY rep_id
		) AS w(rep_id, own_sales, own_busiest) USING (rep_id)
	) AS r
)
SELECT rep_id, gateway, l.peer_group, ends_on, wins, ended,
	win_level::numeric(12,6) AS win_level, win_level_error::numeric(12,6) AS win_level_error,
	kpi.sales_count(sales) AS sales_count, kpi.average(sales)::numeric(18,2) AS average_revenue, kpi.stddev(sales)::numeric(18,2) AS revenue_stddev,
	busiest_week, quartile_1_days, quartile_2_days, quartile_3_days
FROM levelled AS l JOIN sold USING (rep_id) JOIN group_curve USING (peer_group, gateway) LEFT JOIN current_goal USING (rep_id);

CREATE TABLE IF NOT EXISTS outlook (LIKE outlook_now, PRIMARY KEY (rep_id, gateway));
