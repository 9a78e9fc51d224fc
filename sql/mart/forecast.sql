-- forecast: the goal of each rep, what was won of it, what the open deals and the ones still to come are expected to bring
-- by its end, the range that holds the outcome, the chance to reach the goal, and the new opportunities that it still takes
-- key: rep_id
CREATE OR REPLACE VIEW forecast AS
WITH setting AS (
	SELECT confidence, today, from_date, monday, CASE WHEN 'appointment' = ANY (gateways) THEN 'appointment' ELSE 'created' END AS first_gateway,
		normal, kpi.forecast_high(normal, confidence) AS z
	FROM config, period, (VALUES ('n=2 least=-1000000000000 most=1000000000000 expected=0 variance=1'::kpi.forecast)) AS n(normal)
),
open AS (
	SELECT p.rep_id, sum(deals)::bigint AS deals, sum(open_amount) AS open_amount,
		kpi.rollup(forecast) AS forecast,
		sum(expected_in_goal) AS expected,
		sum(expected_in_goal) FILTER (WHERE first_gateway = 'created' OR gateway <> 'created') AS expected_of_begun,
		sum(expected_in_goal * win_level_error) AS error,
		sum(sales_without_amount) AS sales_without_amount
	FROM setting CROSS JOIN pipeline AS p JOIN outlook USING (rep_id, gateway)
	GROUP BY p.rep_id
),
-- opportunities that come in at the pace of the trailing window until the goal ends, or the rep leaves; each counts for
-- its chance to be won by then
coming AS (
	SELECT g.*, created, weeks, pace * weeks AS opportunities, pace * weeks * share * win_level AS sales, win_level_error,
		average_revenue, coalesce(revenue_stddev, average_revenue) AS revenue_stddev, o.sales_count, busiest_week
	FROM setting CROSS JOIN current_goal AS g JOIN roster AS r USING (rep_id) JOIN rep_window USING (rep_id)
	JOIN outlook AS o ON o.rep_id = g.rep_id AND o.gateway = 'created'
	LEFT JOIN curve AS t ON t.rep_id = g.rep_id AND t.start = 'creation' AND t.span = 'trailing',
		LATERAL (SELECT coalesce(kpi.at_risk(t.cycle, 0), 0)) AS n(created),
		LATERAL (SELECT created / nullif(weeks_employed, 0)) AS p(pace),
		LATERAL (SELECT greatest(least(g.ends_on, left_on) - today + 1, 0) / 7.0) AS w(weeks),
		LATERAL (
			SELECT (SELECT share FROM group_curve AS c, kpi.magic_number_remaining(0, 0, 1, c.cycle, weeks) WHERE c.peer_group = o.peer_group AND c.gateway = 'created')
			OFFSET 0	-- one look for the many mentions
		) AS m(share)
),
-- variances: each deal's luck, the size of those without an amount, the number and size of those to come; then what all
-- have in common: how well this rep's level, pace and average sale are known
summed AS (
	SELECT c.*, o.deals, o.open_amount, f.forecast, expected_open, expected_of_begun, expected_new,
		goal_revenue_won + expected_open + expected_new AS expected,
		coalesce(greatest(o.error / nullif(expected_open, 0), 0), 0) AS uncertainty,
		sqrt(coalesce(kpi.stddev(f.forecast), 0) ^ 2 + unsized * revenue_stddev ^ 2 + c.sales * (average_revenue ^ 2 + revenue_stddev ^ 2)
			+ (coalesce(o.error, 0) + expected_new * win_level_error) ^ 2 + coalesce(expected_new ^ 2 / nullif(created, 0), 0)
			+ ((unsized + c.sales) * revenue_stddev) ^ 2 / sales_count) AS deviation,
		c.sales = 0 AND unsized = 0 AS only_open
	FROM coming AS c LEFT JOIN open AS o USING (rep_id),
		LATERAL (SELECT coalesce(o.forecast, 'n=0 least=0 most=0 expected=0 variance=0')) AS f(forecast),
		LATERAL (SELECT CASE WHEN o.deals > 0 AND kpi.forecast_count(f.forecast) = 0 THEN NULL ELSE coalesce(o.expected, 0) END, c.sales * average_revenue,
			coalesce(o.sales_without_amount, 0)) AS e(expected_open, expected_new, unsized)
)
SELECT s.rep_id, rep_name, team, r.peer_group, starts_on, s.ends_on, goal_revenue, goal_revenue_won, attainment, goal_revenue_left, weeks_left,
	coalesce(deals, 0) AS deals, kpi.forecast_count(forecast) AS deals_expected, coalesce(open_amount, 0)::numeric(18,2) AS open_amount,
	expected_open::numeric(18,2) AS expected_open,
	s.opportunities::numeric(24,6) AS opportunities_to_come,
	expected_new::numeric(18,2) AS expected_new,
	expected::numeric(18,2) AS expected,
	x.low::numeric(18,2) AS low, x.high::numeric(18,2) AS high,
	x.chance::numeric(12,6) AS chance,
	m.per_week::numeric(24,6) AS required_new_per_week_remaining,
	coalesce(m.status, 'too few deals to tell') AS status
FROM setting CROSS JOIN summed AS s JOIN roster AS r USING (rep_id)
JOIN outlook AS o ON o.rep_id = s.rep_id AND o.gateway = first_gateway
JOIN group_curve AS c ON c.peer_group = o.peer_group AND c.gateway = first_gateway
LEFT JOIN LATERAL (
	SELECT goal_revenue_won + coalesce(kpi.forecast_low(forecast, confidence, uncertainty), 0) AS low,
		goal_revenue_won + coalesce(kpi.forecast_high(forecast, confidence, uncertainty), 0) AS high,
		coalesce(kpi.chance(forecast, goal_revenue - goal_revenue_won, uncertainty), (goal_revenue <= goal_revenue_won)::integer) AS chance
) AS b ON expected IS NOT NULL
-- what is to come adds to the open deals and takes nothing from them
LEFT JOIN LATERAL (
	SELECT greatest(expected - z * deviation, b.low) AS low,
		CASE WHEN only_open THEN b.high ELSE expected + z * deviation END AS high,
		CASE WHEN only_open THEN b.chance ELSE greatest(kpi.chance(normal, (goal_revenue - expected) / nullif(deviation, 0)), b.chance) END AS chance
) AS x ON expected IS NOT NULL
LEFT JOIN LATERAL kpi.magic_number_remaining(goal_revenue - goal_revenue_won, coalesce(expected_of_begun, 0), s.average_revenue * o.win_level, c.cycle, weeks, coalesce(s.busiest_week::double precision, 'infinity')) AS m ON true;
