-- funnel_level: how far the opportunities that came in in the trailing window, in the trailing year and in the last year
-- that is followed for the whole horizon have come, of each rep, each team and the company
CREATE OR REPLACE VIEW funnel_level_now AS
WITH span AS (
	SELECT s.*
	FROM config CROSS JOIN period,
		LATERAL (SELECT today - cycle_horizon_days) AS h(followed_from),
		LATERAL (SELECT followed_from - extract(isodow FROM followed_from)::integer + 1) AS m(mature_until),
		LATERAL (VALUES ('trailing', from_date, monday), ('year', year_from_date, monday), ('mature', mature_until - 364, mature_until))
			AS s(span, entry_from, entry_until)
	LIMIT 3	-- so that the planner knows it, too
)
SELECT level, subject, l.rep_id, span.span, entry_from, entry_until,
	coalesce(sum(entered), 0)::bigint AS entered,
	coalesce(sum(appointment_passed), 0)::bigint AS appointment_passed,
	coalesce(sum(appointment_decided), 0)::bigint AS appointment_decided,
	coalesce(sum(proposal_passed), 0)::bigint AS proposal_passed,
	coalesce(sum(proposal_decided), 0)::bigint AS proposal_decided,
	coalesce(sum(closing_passed), 0)::bigint AS closing_passed,
	coalesce(sum(closing_decided), 0)::bigint AS closing_decided,
	coalesce(sum(losses), 0)::bigint AS losses,
	coalesce(sum(pending), 0)::bigint AS pending,
	coalesce(sum(entered_amount), 0)::numeric(18,2) AS entered_amount,
	coalesce(sum(appointment_amount), 0)::numeric(18,2) AS appointment_amount,
	coalesce(sum(proposal_amount), 0)::numeric(18,2) AS proposal_amount,
	coalesce(sum(revenue), 0)::numeric(18,2) AS revenue
FROM roster AS r CROSS JOIN span
LEFT JOIN (
	-- first of each rep, as each row counts for the rep, the team and the company
	SELECT rep_id AS entered_by, span,
		sum(entered) AS entered, sum(appointment_passed) AS appointment_passed, sum(appointment_decided) AS appointment_decided,
		sum(proposal_passed) AS proposal_passed, sum(proposal_decided) AS proposal_decided, sum(closing_passed) AS closing_passed,
		sum(closing_decided) AS closing_decided, sum(losses) AS losses, sum(pending) AS pending, sum(entered_amount) AS entered_amount,
		sum(appointment_amount) AS appointment_amount, sum(proposal_amount) AS proposal_amount, sum(revenue) AS revenue
	FROM cohort_weekly JOIN span ON week >= entry_from AND week < entry_until
	GROUP BY rep_id, span
) AS c ON entered_by = r.rep_id AND c.span = span.span,
	LATERAL (VALUES ('rep', r.rep_id::text, r.rep_id), ('team', r.team, NULL), ('company', '', NULL)) AS l(level, subject, rep_id)
WHERE level <> 'team' OR subject <> ''
GROUP BY level, subject, l.rep_id, span.span, entry_from, entry_until;

CREATE TABLE IF NOT EXISTS funnel_level (LIKE funnel_level_now, PRIMARY KEY (level, subject, span));
