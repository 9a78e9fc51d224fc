-- scorecard: each rep's KPIs of the trailing window, with interval, peers and verdict; the goal, the magic number and the
-- barometer
-- key: rep_id
CREATE OR REPLACE VIEW scorecard AS
SELECT r.rep_id, r.rep_name, r.team, r.peer_group, period.as_of, from_date, monday AS until_date,
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
	coalesce(d.new_opportunities, 0) AS new_opportunities, weeks_employed,
	(coalesce(d.new_opportunities, 0) / nullif(weeks_employed, 0))::numeric(18,6) AS new_per_week,
	g.starts_on, g.ends_on, g.goal_weeks, g.goal_revenue, g.goal_revenue_won, g.attainment,
	n.magic_number, n.magic_number AS required_new_per_week,
	kpi.magic_number(g.goal_revenue::double precision, s.sales, proposal_rate, c.rate, g.goal_weeks)::numeric(18,6) AS magic_number_by_ratios,
	kpi.magic_number_low(g.goal_revenue, s.sales, proposal_rate, c.rate, g.goal_weeks, confidence)::numeric(18,6) AS magic_number_low,
	kpi.magic_number_high(g.goal_revenue, s.sales, proposal_rate, c.rate, g.goal_weeks, confidence)::numeric(18,6) AS magic_number_high,
	(d.new_opportunities / nullif(weeks_employed, 0) / nullif(n.magic_number, 0))::numeric(12,6) AS barometer
FROM config CROSS JOIN period CROSS JOIN rep AS r
JOIN measure AS a ON a.level = 'rep' AND a.subject = r.rep_id::text AND a.kpi = 'appointment_ratio'
JOIN measure AS p ON p.level = 'rep' AND p.subject = r.rep_id::text AND p.kpi = 'proposal_ratio'
JOIN measure AS c ON c.level = 'rep' AND c.subject = r.rep_id::text AND c.kpi = 'closing_ratio'
JOIN measure AS w ON w.level = 'rep' AND w.subject = r.rep_id::text AND w.kpi = 'win_ratio'
JOIN measure AS s ON s.level = 'rep' AND s.subject = r.rep_id::text AND s.kpi = 'average_revenue'
JOIN measure AS t ON t.level = 'rep' AND t.subject = r.rep_id::text AND t.kpi = 'sales_cycle'
LEFT JOIN current_goal AS g ON g.rep_id = r.rep_id
LEFT JOIN LATERAL (
	SELECT sum(new_opportunities)::bigint AS new_opportunities, sum(won_days)::bigint AS won_days, sum(won_with_days)::bigint AS won_with_days
	FROM rep_week AS w
	WHERE w.rep_id = r.rep_id AND w.week >= from_date AND w.week < monday
) AS d ON true,
	LATERAL (SELECT (greatest(least(coalesce({left_on} + 1, monday), monday) - greatest(coalesce({hired_on}, from_date), from_date), 0) / 7.0)::numeric(12,6)) AS e(weeks_employed),
	-- a gateway that is not recorded counts as 1
	LATERAL (SELECT CASE WHEN 'proposal' = ANY (gateways) THEN p.value ELSE 1 END, CASE WHEN 'proposal' = ANY (gateways) THEN p.rate ELSE '1/1' END) AS x(proposal_share, proposal_rate),
	-- with few sales of one's own, the peers' average
	LATERAL (SELECT kpi.magic_number(g.goal_revenue::double precision,
		CASE WHEN kpi.sales_count(s.sales) >= min_decisions THEN s.value ELSE s.peers_value END, 1, w.value, g.goal_weeks)::numeric(18,6)) AS n(magic_number);
