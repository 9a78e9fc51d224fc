-- funnel: how far the opportunities that came in in a span of time have come so far, step by step, with the amount that
-- they are about, and what became of those that did not come further
-- key: level, subject, span, step
CREATE OR REPLACE VIEW funnel AS
SELECT level, subject, f.rep_id, rep_name, coalesce(team, CASE level WHEN 'team' THEN subject END) AS team, span, entry_from, entry_until,
	step, step_name, reached, reached_amount, entered, previous_reached,
	(reached::numeric / nullif(entered, 0))::numeric(12,6) AS of_first,
	(reached::numeric / nullif(previous_reached, 0))::numeric(12,6) AS of_previous,
	previous_reached - reached AS dropped, dropped_lost, previous_reached - reached - dropped_lost AS dropped_pending,
	entry_until + horizon <= today OR pending = 0 AS mature
FROM funnel_level AS f LEFT JOIN roster AS r ON r.rep_id = f.rep_id,
	(SELECT today, cycle_horizon_days, 'appointment' = ANY (gateways), 'proposal' = ANY (gateways) FROM config, period)
		AS s(today, horizon, has_appointment, has_proposal),
	LATERAL (VALUES
		(1, 'created', true, entered, entered_amount, NULL, NULL),
		(2, 'appointment', has_appointment, appointment_passed, appointment_amount, entered, appointment_decided - appointment_passed),
		(3, 'proposal', has_proposal, proposal_passed, proposal_amount,
			CASE WHEN has_appointment THEN appointment_passed ELSE entered END, proposal_decided - proposal_passed),
		(4, 'won', true, closing_passed, revenue,
			CASE WHEN has_proposal THEN proposal_passed WHEN has_appointment THEN appointment_passed ELSE entered END, closing_decided - closing_passed)
	) AS v(step, step_name, present, reached, reached_amount, previous_reached, dropped_lost)
WHERE present;
