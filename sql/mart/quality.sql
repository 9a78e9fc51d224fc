-- quality: how many opportunities of each rep are without fault, and how often the faults that matter most are found;
-- neither void nor of a kind that does not count nor after as_of
CREATE OR REPLACE VIEW quality_now AS
WITH part AS MATERIALIZED (
	SELECT rep_id, issues, count(*) AS rows
	FROM reached
	GROUP BY rep_id, issues
),
-- to count ids, or hashes of what may be long, is quicker than to group by them; should two share a hash, those that are
-- there twice are looked for in vain
twice AS MATERIALIZED (
	SELECT count(opportunity_id) > count(DISTINCT {opportunity_key}) FILTER (WHERE opportunity_id IS NOT NULL) AS is_found
	FROM reached
),
repeated AS (
	SELECT rep_id, issues, count(*) AS rows
	FROM reached
	WHERE (SELECT is_found FROM twice) AND opportunity_id IN (
			SELECT opportunity_id
			FROM reached
			WHERE (SELECT is_found FROM twice)
			GROUP BY opportunity_id
			HAVING count(*) > 1
		)
		AND issues NOT IN (SELECT issue FROM kpi.mart_issue() WHERE NOT counted)
	GROUP BY rep_id, issues
),
total AS (
	SELECT rep_id, issues, rows FROM part
	UNION ALL
	SELECT rep_id, issues, -rows FROM repeated
	UNION ALL
	SELECT rep_id, concat_ws(' ', nullif(issues, ''), 'duplicate_opportunity_id'), rows FROM repeated
),
judged AS (
	SELECT issues, names, names && '{void,kind_not_counted,after_as_of}' AS is_outside,
		EXISTS (
			SELECT
			FROM kpi.mart_issue() AS i, config
			WHERE i.relation = 'opportunity' AND i.issue = ANY (names) AND coalesce(i.fault, config.as_of IS NULL)
		) AS is_faulty
	FROM (SELECT DISTINCT issues FROM total) AS t, LATERAL (SELECT string_to_array(issues, ' ')) AS s(names)
)
SELECT rep_id, opportunities, clean_opportunities, (clean_opportunities::numeric / nullif(opportunities, 0))::numeric(12,6) AS clean_share,
	not_counted, no_created_at, unknown_outcome, open_with_closed_at, won_without_closed_at, lost_without_closed_at, closed_before_created, created_after_milestone, milestones_out_of_order,
	won_without_amount, won_with_zero_amount, negative_amount, duplicate_opportunity_id, open_after_left
FROM (
	SELECT r.rep_id,
		coalesce(sum(rows) FILTER (WHERE NOT is_outside), 0)::bigint AS opportunities,
		coalesce(sum(rows) FILTER (WHERE NOT is_outside AND NOT is_faulty), 0)::bigint AS clean_opportunities,
		coalesce(sum(rows) FILTER (WHERE names && '{void,kind_not_counted,after_as_of,no_usable_time}'), 0)::bigint AS not_counted,
		coalesce(sum(rows) FILTER (WHERE 'no_created_at' = ANY (names)), 0)::bigint AS no_created_at,
		coalesce(sum(rows) FILTER (WHERE 'unknown_outcome' = ANY (names)), 0)::bigint AS unknown_outcome,
		coalesce(sum(rows) FILTER (WHERE 'open_with_closed_at' = ANY (names)), 0)::bigint AS open_with_closed_at,
		coalesce(sum(rows) FILTER (WHERE 'won_without_closed_at' = ANY (names)), 0)::bigint AS won_without_closed_at,
		coalesce(sum(rows) FILTER (WHERE 'lost_without_closed_at' = ANY (names)), 0)::bigint AS lost_without_closed_at,
		coalesce(sum(rows) FILTER (WHERE 'closed_before_created' = ANY (names)), 0)::bigint AS closed_before_created,
		coalesce(sum(rows) FILTER (WHERE 'created_after_milestone' = ANY (names)), 0)::bigint AS created_after_milestone,
		coalesce(sum(rows) FILTER (WHERE 'milestones_out_of_order' = ANY (names)), 0)::bigint AS milestones_out_of_order,
		coalesce(sum(rows) FILTER (WHERE 'won_without_amount' = ANY (names)), 0)::bigint AS won_without_amount,
		coalesce(sum(rows) FILTER (WHERE 'won_with_zero_amount' = ANY (names)), 0)::bigint AS won_with_zero_amount,
		coalesce(sum(rows) FILTER (WHERE 'negative_amount' = ANY (names)), 0)::bigint AS negative_amount,
		coalesce(sum(rows) FILTER (WHERE 'duplicate_opportunity_id' = ANY (names)), 0)::bigint AS duplicate_opportunity_id,
		coalesce(sum(rows) FILTER (WHERE 'open_after_left' = ANY (names)), 0)::bigint AS open_after_left
	FROM roster AS r LEFT JOIN total AS t ON t.rep_id = r.rep_id LEFT JOIN judged AS j ON j.issues = t.issues
	GROUP BY r.rep_id
) AS q;

CREATE TABLE IF NOT EXISTS quality (LIKE quality_now, PRIMARY KEY (rep_id));
