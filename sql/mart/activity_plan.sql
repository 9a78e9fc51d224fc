-- activity_plan: what the goal takes of each rep a week and a selling day, from the first call to the customer
-- key: rep_id
CREATE OR REPLACE VIEW activity_plan AS
-- with few first appointments of one's own the peer group's steps on the way to one, with few of these the company's
WITH based AS (
	SELECT rep_id, peer_group, calls, conversations, booked, first_appointments,
		CASE WHEN first_appointments >= min_decisions THEN 'own'
			WHEN peer_group <> '' AND sum(first_appointments) OVER (PARTITION BY peer_group) >= min_decisions THEN 'peers'
			ELSE 'company'
		END AS activity_basis
	FROM rep_window JOIN roster USING (rep_id) CROSS JOIN config
),
step AS (
	SELECT rep_id, activity_basis, calls / nullif(appointments, 0) AS calls, conversations / nullif(appointments, 0) AS conversations,
		booked / nullif(appointments, 0) AS booked
	FROM (
		SELECT rep_id, activity_basis,
			CASE activity_basis WHEN 'own' THEN calls WHEN 'peers' THEN sum(calls) OVER peers ELSE sum(calls) OVER () END AS calls,
			CASE activity_basis WHEN 'own' THEN conversations WHEN 'peers' THEN sum(conversations) OVER peers ELSE sum(conversations) OVER () END AS conversations,
			CASE activity_basis WHEN 'own' THEN booked WHEN 'peers' THEN sum(booked) OVER peers ELSE sum(booked) OVER () END AS booked,
			CASE activity_basis WHEN 'own' THEN first_appointments WHEN 'peers' THEN sum(first_appointments) OVER peers ELSE sum(first_appointments) OVER () END AS appointments
		FROM based
		WINDOW peers AS (PARTITION BY peer_group)
	) AS b
)
SELECT s.rep_id, rep_name, team, peer_group, starts_on, ends_on, goal_revenue, goal_revenue_won,
	CASE WHEN goal_revenue IS NOT NULL THEN greatest(goal_revenue - goal_revenue_won, 0) END::numeric(18,2) AS goal_revenue_left, ((ends_on - today + 1) / 7.0)::numeric(12,6) AS weeks_left,
	win_ratio, win_ratio_basis AS basis, path_gap, second_appointment_passed, second_appointment_decided, second_appointment_ratio, activity_basis,
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
FROM scorecard AS s JOIN step USING (rep_id) CROSS JOIN config CROSS JOIN period,
	LATERAL (SELECT CASE WHEN 'proposal' = ANY (gateways) THEN s.proposal_ratio ELSE 1 END) AS x(proposal_share);
