-- activity_plan: what the goal takes of each rep a week and a selling day, from the first call to the customer
-- key: rep_id
CREATE OR REPLACE VIEW activity_plan AS
-- with few appointments of one's own, the peers' steps on the way to one
WITH step AS (
	SELECT rep_id, CASE WHEN appointments >= min_decisions THEN 'own' ELSE 'peers' END AS activity_basis,
		CASE WHEN appointments >= min_decisions THEN calls ELSE all_calls END::numeric / nullif(CASE WHEN appointments >= min_decisions THEN appointments ELSE all_appointments END, 0) AS calls,
		CASE WHEN appointments >= min_decisions THEN conversations ELSE all_conversations END::numeric / nullif(CASE WHEN appointments >= min_decisions THEN appointments ELSE all_appointments END, 0) AS conversations,
		CASE WHEN appointments >= min_decisions THEN booked ELSE all_booked END::numeric / nullif(CASE WHEN appointments >= min_decisions THEN appointments ELSE all_appointments END, 0) AS booked
	FROM (
		SELECT a.rep_id, calls, conversations, booked, appointments,
			CASE peer_group WHEN '' THEN sum(calls) OVER () ELSE sum(calls) OVER peers END AS all_calls,
			CASE peer_group WHEN '' THEN sum(conversations) OVER () ELSE sum(conversations) OVER peers END AS all_conversations,
			CASE peer_group WHEN '' THEN sum(booked) OVER () ELSE sum(booked) OVER peers END AS all_booked,
			CASE peer_group WHEN '' THEN sum(appointments) OVER () ELSE sum(appointments) OVER peers END AS all_appointments
		FROM rep_window AS a JOIN roster USING (rep_id)
		WINDOW peers AS (PARTITION BY peer_group)
	) AS a, config
)
SELECT s.rep_id, rep_name, team, peer_group, s.starts_on, s.ends_on, s.goal_revenue, s.goal_revenue_won, goal_revenue_left, weeks_left,
	win_ratio, win_ratio_basis AS basis, path_gap, activity_basis,
	(magic_number * calls)::numeric(24,6) AS calls_per_week,
	(magic_number * conversations)::numeric(24,6) AS conversations_per_week,
	(magic_number * booked)::numeric(24,6) AS booked_per_week,
	magic_number::numeric(24,6) AS appointments_per_week,
	(magic_number * proposal_share)::numeric(24,6) AS proposals_per_week,
	(magic_number * win_ratio)::numeric(24,6) AS customers_per_week,
	(magic_number * calls / selling_days)::numeric(24,6) AS calls_per_day,
	(magic_number * conversations / selling_days)::numeric(24,6) AS conversations_per_day,
	(magic_number * booked / selling_days)::numeric(24,6) AS booked_per_day,
	(magic_number / selling_days)::numeric(24,6) AS appointments_per_day,
	(magic_number * proposal_share / selling_days)::numeric(24,6) AS proposals_per_day,
	(magic_number * win_ratio / selling_days)::numeric(24,6) AS customers_per_day
FROM scorecard AS s JOIN step USING (rep_id) LEFT JOIN current_goal AS g USING (rep_id) CROSS JOIN config,
	LATERAL (SELECT CASE WHEN 'proposal' = ANY (gateways) THEN s.proposal_ratio ELSE 1 END) AS x(proposal_share);
