-- deal: each opportunity that counts, live: how far it came, when each gateway was decided, and what it is expected to
-- bring; of what is later than as_of nothing is seen
-- key: opportunity_id
CREATE OR REPLACE VIEW deal AS
SELECT opportunity_id, f.rep_id, offering, pipeline, o.outcome,
	CASE s.outcome WHEN 'lost' THEN lost_reason ELSE '' END AS lost_reason,
	{more_dimensions}amount::numeric(18,2) AS amount, s.created_at, s.closed_at,
	appointment_state, p.appointment_at,
	(p.appointment_at IS NOT NULL AND s.appointment_at IS NULL)::integer::bigint AS appointment_imputed,
	appointment_on - extract(isodow FROM appointment_on)::integer + 1 AS appointment_week,
	proposal_state, p.proposal_at,
	(p.proposal_at IS NOT NULL AND s.proposal_at IS NULL)::integer::bigint AS proposal_imputed,
	proposal_on - extract(isodow FROM proposal_on)::integer + 1 AS proposal_week,
	closing_state,
	closing_on - extract(isodow FROM closing_on)::integer + 1 AS closing_week,
	g.gateway,
	CASE s.outcome WHEN 'open' THEN today - created_on END AS age_days,
	g.days_since_step,
	coalesce(g.days_since_step > stale_after_days, false) AS stale,
	CASE WHEN g.days_since_step <= quartile_1_days THEN 1
		WHEN g.days_since_step <= quartile_2_days THEN 2
		WHEN g.days_since_step <= quartile_3_days THEN 3
		WHEN g.days_since_step > quartile_3_days THEN 4
	END AS age_quartile,
	CASE WHEN closed_on >= created_on THEN closed_on - created_on END AS days,
	(CASE s.outcome WHEN 'open' THEN coalesce(amount, average_revenue) END)::numeric(18,2) AS reckoned_amount,
	h.win_probability,
	(h.win_probability * coalesce(amount, average_revenue))::numeric(18,2) AS expected_revenue,
	h.win_probability_in_goal,
	(h.win_probability_in_goal * coalesce(amount, average_revenue))::numeric(18,2) AS expected_in_goal
FROM fact AS f
CROSS JOIN (
	SELECT period.as_of, today, time_zone, 'appointment' = ANY (gateways) AS has_appointment, 'proposal' = ANY (gateways) AS has_proposal,
		stale_after_days, cycle_horizon_days
	FROM config, period
) AS c
CROSS JOIN LATERAL (
	SELECT CASE WHEN isfinite(f.closed_at) AND f.closed_at <= as_of THEN CASE won WHEN true THEN 'won' WHEN false THEN 'lost' ELSE 'open' END ELSE 'open' END
) AS o(outcome)
-- OFFSET 0 keeps the planner from putting what is in here in place of each mention of it
CROSS JOIN LATERAL (
	SELECT o.outcome, CASE WHEN isfinite(f.created_at) AND f.created_at <= as_of THEN f.created_at END AS created_at,
		CASE WHEN has_appointment AND isfinite(f.appointment_at) AND f.appointment_at <= as_of THEN f.appointment_at END AS appointment_at,
		CASE WHEN has_proposal AND isfinite(f.proposal_at) AND f.proposal_at <= as_of THEN f.proposal_at END AS proposal_at,
		CASE WHEN o.outcome <> 'open' THEN f.closed_at END AS closed_at,
		CASE WHEN o.outcome = 'won' THEN f.closed_at END AS won_at
	OFFSET 0
) AS s
-- who reaches a gateway has passed the ones before, at the earliest later time known
CROSS JOIN LATERAL (
	SELECT CASE WHEN has_appointment THEN coalesce(s.appointment_at, least(s.proposal_at, won_at)) END AS appointment_at,
		CASE WHEN has_proposal THEN coalesce(s.proposal_at, won_at) END AS proposal_at
	OFFSET 0
) AS p
-- who is lost has failed at the first gateway not passed, and reached none after it
CROSS JOIN LATERAL (
	SELECT
		CASE WHEN NOT has_appointment THEN 'absent'
			WHEN p.appointment_at IS NOT NULL THEN 'passed'
			WHEN s.outcome = 'lost' THEN 'failed'
			ELSE 'pending'
		END AS appointment_state,
		CASE WHEN NOT has_proposal THEN 'absent'
			WHEN p.proposal_at IS NOT NULL THEN 'passed'
			WHEN s.outcome = 'open' THEN 'pending'
			WHEN has_appointment AND p.appointment_at IS NULL THEN 'not reached'
			ELSE 'failed'
		END AS proposal_state,
		CASE WHEN s.outcome = 'open' THEN 'pending'
			WHEN s.outcome = 'won' THEN 'passed'
			WHEN has_appointment AND p.appointment_at IS NULL OR has_proposal AND p.proposal_at IS NULL THEN 'not reached'
			ELSE 'failed'
		END AS closing_state,
		CASE WHEN s.outcome = 'won' THEN 'closing'
			WHEN p.proposal_at IS NOT NULL THEN 'proposal'
			WHEN p.appointment_at IS NOT NULL THEN 'appointment'
			ELSE 'created'
		END AS gateway,
		CASE s.outcome WHEN 'open' THEN today - kpi.local_date(coalesce(p.proposal_at, p.appointment_at, s.created_at), time_zone) END AS days_since_step
) AS g
CROSS JOIN LATERAL (
	SELECT kpi.local_date(s.created_at, time_zone) AS created_on,
		kpi.local_date(s.closed_at, time_zone) AS closed_on,
		kpi.local_date(coalesce(p.appointment_at, CASE appointment_state WHEN 'failed' THEN s.closed_at END), time_zone) AS appointment_on,
		kpi.local_date(coalesce(p.proposal_at, CASE proposal_state WHEN 'failed' THEN s.closed_at END), time_zone) AS proposal_on,
		kpi.local_date(CASE WHEN closing_state IN ('passed', 'failed') THEN s.closed_at END, time_zone) AS closing_on
) AS d
LEFT JOIN outlook AS l ON s.outcome = 'open' AND l.rep_id = f.rep_id AND l.gateway = g.gateway
LEFT JOIN win_by_age AS a ON a.peer_group = l.peer_group AND a.gateway = l.gateway AND a.days_since_step = g.days_since_step
LEFT JOIN win_in_goal AS i ON i.peer_group = l.peer_group AND i.gateway = l.gateway AND i.ends_on = l.ends_on AND i.days_since_step = g.days_since_step
-- past the horizon nothing is won
CROSS JOIN LATERAL (
	SELECT CASE WHEN g.days_since_step > cycle_horizon_days THEN 0 WHEN a.win_probability * win_level > 1 THEN 1
			ELSE a.win_probability * win_level END::numeric(12,6) AS win_probability,
		CASE WHEN g.days_since_step > cycle_horizon_days AND l.ends_on IS NOT NULL THEN 0 WHEN i.win_probability * win_level > 1 THEN 1
			ELSE i.win_probability * win_level END::numeric(12,6) AS win_probability_in_goal
) AS h
WHERE coalesce(s.created_at, p.appointment_at, p.proposal_at, s.closed_at) IS NOT NULL;
