-- cohort_level: the same by whole week of each rep, each team and the company
CREATE OR REPLACE VIEW cohort_level_now AS
WITH rep_week_total AS (
	SELECT rep_id, week,
		sum(entered)::bigint AS entered,
		sum(appointment_passed)::bigint AS appointment_passed, sum(proposal_passed)::bigint AS proposal_passed, sum(closing_passed)::bigint AS closing_passed,
		sum(losses)::bigint AS losses, sum(pending)::bigint AS pending, sum(sales_count)::bigint AS sales_count, sum(revenue) AS revenue
	FROM cohort_weekly
	GROUP BY rep_id, week
)
SELECT level, subject, l.rep_id, week,
	sum(entered)::bigint AS entered,
	sum(appointment_passed)::bigint AS appointment_passed, sum(proposal_passed)::bigint AS proposal_passed, sum(closing_passed)::bigint AS closing_passed,
	sum(losses)::bigint AS losses, sum(pending)::bigint AS pending, sum(sales_count)::bigint AS sales_count, sum(revenue)::numeric(18,2) AS revenue
FROM rep_week_total AS t JOIN roster AS r USING (rep_id),
	LATERAL (VALUES ('rep', r.rep_id::text, r.rep_id), ('team', r.team, NULL), ('company', '', NULL)) AS l(level, subject, rep_id)
WHERE level <> 'team' OR subject <> ''
GROUP BY level, subject, l.rep_id, week;

CREATE TABLE IF NOT EXISTS cohort_level (LIKE cohort_level_now, PRIMARY KEY (level, subject, week));
