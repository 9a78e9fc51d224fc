-- twenty: Twenty CRM; the source is the schema of a workspace, workspace_...
--
-- reads opportunity: id uuid, createdAt timestamptz, updatedAt timestamptz, deletedAt timestamptz, stage any, amountAmountMicros numeric,
--   amountCurrencyCode text, closeDate timestamptz, ownerId uuid?, createdByWorkspaceMemberId uuid?, pointOfContactId uuid?, companyId uuid?
-- reads workspaceMember: id uuid, nameFirstName text, nameLastName text, userEmail text?, deletedAt timestamptz?
-- reads timelineActivity?: targetOpportunityId|opportunityId uuid, name text, happensAt timestamptz, properties jsonb, deletedAt timestamptz?
-- reads calendarEvent?: id uuid, startsAt timestamptz, isCanceled boolean?, externalCreatedAt timestamptz?, deletedAt timestamptz?
-- reads calendarEventParticipant?: calendarEventId uuid, personId uuid, workspaceMemberId uuid, isOrganizer boolean?, responseStatus text?,
--   deletedAt timestamptz?
-- reads task?: id uuid, title text, status text, dueAt timestamptz, updatedAt timestamptz, assigneeId uuid, deletedAt timestamptz?
-- reads taskTarget?: taskId uuid, targetOpportunityId|opportunityId uuid, deletedAt timestamptz?

-- All stages that an opportunity can be in, in their order, and those that some have been in
CREATE OR REPLACE VIEW stage_found AS
WITH known AS (
	SELECT e.enumlabel::text AS stage, row_number() OVER (ORDER BY e.enumsortorder)::integer - 1 AS ordinal
	FROM pg_enum AS e
	WHERE e.enumtypid = (SELECT pg_typeof((SELECT stage FROM {opportunity} AS o LIMIT 1)))
)
SELECT ''::text AS pipeline, stage, stage_name, ordinal, kpi.adapter_milestone(stage_name) AS milestone
FROM (
		SELECT stage FROM known
		UNION
		SELECT stage::text FROM {opportunity} AS o
		UNION
		SELECT v.stage
		FROM {timelineActivity} AS t, LATERAL (VALUES (properties -> 'diff' -> 'stage' ->> 'before'), (properties -> 'diff' -> 'stage' ->> 'after')) AS v(stage)
		WHERE name = 'opportunity.updated'
	) AS used LEFT JOIN known USING (stage)
	CROSS JOIN LATERAL (SELECT initcap(replace(stage, '_', ' '))) AS n(stage_name)
WHERE stage IS NOT NULL;

-- What each source says of an opportunity
CREATE OR REPLACE VIEW source_opportunity AS
WITH change AS NOT MATERIALIZED (
	SELECT "targetOpportunityId" AS opportunity_id, c ->> 'before' AS old_stage, c ->> 'after' AS stage, "happensAt" AS entered_at
	FROM {timelineActivity} AS t, LATERAL (SELECT properties -> 'diff' -> 'stage') AS d(c)
	WHERE name = 'opportunity.updated' AND "targetOpportunityId" IS NOT NULL AND "deletedAt" IS NULL
		AND c ->> 'before' IS DISTINCT FROM c ->> 'after'
),
history AS (
	SELECT opportunity_id,
		min(entered_at) AS changed_at,
		min(entered_at) FILTER (WHERE a.milestone = 'appointment') AS appointment_at,
		min(entered_at) FILTER (WHERE a.milestone = 'appointment' AND b.milestone IS DISTINCT FROM 'appointment') AS appointment_from_other_at,
		min(entered_at) FILTER (WHERE b.milestone = 'appointment') AS appointment_left_at,
		min(entered_at) FILTER (WHERE a.milestone = 'proposal') AS proposal_at,
		min(entered_at) FILTER (WHERE a.milestone = 'proposal' AND b.milestone IS DISTINCT FROM 'proposal') AS proposal_from_other_at,
		min(entered_at) FILTER (WHERE b.milestone = 'proposal') AS proposal_left_at,
		max(entered_at) FILTER (WHERE a.milestone = 'won' AND b.milestone IS DISTINCT FROM 'won') AS won_at,
		max(entered_at) FILTER (WHERE a.milestone = 'lost' AND b.milestone IS DISTINCT FROM 'lost') AS lost_at,
		max(entered_at) FILTER (WHERE b.milestone IN ('won', 'lost') AND a.milestone IS DISTINCT FROM b.milestone) AS reopened_at
	FROM change AS e
		LEFT JOIN stage AS b ON b.pipeline = '' AND b.stage = e.old_stage
		LEFT JOIN stage AS a ON a.pipeline = '' AND a.stage = e.stage
	GROUP BY opportunity_id
),
meeting AS (
	-- a meeting is with a person: the first one with the point of contact, since the opportunity is there
	SELECT o.id AS opportunity_id, min(e."startsAt") AS held_at
	FROM {opportunity} AS o
		JOIN {calendarEventParticipant} AS p ON p."personId" = o."pointOfContactId"
		JOIN {calendarEvent} AS e ON e.id = p."calendarEventId"
	WHERE e."startsAt" >= o."createdAt" AND e."startsAt" <= {now} AND e."isCanceled" IS NOT TRUE AND e."deletedAt" IS NULL
		AND p."responseStatus" IS DISTINCT FROM 'DECLINED' AND p."deletedAt" IS NULL
	GROUP BY o.id
)
SELECT o.id AS opportunity_id, coalesce(o."ownerId", o."createdByWorkspaceMemberId") AS rep_id, o."createdAt" AS created_at,
	CASE WHEN e.held_at <= c.closed_at OR c.closed_at IS NULL THEN e.held_at END AS meeting_at,
	-- who came to a proposal without one, and went back, had it before
	CASE WHEN (s.appointment_at > s.proposal_at) IS NOT TRUE THEN s.appointment_at END AS appointment_stage_at,
	s.proposal_at AS proposal_stage_at,
	c.closed_at,
	CASE WHEN o."deletedAt" IS NOT NULL THEN 'void' WHEN n.milestone IN ('won', 'lost', 'void') THEN n.milestone ELSE 'open' END AS outcome,
	o."amountAmountMicros" * 0.000001 AS amount,
	CASE WHEN o."amountAmountMicros" IS NOT NULL THEN nullif(o."amountCurrencyCode", '') END AS currency,
	o."companyId" AS account_id,
	o."updatedAt" AS updated_at,
	h.reopened_at
FROM {opportunity} AS o
	LEFT JOIN stage AS n ON n.pipeline = '' AND n.stage = o.stage::text
	LEFT JOIN history AS h ON h.opportunity_id = o.id
	LEFT JOIN meeting AS e ON e.opportunity_id = o.id
	CROSS JOIN (SELECT EXISTS (SELECT FROM change)) AS k(has_history)
	CROSS JOIN LATERAL (
		-- The first stage is the one that the first change left, or else the present one. It was not the first if it was
		-- entered by another change of the same moment.
		SELECT CASE
				WHEN h.opportunity_id IS NULL THEN CASE WHEN n.milestone = 'appointment' AND k.has_history THEN o."createdAt" END
				WHEN h.appointment_left_at = h.changed_at AND (h.appointment_from_other_at > h.changed_at) IS NOT FALSE THEN o."createdAt"
				ELSE h.appointment_at
			END,
			CASE
				WHEN h.opportunity_id IS NULL THEN CASE WHEN n.milestone = 'proposal' AND k.has_history THEN o."createdAt" END
				WHEN h.proposal_left_at = h.changed_at AND (h.proposal_from_other_at > h.changed_at) IS NOT FALSE THEN o."createdAt"
				ELSE h.proposal_at
			END,
			CASE n.milestone WHEN 'won' THEN h.won_at WHEN 'lost' THEN h.lost_at END
	) AS s(appointment_at, proposal_at, entered_at)
	CROSS JOIN LATERAL (
		-- the closing date is a plan that nobody need have brought up to date
		SELECT CASE WHEN (n.milestone IN ('won', 'lost')) IS NOT TRUE THEN NULL
			WHEN s.entered_at IS NOT NULL THEN s.entered_at
			WHEN k.has_history THEN least(o."closeDate", o."createdAt")
			ELSE least(o."closeDate", o."updatedAt")
		END
	) AS c(closed_at);

CREATE OR REPLACE VIEW opportunity AS
SELECT o.opportunity_id, o.rep_id, o.created_at,
	coalesce(o.meeting_at, o.appointment_stage_at) AS appointment_at,
	o.proposal_stage_at AS proposal_at,
	o.closed_at, o.outcome,
	CASE WHEN o.currency <> {currency} THEN o.amount * {rate} ELSE o.amount END AS amount,
	o.account_id, o.updated_at, o.currency
FROM source_opportunity AS o;

CREATE OR REPLACE VIEW rep AS
SELECT m.id AS rep_id, coalesce(nullif(concat_ws(' ', nullif(m."nameFirstName", ''), nullif(m."nameLastName", '')), ''), m."userEmail") AS rep_name,
	'all'::text AS team, 'all'::text AS peer_group, (m."deletedAt" AT TIME ZONE {zone})::date AS left_on
FROM {workspaceMember} AS m;

-- The meetings with the point of contact of an opportunity that is open then, and tasks that are called a call. What could
-- belong to several opportunities is counted once, for the last that came in.
CREATE OR REPLACE VIEW activity AS
WITH host AS (
	-- the organizer, if it is a member, else one who took part
	SELECT DISTINCT ON ("calendarEventId") "calendarEventId" AS event_id, "workspaceMemberId" AS rep_id
	FROM {calendarEventParticipant} AS p
	WHERE "workspaceMemberId" IS NOT NULL AND "deletedAt" IS NULL
	ORDER BY "calendarEventId", "isOrganizer" DESC NULLS LAST, "workspaceMemberId"
),
meeting AS (
	SELECT DISTINCT ON (e.id) e.id AS event_id, e."startsAt", e."externalCreatedAt", s.opportunity_id
	FROM source_opportunity AS s
		JOIN {opportunity} AS o ON o.id = s.opportunity_id
		JOIN {calendarEventParticipant} AS p ON p."personId" = o."pointOfContactId"
		JOIN {calendarEvent} AS e ON e.id = p."calendarEventId"
	WHERE s.outcome <> 'void' AND e."startsAt" >= s.created_at AND (e."startsAt" > s.closed_at) IS NOT TRUE
		AND e."isCanceled" IS NOT TRUE AND e."deletedAt" IS NULL AND p."responseStatus" IS DISTINCT FROM 'DECLINED' AND p."deletedAt" IS NULL
	ORDER BY e.id, s.created_at DESC, s.opportunity_id
)
SELECT h.rep_id, a.kind, a.happened_at, m.opportunity_id
FROM meeting AS m JOIN host AS h ON h.event_id = m.event_id
	CROSS JOIN LATERAL (VALUES ('booked', m."externalCreatedAt"), ('appointment', m."startsAt")) AS a(kind, happened_at)
WHERE a.happened_at <= {now}
UNION ALL
SELECT t."assigneeId", 'call', least(t."dueAt", t."updatedAt"), g.opportunity_id
FROM {task} AS t
	LEFT JOIN (
		SELECT DISTINCT ON (l."taskId") l."taskId" AS task_id, o.id AS opportunity_id
		FROM {taskTarget} AS l JOIN {opportunity} AS o ON o.id = l."targetOpportunityId"
		WHERE l."deletedAt" IS NULL
		ORDER BY l."taskId", o."createdAt" DESC, o.id
	) AS g ON g.task_id = t.id
WHERE t.status = 'DONE' AND t."deletedAt" IS NULL AND t.title ~* '\m(call|called|phone|ring|ringe|ringt|telefon)\M';

CREATE OR REPLACE VIEW source_issue AS
SELECT 'opportunity'::text AS relation, o.opportunity_id::text AS key, o.rep_id::text AS rep_id, i.issue, i.problem
FROM source_opportunity AS o, LATERAL (VALUES
	('reopened', o.reopened_at IS NOT NULL, format('it was closed before, and reopened %s', kpi.mart_text(o.reopened_at, {zone}))),
	('appointment_sources_differ', abs(extract(epoch FROM o.meeting_at - o.appointment_stage_at)) > 7 * 86400,
		format('first meeting %s, stage of the appointment entered %s', kpi.mart_text(o.meeting_at, {zone}), kpi.mart_text(o.appointment_stage_at, {zone})))
) AS i(issue, is_found, problem)
WHERE i.is_found AND o.outcome <> 'void'
UNION ALL
{other_currency};
