-- scorecard: each rep's KPIs of the trailing window, with interval, peers and verdict; the goal, the magic number and the
-- barometer
-- key: rep_id
CREATE OR REPLACE VIEW scorecard AS
SELECT r.rep_id, r.rep_name, r.team, r.peer_group, period.as_of, from_date, monday AS until_date,
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
	new_opportunities, weeks_employed, (new_opportunities / nullif(weeks_employed, 0))::numeric(24,6) AS new_per_week,
	g.starts_on, g.ends_on, g.goal_weeks, g.goal_revenue, g.goal_revenue_won, g.attainment,
	magic_number, magic_number AS required_new_per_week,
	kpi.magic_number(g.goal_revenue::double precision, m.sales, counted_rate, closing_rate, g.goal_weeks)::numeric(24,6) AS magic_number_by_ratios,
	i.low::numeric(24,6) AS magic_number_low, i.high::numeric(24,6) AS magic_number_high,
	(new_opportunities / nullif(weeks_employed, 0) / nullif(magic_number, 0))::numeric(24,6) AS barometer,
	opportunities, clean_opportunities, clean_share
FROM config CROSS JOIN period CROSS JOIN roster AS r
JOIN rep_window AS w ON w.rep_id = r.rep_id
JOIN quality ON quality.rep_id = r.rep_id
JOIN measure_wide AS m ON m.level = 'rep' AND m.subject = r.rep_id::text
LEFT JOIN current_goal AS g ON g.rep_id = r.rep_id,
	-- a gateway that is not recorded counts as 1
	LATERAL (SELECT CASE WHEN 'proposal' = ANY (gateways) THEN proposal_ratio ELSE 1 END, CASE WHEN 'proposal' = ANY (gateways) THEN proposal_rate ELSE '1/1' END)
		AS x(proposal_share, counted_rate),
	-- with few sales of one's own, the peers' average
	LATERAL (SELECT kpi.magic_number(g.goal_revenue::double precision,
		CASE WHEN kpi.sales_count(m.sales) >= min_decisions THEN average_revenue ELSE average_revenue_peers END, 1, win_ratio, g.goal_weeks)::numeric(24,6)) AS n(magic_number),
	-- of one's own figures
	LATERAL (SELECT CASE WHEN kpi.sales_count(m.sales) >= min_decisions THEN magic_number END) AS own(magic),
	kpi.mart_magic_interval(magic, win_ratio, win_ratio_low, win_ratio_high, average_revenue, average_revenue_low, average_revenue_high) AS i;
