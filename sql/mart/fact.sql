-- fact: the opportunities that the KPIs count, as they count them; all others are in data_issue
CREATE OR REPLACE VIEW fact AS
SELECT opportunity_id, rep_id,
	{offering} AS offering,
	{pipeline} AS pipeline,
	{lost_reason} AS lost_reason,
	{more_dimensions}
	created_at, appointment_at, proposal_at, nullif(closed_at, '-infinity') AS closed_at,
	CASE outcome WHEN 'won' THEN true WHEN 'lost' THEN false END AS won,
	-- one that is no money is not known
	CASE WHEN amount BETWEEN -99999999999999 AND 99999999999999 THEN amount::numeric END AS amount
FROM opportunity
WHERE outcome IS DISTINCT FROM 'void'
	AND CASE {kind} WHEN 'new' THEN (SELECT 'new' = ANY (kinds) FROM config) ELSE {kind} = ANY ((SELECT kinds FROM config)::text[]) END
	AND rep_id IN (SELECT rep_id FROM rep);
