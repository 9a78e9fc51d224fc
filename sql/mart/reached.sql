-- reached: how far each opportunity has come, as known at the moment of the figures: who reaches a gateway has passed the
-- ones before, and a gateway that the CRM does not record counts as passed
CREATE OR REPLACE VIEW reached AS
SELECT opportunity_id, rep_id, offering, lost_reason, amount, time_zone,
	CASE WHEN created_at <= as_of AND isfinite(created_at) THEN created_at END AS created_at,
	CASE WHEN is_closed THEN closed_at END AS closed_at,
	CASE WHEN is_closed THEN won END AS won,
	appointment, proposal
FROM fact CROSS JOIN (
	SELECT time_zone, refreshed_as_of AS as_of, 'appointment' = ANY (gateways) AS has_appointment, 'proposal' = ANY (gateways) AS has_proposal
	FROM config
	LIMIT 1	-- so that the planner knows it, too
) AS s,
	LATERAL (SELECT won IS NOT NULL AND coalesce(closed_at <= as_of AND isfinite(closed_at), false)) AS c(is_closed),
	LATERAL (SELECT has_proposal AND coalesce(proposal_at <= as_of AND isfinite(proposal_at), false) OR is_closed AND won) AS p(is_proposed),
	LATERAL (SELECT NOT has_appointment OR coalesce(appointment_at <= as_of AND isfinite(appointment_at), false) OR is_proposed) AS a(appointment),
	LATERAL (SELECT CASE WHEN has_proposal THEN is_proposed ELSE appointment END) AS b(proposal);
