-- cohort: the opportunities that came in in one week, followed: how many have come how far; shares only where they are
-- followed for the whole horizon or none is open any more
-- key: level, subject, week
CREATE OR REPLACE VIEW cohort AS
SELECT level, subject, c.rep_id, rep_name, coalesce(team, CASE level WHEN 'team' THEN subject END) AS team, week,
	entered, appointment_passed, proposal_passed, closing_passed, losses, pending, sales_count, revenue, mature,
	(CASE WHEN mature AND has_appointment THEN appointment_passed::numeric / nullif(entered, 0) END)::numeric(12,6) AS appointment_of_first,
	(CASE WHEN mature AND has_proposal THEN proposal_passed::numeric / nullif(entered, 0) END)::numeric(12,6) AS proposal_of_first,
	(CASE WHEN mature AND has_proposal THEN
		proposal_passed::numeric / nullif(CASE WHEN has_appointment THEN appointment_passed ELSE entered END, 0)
	END)::numeric(12,6) AS proposal_of_previous,
	(CASE WHEN mature THEN closing_passed::numeric / nullif(entered, 0) END)::numeric(12,6) AS won_of_first,
	(CASE WHEN mature THEN
		closing_passed::numeric / nullif(CASE WHEN has_proposal THEN proposal_passed WHEN has_appointment THEN appointment_passed ELSE entered END, 0)
	END)::numeric(12,6) AS won_of_previous
FROM cohort_level AS c LEFT JOIN roster AS r ON r.rep_id = c.rep_id,
	(SELECT today, monday, cycle_horizon_days, 'appointment' = ANY (gateways), 'proposal' = ANY (gateways) FROM config, period)
		AS s(today, monday, horizon, has_appointment, has_proposal),
	LATERAL (SELECT week < monday AND (pending = 0 OR today - (week + 7) >= horizon)) AS m(mature);
