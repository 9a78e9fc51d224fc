-- team_scorecard: each team's KPIs of the trailing window against the other teams, and its reps' goals together
-- key: team
CREATE OR REPLACE VIEW team_scorecard AS
SELECT r.team, reps, period.as_of, from_date, monday AS until_date,
	kpi.passed(appointment_rate) AS appointment_passed, kpi.decided(appointment_rate) AS appointment_decided,
	appointment_ratio, appointment_low, appointment_high, appointment_peers, appointment_delta, appointment_q, appointment_recorded, appointment_verdict,
	kpi.passed(proposal_rate) AS proposal_passed, kpi.decided(proposal_rate) AS proposal_decided,
	proposal_ratio, proposal_low, proposal_high, proposal_peers, proposal_delta, proposal_q, proposal_recorded, proposal_verdict,
	kpi.passed(closing_rate) AS closing_passed, kpi.decided(closing_rate) AS closing_decided,
	closing_ratio, closing_low, closing_high, closing_peers, closing_delta, closing_q, closing_verdict,
	second_appointment_passed, second_appointment_decided,
	(second_appointment_passed::numeric / nullif(second_appointment_decided, 0))::numeric(12,6) AS second_appointment_ratio,
	wins, ended,
	win_ratio, win_ratio_basis, win_ratio_low, win_ratio_high, win_ratio_peers, win_ratio_delta, win_ratio_q, win_ratio_verdict,
	(proposal_share * closing_ratio / nullif(win_ratio, 0))::numeric(12,6) AS path_gap,
	kpi.sales_count(m.sales) AS sales_count, coalesce(kpi.total(m.sales), 0)::numeric(18,2) AS revenue,
	average_revenue, average_revenue_low, average_revenue_high, average_revenue_peers, average_revenue_delta, average_revenue_q, average_revenue_verdict,
	won_days, won_with_days, (won_days / nullif(won_with_days, 0)::numeric)::numeric(24,6) AS average_days,
	sales_cycle, sales_cycle_basis, sales_cycle_low, sales_cycle_high, sales_cycle_peers, sales_cycle_delta, sales_cycle_q, sales_cycle_verdict,
	new_opportunities,
	goal_revenue, goal_revenue_won, (goal_revenue_won / nullif(goal_revenue, 0))::numeric(24,6) AS attainment,
	magic_number, new_per_week, (new_per_week / nullif(magic_number, 0))::numeric(24,6) AS barometer
FROM config CROSS JOIN period CROSS JOIN (
	SELECT team, count(*) AS reps, sum(new_opportunities)::bigint AS new_opportunities, sum(won_days)::bigint AS won_days,
		sum(won_with_days)::bigint AS won_with_days, sum(second_appointment_passed)::bigint AS second_appointment_passed,
		sum(second_appointment_decided)::bigint AS second_appointment_decided
	FROM roster JOIN rep_window USING (rep_id)
	GROUP BY team
) AS r
JOIN measure_wide AS m ON m.level = 'team' AND m.subject = r.team
LEFT JOIN (
	SELECT team, sum(goal_revenue)::numeric(18,2) AS goal_revenue, sum(goal_revenue_won)::numeric(18,2) AS goal_revenue_won,
		sum(magic_number)::numeric(24,6) AS magic_number, sum(new_per_week) FILTER (WHERE magic_number IS NOT NULL)::numeric(24,6) AS new_per_week
	FROM scorecard
	GROUP BY team
) AS g USING (team),
	LATERAL (SELECT CASE WHEN 'proposal' = ANY (gateways) THEN proposal_ratio ELSE 1 END, CASE WHEN 'proposal' = ANY (gateways) THEN proposal_rate ELSE '1/1' END)
		AS x(proposal_share, counted_rate);
