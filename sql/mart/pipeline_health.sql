-- pipeline_health: the open deals of each rep at each gateway: are they as young as those that the peer group won from there,
-- and enough for what is left of the goal
-- key: rep_id, gateway
CREATE OR REPLACE VIEW pipeline_health AS
SELECT r.rep_id, rep_name, team, gateway,
	coalesce(p.deals, 0) AS deals, coalesce(p.open_amount, 0)::numeric(18,2) AS open_amount, coalesce(p.deals_without_amount, 0) AS deals_without_amount,
	quartile_1_days, quartile_2_days, quartile_3_days,
	coalesce(p.deals_quartile_1, 0) AS deals_quartile_1, coalesce(p.deals_quartile_2, 0) AS deals_quartile_2,
	coalesce(p.deals_quartile_3, 0) AS deals_quartile_3, coalesce(p.deals_quartile_4, 0) AS deals_quartile_4,
	coalesce(p.stale_deals, 0) AS stale_deals,
	(p.stale_deals::numeric / nullif(p.deals, 0))::numeric(12,6) AS stale_share,
	coalesce(p.expected_revenue, 0)::numeric(18,2) AS expected_revenue,
	goal_revenue_left,
	(coalesce(p.open_amount, 0) / nullif(goal_revenue_left, 0))::numeric(24,6) AS coverage
FROM roster AS r JOIN group_curve AS c ON c.peer_group = r.peer_group
LEFT JOIN LATERAL (
	SELECT sum(deals)::bigint AS deals, sum(open_amount) AS open_amount, sum(deals_without_amount)::bigint AS deals_without_amount,
		sum(deals_quartile_1)::bigint AS deals_quartile_1, sum(deals_quartile_2)::bigint AS deals_quartile_2,
		sum(deals_quartile_3)::bigint AS deals_quartile_3, sum(deals_quartile_4)::bigint AS deals_quartile_4,
		sum(stale_deals)::bigint AS stale_deals, sum(expected_revenue) AS expected_revenue
	FROM pipeline AS p
	WHERE p.rep_id = r.rep_id AND p.gateway = c.gateway
) AS p ON true
LEFT JOIN current_goal AS g ON g.rep_id = r.rep_id;
