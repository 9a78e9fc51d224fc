-- required_weekly: the new opportunities that each rep's goal took in a week, as known when the week began: rows are
-- never changed; on the first refresh twelve weeks are filled backwards
CREATE TABLE IF NOT EXISTS required_weekly (
	rep_id {rep_id} NOT NULL,
	week date NOT NULL,
	required numeric(24,6),
	goal_revenue numeric(18,2),
	goal_weeks numeric(12,6),
	win_ratio numeric(12,6),
	basis text,
	average_revenue numeric(18,2),
	PRIMARY KEY (rep_id, week)
);

CREATE OR REPLACE VIEW required_weekly_new AS
WITH setting AS NOT MATERIALIZED (
	SELECT trailing_weeks, cycle_horizon_days, min_decisions, from_date, monday,
		CASE WHEN 'appointment' = ANY (gateways) THEN 'appointment' ELSE 'creation' END AS start
	FROM config, period
),
missing AS (
	SELECT m::date AS week
	FROM setting, generate_series((monday - 84)::timestamp, monday::timestamp, interval '7 days') AS m
	WHERE EXISTS (
		SELECT FROM usable_goal JOIN roster USING (rep_id)
		WHERE m::date BETWEEN starts_on AND ends_on AND ({hired_on} IS NULL OR {hired_on} <= m::date + 6) AND ({left_on} IS NULL OR {left_on} >= m::date)
			AND NOT EXISTS (SELECT FROM required_weekly AS r WHERE r.rep_id = usable_goal.rep_id AND r.week = m::date)
	)
),
-- what was seen in the weeks before each of the twelve past Mondays, in one pass, and only when one of them is missing
local AS (
	SELECT rep_id, won, CASE (SELECT start FROM setting) WHEN 'appointment' THEN appointment_on ELSE created_on END AS started, closed_on AS closed
	FROM reached
	WHERE (SELECT count(*) FROM missing, period WHERE week < period.monday) > 0
		AND counted AND (won IS NULL OR closed_on >= (SELECT monday - 7 * (trailing_weeks + 12) FROM setting))
),
past AS (
	SELECT rep_id, kpi.mart_cycles(started, closed, won,
		ARRAY(SELECT from_date - 7 * ago FROM period, generate_series(1, 12) AS ago ORDER BY ago),
		ARRAY(SELECT monday - 7 * ago FROM period, generate_series(1, 12) AS ago ORDER BY ago)) AS cycles
	FROM local
	GROUP BY rep_id
),
window_of AS (
	SELECT m.week, p.rep_id, p.cycles[(monday - m.week) / 7] AS cycle
	FROM missing AS m, setting, past AS p
	WHERE m.week < monday
	UNION ALL
	SELECT m.week, c.rep_id, c.cycle
	FROM missing AS m, setting, curve AS c
	WHERE m.week = monday AND c.start = setting.start AND c.span = 'trailing'
),
sold AS (
	SELECT m.week, w.rep_id, kpi.rollup(w.sales) AS sales
	FROM missing AS m, setting, rep_week AS w
	WHERE w.week >= m.week - 7 * trailing_weeks AND w.week < m.week
		AND w.week >= (SELECT min(week) - 7 * min(trailing_weeks) FROM missing, setting)
	GROUP BY m.week, w.rep_id
),
own AS (
	SELECT week, rep_id, peer_group, coalesce(cycle, 'empty') AS cycle, coalesce(sales, 'n=0 total=0 squares=0') AS sales,
		kpi.rate(kpi.won(cycle), kpi.won(cycle) + kpi.lost(cycle)) AS ended
	FROM missing CROSS JOIN roster LEFT JOIN window_of USING (week, rep_id) LEFT JOIN sold USING (week, rep_id)
),
planned AS (
	SELECT o.*, plan.*,
		CASE WHEN kpi.sales_count(sales) >= min_decisions THEN sales
			WHEN peer_group <> '' AND kpi.sales_count(group_sales OPERATOR(kpi.-) sales) >= min_decisions THEN group_sales OPERATOR(kpi.-) sales
			ELSE all_sales OPERATOR(kpi.-) sales
		END AS plan_sales
	FROM (
		SELECT own.*,
			kpi.rollup(cycle) OVER peers AS group_cycle, kpi.rollup(cycle) OVER everybody AS all_cycle,
			kpi.rollup(sales) OVER peers AS group_sales, kpi.rollup(sales) OVER everybody AS all_sales,
			CASE WHEN peer_group <> '' AND count(*) OVER peers >= 10 THEN kpi.prior_agg(ended) OVER peers ELSE kpi.prior_agg(ended) OVER everybody END AS prior
		FROM own
		WINDOW peers AS (PARTITION BY week, peer_group), everybody AS (PARTITION BY week)
	) AS o, setting,
		LATERAL (SELECT group_cycle OPERATOR(kpi.-) cycle, all_cycle OPERATOR(kpi.-) cycle) AS p(near_cycle, far_cycle),
		kpi.mart_win_ratio(cycle, CASE WHEN peer_group <> '' AND kpi.won(near_cycle) + kpi.lost(near_cycle) >= min_decisions THEN near_cycle ELSE far_cycle END,
			prior, cycle_horizon_days, min_decisions) AS plan
)
SELECT p.rep_id, p.week,
	kpi.magic_number(goal_revenue, plan_sales, win_ratio, goal_weeks::double precision)::numeric(24,6) AS required,
	goal_revenue, goal_weeks, win_ratio::numeric(12,6) AS win_ratio, basis,
	kpi.average(plan_sales)::numeric(18,2) AS average_revenue
FROM planned AS p JOIN roster USING (rep_id),
	LATERAL (
		SELECT revenue::numeric(18,2), ((ends_on - starts_on + 1) / 7.0)::numeric(12,6)
		FROM usable_goal
		WHERE usable_goal.rep_id = p.rep_id AND p.week BETWEEN starts_on AND ends_on
		ORDER BY ends_on - starts_on, starts_on, revenue
		LIMIT 1
	) AS g(goal_revenue, goal_weeks)
WHERE ({hired_on} IS NULL OR {hired_on} <= p.week + 6) AND ({left_on} IS NULL OR {left_on} >= p.week)
	AND NOT EXISTS (SELECT FROM required_weekly AS r WHERE r.rep_id = p.rep_id AND r.week = p.week);
