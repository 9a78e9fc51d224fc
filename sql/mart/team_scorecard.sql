-- team_scorecard: each team's KPIs of the trailing window against the other teams, and its reps' goals together
-- key: team
CREATE OR REPLACE VIEW team_scorecard AS
SELECT r.team, r.reps, period.as_of, from_date, monday AS until_date,
	kpi.passed(a.rate) AS appointment_passed, kpi.decided(a.rate) AS appointment_decided, a.value::numeric(12,6) AS appointment_ratio,
	a.low::numeric(12,6) AS appointment_low, a.high::numeric(12,6) AS appointment_high, a.peers_value::numeric(12,6) AS appointment_peers,
	a.delta::numeric(12,6) AS appointment_delta, a.q::numeric(12,6) AS appointment_q, a.recorded AS appointment_recorded, a.verdict AS appointment_verdict,
	kpi.passed(p.rate) AS proposal_passed, kpi.decided(p.rate) AS proposal_decided, p.value::numeric(12,6) AS proposal_ratio,
	p.low::numeric(12,6) AS proposal_low, p.high::numeric(12,6) AS proposal_high, p.peers_value::numeric(12,6) AS proposal_peers,
	p.delta::numeric(12,6) AS proposal_delta, p.q::numeric(12,6) AS proposal_q, p.recorded AS proposal_recorded, p.verdict AS proposal_verdict,
	kpi.passed(c.rate) AS closing_passed, kpi.decided(c.rate) AS closing_decided, c.value::numeric(12,6) AS closing_ratio,
	c.low::numeric(12,6) AS closing_low, c.high::numeric(12,6) AS closing_high, c.peers_value::numeric(12,6) AS closing_peers,
	c.delta::numeric(12,6) AS closing_delta, c.q::numeric(12,6) AS closing_q, c.verdict AS closing_verdict,
	kpi.won(w.cycle) AS won, kpi.won(w.cycle) + kpi.lost(w.cycle) AS won_or_lost,
	w.value::numeric(12,6) AS win_ratio, w.basis AS win_ratio_basis, w.low::numeric(12,6) AS win_ratio_low, w.high::numeric(12,6) AS win_ratio_high,
	w.peers_value::numeric(12,6) AS win_ratio_peers, w.delta::numeric(12,6) AS win_ratio_delta, w.q::numeric(12,6) AS win_ratio_q,
	w.verdict AS win_ratio_verdict,
	(proposal_share * c.value / nullif(w.value, 0))::numeric(12,6) AS path_gap,
	kpi.sales_count(s.sales) AS sales_count, kpi.total(s.sales)::numeric(18,2) AS revenue,
	s.value::numeric(18,2) AS average_revenue, s.low::numeric(18,2) AS average_revenue_low, s.high::numeric(18,2) AS average_revenue_high,
	s.peers_value::numeric(18,2) AS average_revenue_peers, s.delta::numeric(12,6) AS average_revenue_delta, s.q::numeric(12,6) AS average_revenue_q,
	s.verdict AS average_revenue_verdict,
	d.won_days, d.won_with_days, (d.won_days / nullif(d.won_with_days, 0)::numeric)::numeric(12,2) AS average_days,
	t.value::integer AS sales_cycle, t.low::integer AS sales_cycle_low, t.high::integer AS sales_cycle_high,
	t.peers_value::integer AS sales_cycle_peers, t.delta::numeric(12,6) AS sales_cycle_delta, t.q::numeric(12,6) AS sales_cycle_q,
	t.verdict AS sales_cycle_verdict,
	coalesce(d.new_opportunities, 0) AS new_opportunities,
	g.goal_revenue, g.goal_revenue_won, (g.goal_revenue_won / nullif(g.goal_revenue, 0))::numeric(12,6) AS attainment,
	g.magic_number, g.new_per_week, (g.new_per_week / nullif(g.magic_number, 0))::numeric(12,6) AS barometer
FROM config CROSS JOIN period CROSS JOIN (SELECT team, count(*) AS reps FROM rep GROUP BY team) AS r
JOIN measure AS a ON a.level = 'team' AND a.subject = r.team AND a.kpi = 'appointment_ratio'
JOIN measure AS p ON p.level = 'team' AND p.subject = r.team AND p.kpi = 'proposal_ratio'
JOIN measure AS c ON c.level = 'team' AND c.subject = r.team AND c.kpi = 'closing_ratio'
JOIN measure AS w ON w.level = 'team' AND w.subject = r.team AND w.kpi = 'win_ratio'
JOIN measure AS s ON s.level = 'team' AND s.subject = r.team AND s.kpi = 'average_revenue'
JOIN measure AS t ON t.level = 'team' AND t.subject = r.team AND t.kpi = 'sales_cycle'
LEFT JOIN (
	SELECT team, sum(goal_revenue)::numeric(18,2) AS goal_revenue, sum(goal_revenue_won)::numeric(18,2) AS goal_revenue_won,
		sum(magic_number)::numeric(18,6) AS magic_number, sum(new_per_week) FILTER (WHERE magic_number IS NOT NULL)::numeric(18,6) AS new_per_week
	FROM scorecard
	GROUP BY team
) AS g USING (team)
LEFT JOIN (
	SELECT team, sum(new_opportunities)::bigint AS new_opportunities, sum(won_days)::bigint AS won_days, sum(won_with_days)::bigint AS won_with_days
	FROM period CROSS JOIN rep_week AS w JOIN rep USING (rep_id)
	WHERE w.week >= from_date AND w.week < monday
	GROUP BY team
) AS d USING (team),
	LATERAL (SELECT CASE WHEN 'proposal' = ANY (gateways) THEN p.value ELSE 1 END, CASE WHEN 'proposal' = ANY (gateways) THEN p.rate ELSE '1/1' END) AS x(proposal_share, proposal_rate);
