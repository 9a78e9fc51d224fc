-- reached: how far each opportunity has come, as known at the moment of the figures, and on which days: who reaches a
-- gateway has passed the ones before, and a gateway that the CRM does not record counts as passed, on no known day.
-- refresh_mart reads it once, into a table, which the stored relations are computed from.
CREATE OR REPLACE VIEW reached AS
SELECT opportunity_id, rep_id, offering, pipeline, lost_reason, {dimension_names}issues, counted, created_on, appointment_on, proposal_on, closed_on,
	won, appointment, proposal, known_amount AS amount
FROM (
	SELECT opportunity_id, rep_id, offering, pipeline, lost_reason, {dimension_names}known_amount, issues, created_on, appointment_on, proposal_on, closed_on,
		CASE WHEN closed_on IS NOT NULL THEN ended_won END AS won,
		has_appointment, has_proposal
	FROM opportunity_check
	OFFSET '0'	-- each is worked out once
) AS o,
	LATERAL (SELECT issues = '' OR issues NOT IN ('void', 'kind_not_counted', 'no_owner', 'unknown_rep', 'after_as_of', 'no_usable_time')) AS c(counted),
	LATERAL (SELECT proposal_on IS NOT NULL OR won IS TRUE) AS p(is_proposed),
	LATERAL (SELECT NOT has_appointment OR appointment_on IS NOT NULL OR is_proposed) AS a(appointment),
	LATERAL (SELECT CASE WHEN has_proposal THEN is_proposed ELSE appointment END) AS b(proposal);
