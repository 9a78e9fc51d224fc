-- fact: the opportunities that the KPIs count, as they count them
CREATE OR REPLACE VIEW fact AS
SELECT opportunity_id, rep_id,
	{offering} AS offering,
	{pipeline} AS pipeline,
	{lost_reason} AS lost_reason,
	{more_dimensions}
	created_at, appointment_at, proposal_at, closed_at,
	CASE outcome WHEN 'won' THEN true WHEN 'lost' THEN false END AS won,
	amount::numeric AS amount
FROM opportunity
WHERE outcome IS DISTINCT FROM 'void'
	AND {kind} = ANY ((SELECT kinds FROM config)::text[])
	AND rep_id IN (SELECT rep_id FROM rep);
