-- roster: the reps as the mart takes them, one row each, whatever the CRM says of them twice or not at all
CREATE OR REPLACE VIEW roster AS
SELECT DISTINCT ON (rep_id) rep_id,
	coalesce(nullif(rep_name, ''), rep_id::text)::text AS rep_name,
	coalesce(team, '')::text AS team,
	coalesce(peer_group, '')::text AS peer_group,
	CASE WHEN ({hired_on} > {left_on}) IS NOT TRUE THEN {hired_on} END AS hired_on,
	CASE WHEN ({hired_on} > {left_on}) IS NOT TRUE THEN {left_on} END AS left_on
FROM rep
WHERE rep_id IS NOT NULL
ORDER BY rep_id, team COLLATE "C", peer_group COLLATE "C", rep_name COLLATE "C", {hired_on}, {left_on};
