-- espocrm: EspoCRM on PostgreSQL, in its own database or a copy of it
--
-- reads opportunity: id text, deleted boolean?, stage text, last_stage text?, amount numeric, amount_currency text?, probability integer?,
--   close_date date, created_at timestamptz, modified_at timestamptz?, account_id text?, assigned_user_id text
-- reads user: id text, user_name text?, first_name text?, last_name text?, title text?, default_team_id text?
-- reads team?: id text, name text, deleted boolean?
-- reads team_user?: team_id text, user_id text, role text?, deleted boolean?
-- reads note?: number bigint, type text, parent_id text, parent_type text, data text, created_at timestamptz, deleted boolean?
-- reads meeting?: parent_id text, parent_type text, assigned_user_id text, status text, date_start timestamptz, date_start_date date?,
--   created_at timestamptz?, deleted boolean?
-- reads call?: parent_id text, parent_type text, assigned_user_id text, status text, date_start timestamptz, deleted boolean?

-- stage_note: the changes of stage that the stream tells of, in the three ways in which it did so: note of type Create; of
-- type Status up to 9.1, which does not tell the stage before; of type Update since 9.2
CREATE OR REPLACE VIEW stage_note AS
SELECT n.parent_id AS opportunity_id, n.created_at AS seen_at, n.number AS place, d.stage, d.stage_before
FROM {note} AS n
	LEFT JOIN LATERAL (
		SELECT CASE n.type
				WHEN 'Create' THEN CASE j.data ->> 'statusField' WHEN 'stage' THEN j.data ->> 'statusValue' END
				WHEN 'Status' THEN CASE j.data ->> 'field' WHEN 'stage' THEN j.data ->> 'value' END
				ELSE j.data #>> '{attributes,became,stage}'
			END,
			CASE n.type WHEN 'Update' THEN j.data #>> '{attributes,was,stage}' END
		FROM (SELECT CASE WHEN n.data LIKE '{%' THEN n.data::json END) AS j(data)
	) AS d(stage, stage_before) ON true
WHERE n.parent_type = 'Opportunity' AND n.deleted IS NOT TRUE AND n.type IN ('Create', 'Status', 'Update') AND n.data LIKE '%"stage"%';

-- Stages are no table of EspoCRM, but a list in its settings: those in use, by name, or else by the probability they give
CREATE OR REPLACE VIEW stage_found AS
SELECT ''::text AS pipeline, f.stage, f.stage AS stage_name, (row_number() OVER (ORDER BY f.probability, f.stage COLLATE "C"))::integer AS ordinal,
	coalesce(kpi.adapter_milestone(f.stage), CASE WHEN f.probability >= 100 THEN 'won' WHEN f.probability <= 0 THEN 'lost' END) AS milestone
FROM (
	SELECT stage, avg(probability) AS probability
	FROM (
		SELECT stage, probability FROM {opportunity} AS o
		UNION ALL
		SELECT DISTINCT last_stage, NULL::integer FROM {opportunity} AS o
		UNION ALL
		SELECT DISTINCT stage, NULL::integer FROM stage_note
		UNION ALL
		SELECT DISTINCT stage_before, NULL::integer FROM stage_note
	) AS s
	WHERE stage <> ''
	GROUP BY stage
) AS f;

CREATE OR REPLACE VIEW source_opportunity AS
SELECT o.opportunity_id, o.rep_id, o.created_at, o.outcome,
	-- what comes a day or more after the closing is of the delivery
	CASE WHEN (m.held_at >= z.closed_at + interval '24 hours') IS NOT TRUE THEN m.held_at END AS meeting_at,
	-- What the first change left was there from the beginning. A lost one keeps the stage that it came furthest to: if
	-- nothing tells when, then by the end.
	CASE
		WHEN h.appointment_left_at = h.seen_at AND (h.appointment_from_other_at > h.seen_at) IS NOT FALSE THEN o.created_at
		WHEN h.appointment_at IS NOT NULL THEN h.appointment_at
		WHEN h.seen_at IS NULL AND o.milestone = 'appointment' THEN o.present_since
		WHEN o.outcome = 'lost' AND o.last_milestone = 'appointment' THEN z.closed_at
	END AS appointment_stage_at,
	CASE
		WHEN h.proposal_left_at = h.seen_at AND (h.proposal_from_other_at > h.seen_at) IS NOT FALSE THEN o.created_at
		WHEN h.proposal_at IS NOT NULL THEN h.proposal_at
		-- who was a customer once had a proposal
		WHEN o.outcome <> 'won' AND h.first_won IS NOT NULL THEN h.first_won
		WHEN h.seen_at IS NULL AND o.milestone = 'proposal' THEN o.present_since
		WHEN o.outcome = 'lost' AND o.last_milestone = 'proposal' THEN z.closed_at
	END AS proposal_stage_at,
	z.closed_at,
	-- closed once before the close in force, or before it was opened again
	CASE WHEN o.outcome = 'open' OR e.first_closed < h.last_open OR h.closed_left_at IS NOT NULL OR o.outcome = 'won' AND h.first_lost IS NOT NULL
			OR o.outcome = 'lost' AND h.first_won IS NOT NULL
		THEN e.first_closed
	END AS closed_before_at,
	o.amount, o.currency, o.account_id, o.updated_at
FROM (
	SELECT v.id AS opportunity_id, v.assigned_user_id AS rep_id, v.created_at, v.close_date, v.amount, nullif(v.amount_currency, '') AS currency, v.account_id,
		v.modified_at AS updated_at, s.milestone, l.milestone AS last_milestone, y.outcome,
		-- of one whose stage never changed; where the stream is not kept none is known to have
		CASE WHEN x.is_there THEN v.created_at END AS present_since
	FROM {opportunity} AS v
		LEFT JOIN stage AS s ON s.pipeline = '' AND s.stage = v.stage
		LEFT JOIN stage AS l ON l.pipeline = '' AND l.stage = v.last_stage
		LEFT JOIN LATERAL (
			SELECT CASE WHEN v.deleted THEN 'void' WHEN s.milestone IN ('won', 'lost', 'void') THEN s.milestone ELSE 'open' END
		) AS y(outcome) ON true,
		(SELECT EXISTS (SELECT FROM stage_note) OFFSET 0) AS x(is_there)
) AS o
LEFT JOIN (
	SELECT n.opportunity_id, min(n.seen_at) FILTER (WHERE n.stage <> '') AS seen_at,
		min(n.seen_at) FILTER (WHERE s.milestone = 'appointment') AS appointment_at,
		min(n.seen_at) FILTER (WHERE b.milestone = 'appointment') AS appointment_left_at,
		min(n.seen_at) FILTER (WHERE s.milestone = 'appointment' AND b.milestone IS DISTINCT FROM 'appointment') AS appointment_from_other_at,
		min(n.seen_at) FILTER (WHERE s.milestone = 'proposal') AS proposal_at,
		min(n.seen_at) FILTER (WHERE b.milestone = 'proposal') AS proposal_left_at,
		min(n.seen_at) FILTER (WHERE s.milestone = 'proposal' AND b.milestone IS DISTINCT FROM 'proposal') AS proposal_from_other_at,
		min(n.seen_at) FILTER (WHERE s.milestone = 'won') AS first_won,
		max(n.seen_at) FILTER (WHERE s.milestone = 'won') AS last_won,
		min(n.seen_at) FILTER (WHERE s.milestone = 'lost') AS first_lost,
		max(n.seen_at) FILTER (WHERE s.milestone = 'lost') AS last_lost,
		min(n.seen_at) FILTER (WHERE b.milestone IN ('won', 'lost') AND s.milestone IS DISTINCT FROM b.milestone) AS closed_left_at,
		max(n.seen_at) FILTER (WHERE n.stage <> '' AND (s.milestone IN ('won', 'lost')) IS NOT TRUE) AS last_open
	FROM stage_note AS n
		LEFT JOIN stage AS s ON s.pipeline = '' AND s.stage = n.stage
		LEFT JOIN stage AS b ON b.pipeline = '' AND b.stage = n.stage_before
	GROUP BY n.opportunity_id
) AS h ON h.opportunity_id = o.opportunity_id
LEFT JOIN (
	SELECT parent_id, min(coalesce(date_start, date_start_date::timestamp AT TIME ZONE {zone})) AS held_at
	FROM {meeting} AS m
	WHERE parent_type = 'Opportunity' AND status = 'Held' AND deleted IS NOT TRUE
	GROUP BY parent_id
) AS m ON m.parent_id = o.opportunity_id
LEFT JOIN LATERAL (
	SELECT CASE o.outcome WHEN 'won' THEN h.first_won WHEN 'lost' THEN h.first_lost END,
		CASE o.outcome WHEN 'won' THEN h.last_won WHEN 'lost' THEN h.last_lost END,
		CASE o.outcome WHEN 'won' THEN greatest(h.last_open, h.last_lost) WHEN 'lost' THEN greatest(h.last_open, h.last_won) END,
		least(h.first_won, h.first_lost, h.closed_left_at)
) AS e(first, last, last_other, first_closed) ON true
LEFT JOIN LATERAL (
	SELECT CASE WHEN o.outcome IN ('won', 'lost') THEN
		coalesce(
			CASE
				-- the close in force is not recorded
				WHEN e.last < e.last_other THEN NULL
				WHEN (e.first < e.last_other) IS NOT TRUE THEN e.first
				ELSE (
					SELECT max(r.seen_at)
					FROM (
						SELECT n.seen_at, s.milestone, lag(coalesce(s.milestone, '')) OVER (ORDER BY n.seen_at, n.place) AS milestone_before
						FROM stage_note AS n LEFT JOIN stage AS s ON s.pipeline = '' AND s.stage = n.stage
						WHERE n.opportunity_id = o.opportunity_id AND n.stage <> ''
					) AS r
					WHERE r.milestone = o.outcome AND r.milestone_before IS DISTINCT FROM o.outcome
				)
			END,
			-- the plan may lie after what is known
			least(o.close_date::timestamp AT TIME ZONE {zone}, o.updated_at)
		)
	END
) AS z(closed_at) ON true;

CREATE OR REPLACE VIEW opportunity AS
SELECT o.opportunity_id, o.rep_id, o.created_at, coalesce(o.meeting_at, o.appointment_stage_at) AS appointment_at,
	o.proposal_stage_at AS proposal_at, o.closed_at, o.outcome,
	CASE WHEN o.currency <> {currency} THEN o.amount * {rate} ELSE o.amount END AS amount,
	o.account_id, o.updated_at, CASE WHEN o.amount IS NOT NULL THEN o.currency END AS currency
FROM source_opportunity AS o;

-- who has opportunities, or is in a team
CREATE OR REPLACE VIEW rep AS
SELECT u.id AS rep_id, coalesce(nullif(concat_ws(' ', nullif(u.first_name, ''), nullif(u.last_name, '')), ''), u.user_name) AS rep_name, t.team,
	coalesce(nullif(u.title, ''), t.role, t.team) AS peer_group
FROM {user} AS u
	LEFT JOIN LATERAL (
		SELECT t.name AS team, nullif(m.role, '') AS role
		FROM {team} AS t LEFT JOIN {team_user} AS m ON m.team_id = t.id AND m.user_id = u.id AND m.deleted IS NOT TRUE
		WHERE t.deleted IS NOT TRUE AND (t.id = u.default_team_id OR m.team_id IS NOT NULL)
		ORDER BY t.id = u.default_team_id DESC NULLS LAST, t.id COLLATE "C"
		LIMIT 1
	) AS t ON true
-- one scan, whether there is an index on owners or not
WHERE u.id IN (SELECT assigned_user_id FROM {opportunity} AS o UNION ALL SELECT user_id FROM {team_user} AS m WHERE deleted IS NOT TRUE);

-- What the reps did for customers. A call that was not held is one that nobody answered; what is planned has not been done.
CREATE OR REPLACE VIEW activity AS
SELECT a.rep_id, a.kind, a.happened_at, a.opportunity_id
FROM (
	SELECT m.assigned_user_id AS rep_id, k.kind, k.happened_at, CASE m.parent_type WHEN 'Opportunity' THEN m.parent_id END AS opportunity_id
	FROM (
		SELECT assigned_user_id, parent_type, parent_id, status, created_at, coalesce(date_start, date_start_date::timestamp AT TIME ZONE {zone}) AS starts_at
		FROM {meeting} AS m
		WHERE deleted IS NOT TRUE AND parent_type IN ('Opportunity', 'Account', 'Contact', 'Lead')
	) AS m,
		LATERAL (VALUES ('booked', least(m.created_at, m.starts_at), true), ('appointment', m.starts_at, m.status = 'Held')) AS k(kind, happened_at, is_so)
	WHERE k.is_so
	UNION ALL
	SELECT c.assigned_user_id, k.kind, c.date_start, CASE c.parent_type WHEN 'Opportunity' THEN c.parent_id END
	FROM {call} AS c,
		LATERAL (VALUES ('call', c.status IN ('Held', 'Not Held')), ('conversation', c.status = 'Held')) AS k(kind, is_so)
	WHERE c.deleted IS NOT TRUE AND c.parent_type IN ('Opportunity', 'Account', 'Contact', 'Lead') AND k.is_so
) AS a
WHERE a.rep_id IN (SELECT rep_id FROM rep);

CREATE OR REPLACE VIEW source_issue AS
SELECT 'opportunity'::text AS relation, o.opportunity_id AS key, o.rep_id, i.issue, i.problem
FROM source_opportunity AS o, LATERAL (VALUES
	('reopened', o.closed_before_at IS NOT NULL, format('it was closed at %s already', kpi.mart_text(o.closed_before_at, {zone}))),
	('appointment_sources_differ', abs(extract(epoch FROM o.meeting_at - o.appointment_stage_at)) > 7 * 86400,
		format('first meeting %s, stage of the appointment entered %s', kpi.mart_text(o.meeting_at, {zone}), kpi.mart_text(o.appointment_stage_at, {zone})))
) AS i(issue, is_found, problem)
WHERE i.is_found AND o.outcome <> 'void'
UNION ALL
{other_currency};
