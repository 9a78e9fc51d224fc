-- required_weekly: the new opportunities that each rep's goal took in a week, as known when the week began: rows are
-- never changed; on the first refresh the trailing window is filled backwards
CREATE TABLE IF NOT EXISTS required_weekly (
	rep_id {rep_id} NOT NULL,
	week date NOT NULL,
	required numeric(18,6),
	goal_revenue numeric(18,2),
	goal_weeks numeric(12,6),
	win_ratio numeric(12,6),
	basis text,
	average_revenue numeric(18,2),
	PRIMARY KEY (rep_id, week)
);

CREATE OR REPLACE VIEW required_weekly_new AS
WITH setting AS (
	SELECT time_zone, trailing_weeks, cycle_horizon_days, min_decisions, from_date, monday,
		CASE WHEN 'appointment' = ANY (gateways) THEN 'appointment' ELSE 'creation' END AS start
	FROM config, period
),
missing AS (
	SELECT m::date AS week
	FROM setting, generate_series(from_date::timestamp, monday::timestamp, interval '7 days') AS m
	EXCEPT
	SELECT week FROM required_weekly
),
-- what was seen in the weeks before; windows that touch add up to the window that holds them
local AS (
	SELECT rep_id, won, (CASE start WHEN 'appointment' THEN appointment_at ELSE created_at END AT TIME ZONE time_zone)::date AS started,
		(closed_at AT TIME ZONE time_zone)::date AS closed, monday, from_date - 7 * trailing_weeks AS first
	FROM fact, setting
	WHERE EXISTS (SELECT FROM missing, period WHERE week < period.monday)
		AND (closed_at IS NULL OR won IS NULL OR closed_at >= (from_date - 7 * trailing_weeks)::timestamp AT TIME ZONE time_zone)
),
slice AS (
	SELECT rep_id, s::date AS week, kpi.cycle_agg(started, closed, won, s::date, s::date + 7) AS cycle
	FROM local, generate_series(
			greatest(first, started - extract(isodow FROM started)::integer + 1)::timestamp,
			least(monday - 7, CASE WHEN won IS NOT NULL AND isfinite(closed) THEN closed END)::timestamp, interval '7 days') AS s
	WHERE isfinite(started)
	GROUP BY rep_id, s
),
window_of AS (
	SELECT m.week, s.rep_id, kpi.rollup(s.cycle) AS cycle
	FROM missing AS m, setting, slice AS s
	WHERE m.week < monday AND s.week >= m.week - 7 * trailing_weeks AND s.week < m.week
	GROUP BY m.week, s.rep_id
	UNION ALL
	SELECT m.week, c.rep_id, c.cycle
	FROM missing AS m, setting, curve AS c
	WHERE m.week = monday AND c.start = setting.start AND c.span = 'trailing'
),
sold AS (
	SELECT m.week, w.rep_id, kpi.rollup(w.sales) AS sales
	FROM missing AS m, setting, rep_week AS w
	WHERE w.week >= m.week - 7 * trailing_weeks AND w.week < m.week
	GROUP BY m.week, w.rep_id
),
own AS (
	SELECT week, rep_id, peer_group, coalesce(cycle, 'empty') AS cycle, coalesce(sales, 'n=0 total=0 squares=0') AS sales,
		kpi.rate(kpi.won(cycle), kpi.won(cycle) + kpi.lost(cycle)) AS ended
	FROM missing CROSS JOIN rep LEFT JOIN window_of USING (week, rep_id) LEFT JOIN sold USING (week, rep_id)
),
planned AS (
	SELECT o.*, plan.*,
		CASE WHEN kpi.sales_count(sales) >= min_decisions THEN sales
			WHEN kpi.sales_count(group_sales OPERATOR(kpi.-) sales) >= min_decisions THEN group_sales OPERATOR(kpi.-) sales
			ELSE all_sales OPERATOR(kpi.-) sales
		END AS plan_sales
	FROM (
		SELECT own.*,
			kpi.rollup(cycle) OVER peers AS group_cycle, kpi.rollup(cycle) OVER everybody AS all_cycle,
			kpi.rollup(sales) OVER peers AS group_sales, kpi.rollup(sales) OVER everybody AS all_sales,
			CASE WHEN count(*) OVER peers >= 10 THEN kpi.prior_agg(ended) OVER peers ELSE kpi.prior_agg(ended) OVER everybody END AS prior
		FROM own
		WINDOW peers AS (PARTITION BY week, peer_group), everybody AS (PARTITION BY week)
	) AS o, setting,
		LATERAL (SELECT group_cycle OPERATOR(kpi.-) cycle, all_cycle OPERATOR(kpi.-) cycle) AS p(near_cycle, far_cycle),
		kpi.mart_win_ratio(cycle, CASE WHEN kpi.won(near_cycle) + kpi.lost(near_cycle) >= min_decisions THEN near_cycle ELSE far_cycle END,
			prior, cycle_horizon_days, min_decisions) AS plan
)
SELECT p.rep_id, p.week,
	kpi.magic_number(goal_revenue, plan_sales, win_ratio, goal_weeks::double precision)::numeric(18,6) AS required,
	goal_revenue, goal_weeks, win_ratio::numeric(12,6) AS win_ratio, basis,
	kpi.average(plan_sales)::numeric(18,2) AS average_revenue
FROM planned AS p JOIN rep USING (rep_id),
	LATERAL (
		SELECT revenue::numeric(18,2), ((ends_on - starts_on + 1) / 7.0)::numeric(12,6)
		FROM goal
		WHERE goal.rep_id = p.rep_id AND p.week BETWEEN starts_on AND ends_on
		ORDER BY ends_on - starts_on, starts_on, revenue
		LIMIT 1
	) AS g(goal_revenue, goal_weeks)
WHERE ({hired_on} IS NULL OR {hired_on} <= p.week + 6) AND ({left_on} IS NULL OR {left_on} >= p.week);
