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
),
-- spans overlap: each opportunity is counted once, in the part of time between two of their ends
cut AS (
	SELECT array_agg(DISTINCT boundary ORDER BY boundary) AS days
	FROM span, LATERAL (VALUES (entry_from), (entry_until)) AS e(boundary)
),
-- OFFSET 0: what is grouped by is worked out once
furthest AS (
	SELECT rep_id, part, appointment, proposal, won, count(*) AS opportunities, sum(amount) AS amount
	FROM (
		SELECT rep_id, appointment, proposal, won, amount, width_bucket(entered_on, (SELECT days FROM cut)) AS part
		FROM reached, LATERAL (SELECT kpi.local_date(created_at, time_zone)) AS e(entered_on)
		WHERE entered_on >= (SELECT days[1] FROM cut)
		OFFSET 0
	) AS o
	GROUP BY rep_id, part, appointment, proposal, won
)
SELECT level, subject, l.rep_id, span, entry_from, entry_until,
	coalesce(sum(opportunities), 0)::bigint AS entered,
	coalesce(sum(opportunities) FILTER (WHERE has_appointment AND appointment), 0)::bigint AS appointment_passed,
	coalesce(sum(opportunities) FILTER (WHERE has_appointment AND (appointment OR NOT won)), 0)::bigint AS appointment_decided,
	coalesce(sum(opportunities) FILTER (WHERE has_proposal AND proposal), 0)::bigint AS proposal_passed,
	coalesce(sum(opportunities) FILTER (WHERE has_proposal AND (proposal OR appointment AND NOT won)), 0)::bigint AS proposal_decided,
	coalesce(sum(opportunities) FILTER (WHERE won), 0)::bigint AS closing_passed,
	coalesce(sum(opportunities) FILTER (WHERE won OR proposal AND NOT won), 0)::bigint AS closing_decided,
	coalesce(sum(opportunities) FILTER (WHERE NOT won), 0)::bigint AS losses,
	coalesce(sum(opportunities) FILTER (WHERE won IS NULL), 0)::bigint AS pending,
	coalesce(sum(amount), 0)::numeric(18,2) AS entered_amount,
	coalesce(sum(amount) FILTER (WHERE has_appointment AND appointment), 0)::numeric(18,2) AS appointment_amount,
	coalesce(sum(amount) FILTER (WHERE has_proposal AND proposal), 0)::numeric(18,2) AS proposal_amount,
	coalesce(sum(amount) FILTER (WHERE won), 0)::numeric(18,2) AS revenue
FROM roster AS r CROSS JOIN span CROSS JOIN cut
LEFT JOIN furthest AS f ON f.rep_id = r.rep_id AND days[part] >= entry_from AND days[part] < entry_until,
	LATERAL (VALUES ('rep', r.rep_id::text, r.rep_id), ('team', r.team, NULL), ('company', '', NULL)) AS l(level, subject, rep_id),
	(SELECT 'appointment' = ANY (gateways), 'proposal' = ANY (gateways) FROM config) AS g(has_appointment, has_proposal)
WHERE level <> 'team' OR subject <> ''
GROUP BY level, subject, l.rep_id, span, entry_from, entry_until;

CREATE TABLE IF NOT EXISTS funnel_level (LIKE funnel_level_now, PRIMARY KEY (level, subject, span));
