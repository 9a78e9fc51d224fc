-- data_issue: each row of the CRM that something is the matter with, what that is, and what the KPIs did about it; read
-- from the CRM as it is now
CREATE OR REPLACE VIEW data_issue AS
-- to count ids, or hashes of what may be long, is quicker than to group by them; should two share a hash, those that are
-- there twice are looked for in vain
WITH twice AS MATERIALIZED (
	SELECT count(opportunity_id) > count(DISTINCT {opportunity_key}) FILTER (WHERE opportunity_id IS NOT NULL) AS is_found
	FROM opportunity
),
repeated AS (
	SELECT opportunity_id, count(*) AS times
	FROM opportunity
	WHERE opportunity_id IS NOT NULL AND (SELECT is_found FROM twice)
	GROUP BY opportunity_id
	HAVING count(*) > 1
),
one_goal AS (
	SELECT row_number() OVER () AS nth, g.rep_id, starts_on, ends_on, revenue,
		CASE
			WHEN k.rep_id IS NULL THEN 'goal_of_unknown_rep'
			WHEN (starts_on <= ends_on) IS NOT TRUE THEN 'goal_without_days'
			WHEN revenue IS NULL THEN 'goal_without_revenue'
			WHEN NOT (isfinite(starts_on) AND isfinite(ends_on) AND revenue BETWEEN -99999999999999 AND 99999999999999) THEN 'goal_out_of_range'
		END AS reason
	FROM goal AS g LEFT JOIN roster AS k ON k.rep_id = g.rep_id
),
one_rep AS (
	SELECT rep_id, rep_name, team, peer_group, {hired_on} AS hired_on, {left_on} AS left_on,
		count(*) OVER (PARTITION BY rep_id) AS times,
		row_number() OVER (PARTITION BY rep_id
			ORDER BY team COLLATE "C", peer_group COLLATE "C", rep_name COLLATE "C", {hired_on}, {left_on}) AS nth
	FROM rep
),
found AS (
	SELECT 'opportunity' AS relation, coalesce(o.opportunity_id::text, '') AS key, o.rep_id::text AS rep_id, i.issue, true AS is_used,
		CASE i.issue
			WHEN 'void' THEN 'outcome is void'
			WHEN 'kind_not_counted' THEN format('kind is %s', quote_nullable(o.kind_or_new))
			WHEN 'no_owner' THEN 'rep_id is NULL'
			WHEN 'unknown_rep' THEN format('rep_id %s is not in rep', o.rep_id)
			WHEN 'after_as_of' THEN format('all is after %s: %s', kpi.mart_text(as_of, zone), listed.late)
			WHEN 'no_usable_time' THEN CASE
				WHEN listed.infinite <> '' THEN format('no time that can be counted at is known: %s', listed.infinite)
				WHEN closed_at IS NOT NULL THEN format('no time is known but that of closing, and outcome is %s', quote_nullable(outcome))
				ELSE 'no time is known'
			END
			WHEN 'no_opportunity_id' THEN 'opportunity_id is NULL'
			WHEN 'no_created_at' THEN 'created_at is NULL'
			WHEN 'duplicate_opportunity_id' THEN format('opportunity_id %s is there %s times', o.opportunity_id, times)
			WHEN 'unknown_outcome' THEN format('outcome is %s: neither won, lost, open nor void', quote_nullable(outcome))
			WHEN 'open_with_closed_at' THEN format('outcome is open, closed_at %s', kpi.mart_text(closed_at, zone))
			WHEN 'won_without_closed_at' THEN 'outcome is won, closed_at NULL'
			WHEN 'lost_without_closed_at' THEN 'outcome is lost, closed_at NULL'
			WHEN 'closed_after_as_of' THEN format('closed_at %s is after %s', kpi.mart_text(closed_at, zone), kpi.mart_text(as_of, zone))
			WHEN 'milestone_after_as_of' THEN format('%s is after %s', listed.late, kpi.mart_text(as_of, zone))
			WHEN 'infinite_time' THEN listed.infinite
			WHEN 'time_before_1980' THEN format('a time is before 1980: %s', listed.known)
			WHEN 'closed_before_created' THEN format('closed_at %s is before created_at %s', kpi.mart_text(closed_at, zone), kpi.mart_text(created_at, zone))
			WHEN 'created_after_milestone' THEN format('created_at is after another: %s', listed.known)
			WHEN 'milestones_out_of_order' THEN format('not in this order: %s', listed.known)
			WHEN 'won_without_amount' THEN 'outcome is won, amount NULL'
			WHEN 'won_with_zero_amount' THEN 'outcome is won, amount 0'
			WHEN 'negative_amount' THEN format('amount is %s', amount)
			WHEN 'amount_out_of_range' THEN format('amount is %s', amount)
			WHEN 'created_before_hired' THEN format('created_at %s is before hired_on %s', kpi.mart_text(created_at, zone), kpi.mart_text(o.hired_on))
			WHEN 'created_after_left' THEN format('created_at %s is after left_on %s', kpi.mart_text(created_at, zone), kpi.mart_text(o.left_on))
			WHEN 'closed_while_not_employed' THEN format('closed_at %s is not between hired_on %s and left_on %s', kpi.mart_text(closed_at, zone),
				coalesce(kpi.mart_text(o.hired_on), 'NULL'), coalesce(kpi.mart_text(o.left_on), 'NULL'))
			WHEN 'open_after_left' THEN format('it is open, and the rep left on %s', kpi.mart_text(o.left_on))
		END AS problem
	FROM (
			SELECT opportunity_id, c.rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount, kind_or_new, hired_on, left_on, times,
				CASE WHEN times IS NULL OR issues IN (SELECT issue FROM kpi.mart_issue() WHERE NOT counted) THEN issues
					ELSE concat_ws(' ', nullif(issues, ''), 'duplicate_opportunity_id')
				END AS all_issues
			FROM opportunity_check AS c LEFT JOIN repeated USING (opportunity_id)
			WHERE issues <> '' OR times > 1
		) AS o,
		(SELECT coalesce(refreshed_as_of, as_of, now()), time_zone FROM config) AS s(as_of, zone),
		LATERAL (
			SELECT string_agg(name || ' ' || kpi.mart_text(time, zone), ', ' ORDER BY place) FILTER (WHERE time > as_of AND isfinite(time)),
				string_agg(name || ' ' || time::text, ', ' ORDER BY place) FILTER (WHERE NOT isfinite(time)),
				string_agg(name || ' ' || kpi.mart_text(time, zone), ', ' ORDER BY place) FILTER (WHERE time <= as_of AND isfinite(time))
			FROM (VALUES (1, 'created_at', created_at), (2, 'appointment_at', appointment_at), (3, 'proposal_at', proposal_at), (4, 'closed_at', closed_at))
				AS t(place, name, time)
		) AS listed(late, infinite, known),
		LATERAL unnest(string_to_array(all_issues, ' ')) AS i(issue)
	UNION ALL
	SELECT 'rep', coalesce(r.rep_id::text, ''), r.rep_id::text, i.issue, r.nth = 1, i.problem
	FROM one_rep AS r,
		LATERAL (VALUES
			('rep_without_id', r.rep_id IS NULL, 'rep_id is NULL'),
			('rep_twice', r.rep_id IS NOT NULL AND times > 1, format('rep_id %s is there %s times; this row is of team %s and peer group %s',
				r.rep_id, times, quote_nullable(team), quote_nullable(peer_group))),
			('rep_without_name', r.rep_id IS NOT NULL AND coalesce(rep_name, '') = '', format('rep_name is %s', quote_nullable(rep_name))),
			('rep_without_team', r.rep_id IS NOT NULL AND coalesce(team, '') = '', format('team is %s', quote_nullable(team))),
			('rep_without_peer_group', r.rep_id IS NOT NULL AND coalesce(peer_group, '') = '', format('peer_group is %s', quote_nullable(peer_group))),
			('hired_after_left', r.rep_id IS NOT NULL AND hired_on > left_on,
				format('hired_on %s is after left_on %s', kpi.mart_text(hired_on), kpi.mart_text(left_on)))
		) AS i(issue, is_found, problem)
	WHERE is_found
	UNION ALL
	SELECT 'goal', concat_ws(' ', g.rep_id, kpi.mart_text(starts_on), kpi.mart_text(ends_on)), g.rep_id::text, i.issue, true, i.problem
	FROM one_goal AS g
		LEFT JOIN LATERAL (
			SELECT format('%s to %s', kpi.mart_text(starts_on), kpi.mart_text(ends_on))
			FROM one_goal AS o
			WHERE o.rep_id = g.rep_id AND o.nth <> g.nth AND o.reason IS NULL AND g.reason IS NULL
				AND o.starts_on <= g.ends_on AND g.starts_on <= o.ends_on AND o.ends_on - o.starts_on = g.ends_on - g.starts_on
			ORDER BY starts_on
			LIMIT 1
		) AS e(equal) ON true
		LEFT JOIN LATERAL (
			SELECT format('%s to %s', kpi.mart_text(starts_on), kpi.mart_text(ends_on))
			FROM one_goal AS o
			WHERE o.rep_id = g.rep_id AND o.reason IS NULL AND g.reason IS NULL AND o.ends_on - o.starts_on <> g.ends_on - g.starts_on
				AND (o.starts_on < g.starts_on AND o.ends_on >= g.starts_on AND o.ends_on < g.ends_on
					OR o.ends_on > g.ends_on AND o.starts_on <= g.ends_on AND o.starts_on > g.starts_on)
			ORDER BY starts_on, ends_on
			LIMIT 1
		) AS p(partly) ON true,
		LATERAL (VALUES
			(reason, true, CASE reason
				WHEN 'goal_of_unknown_rep' THEN format('rep_id %s is not in rep', coalesce(g.rep_id::text, 'NULL'))
				ELSE format('starts_on is %s, ends_on %s, revenue %s',
					coalesce(kpi.mart_text(starts_on), 'NULL'), coalesce(kpi.mart_text(ends_on), 'NULL'), coalesce(revenue::text, 'NULL'))
			END),
			('negative_goal', revenue < 0, format('revenue is %s', revenue)),
			('goals_of_equal_length', equal IS NOT NULL, format('it shares days with a goal of equal length: %s', equal)),
			('goals_partly_overlapping', partly IS NOT NULL, format('it shares days with another goal, and neither holds the other: %s', partly)),
			('goal_off_edges', date_part('isodow', starts_on) <> 1 AND date_part('day', starts_on) <> 1
					OR date_part('isodow', ends_on) <> 7 AND date_part('day', ends_on + 1) <> 1,
				format('it begins on a %s and ends on a %s, not both at the edge of a week or month',
					rtrim(to_char(starts_on, 'Day')), rtrim(to_char(ends_on, 'Day'))))
		) AS i(issue, is_found, problem)
	WHERE is_found AND i.issue IS NOT NULL AND (reason IS NULL OR i.issue = reason)
	UNION ALL
	SELECT 'activity', concat_ws(' ', a.kind, kpi.mart_text(happened_at, zone), a.opportunity_id), a.rep_id::text, i.issue, true,
		CASE i.issue
			WHEN 'activity_of_unknown_rep' THEN format('rep_id %s is not in rep', coalesce(a.rep_id::text, 'NULL'))
			WHEN 'unknown_activity_kind' THEN format('kind is %s: neither call, conversation, booked nor appointment', quote_nullable(a.kind))
			WHEN 'activity_without_time' THEN format('happened_at is %s', coalesce(happened_at::text, 'NULL'))
			WHEN 'activity_after_as_of' THEN format('happened_at %s is after %s', kpi.mart_text(happened_at, zone), kpi.mart_text(as_of, zone))
			ELSE format('opportunity_id %s is not in opportunity', a.opportunity_id)
		END
	FROM (SELECT coalesce(refreshed_as_of, as_of, now()), time_zone FROM config) AS s(as_of, zone),
		activity AS a LEFT JOIN (SELECT rep_id, true FROM roster) AS k(rep_id, is_known) ON k.rep_id = a.rep_id,
		LATERAL (
			SELECT CASE
				WHEN is_known IS NULL THEN 'activity_of_unknown_rep'
				WHEN (a.kind IN ('call', 'conversation', 'booked', 'appointment')) IS NOT TRUE THEN 'unknown_activity_kind'
				WHEN isfinite(happened_at) IS NOT TRUE THEN 'activity_without_time'
				WHEN happened_at > as_of THEN 'activity_after_as_of'
				WHEN a.opportunity_id IS NOT NULL AND NOT EXISTS (SELECT FROM opportunity AS o WHERE o.opportunity_id = a.opportunity_id)
				THEN 'activity_of_unknown_opportunity'
			END
		) AS i(issue)
	WHERE i.issue IS NOT NULL
	UNION ALL
	-- of one that is not counted only the reason why is listed
	SELECT relation, key, rep_id, issue, true, problem FROM {source_issue} AS of_source WHERE relation <> 'opportunity' OR rep_id IS NOT NULL
)
SELECT f.relation, key, rep_id, f.issue, problem, i.treatment, i.counted AND is_used AS counted, coalesce(i.fault, config.as_of IS NULL) AS fault
FROM found AS f JOIN kpi.mart_issue() AS i ON i.relation = f.relation AND i.issue = f.issue CROSS JOIN config;
