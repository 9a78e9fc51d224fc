-- hubspot: HubSpot, as Fivetran lands it
--
-- reads deal: deal_id bigint, owner_id bigint, deal_pipeline_id text, deal_pipeline_stage_id text, property_createdate timestamptz,
--   property_closedate timestamptz, property_amount numeric, property_amount_in_home_currency numeric?, property_deal_currency_code text?,
--   property_closed_lost_reason text?, property_dealtype text?, property_hs_lastmodifieddate timestamptz?, is_deleted boolean?, _fivetran_deleted boolean?
-- reads deal_pipeline_stage: stage_id text, pipeline_id text, label text, display_order integer?, probability double precision?, is_closed boolean?,
--   closed_won boolean?
-- reads deal_pipeline?: pipeline_id text, label text
-- reads deal_stage?: deal_id bigint, value text, date_entered timestamptz, _fivetran_start timestamptz?
-- reads deal_property_history?: deal_id bigint, name text, timestamp timestamptz, value text
-- reads merged_deal?: deal_id bigint, merged_deal_id bigint
-- reads deal_company?: deal_id bigint, company_id bigint, type_id bigint?
-- reads owner: owner_id bigint, active_user_id bigint?, email text?, first_name text?, last_name text?
-- reads team?: id bigint, name text, _fivetran_deleted boolean?
-- reads owner_team?: owner_id bigint, team_id bigint, is_team_primary boolean?, _fivetran_deleted boolean?
-- reads users?: id text, primary_team_id bigint?, _fivetran_deleted boolean?
-- reads team_user?: team_id bigint, user_id text, is_secondary_user boolean?, _fivetran_deleted boolean?
-- reads engagement?: id bigint, owner_id bigint?, timestamp timestamptz?, created_at timestamptz?
-- reads engagement_deal?: engagement_id bigint, deal_id bigint
-- reads engagement_meeting?: engagement_id bigint, property_hubspot_owner_id bigint?, property_hs_createdate timestamptz?,
--   property_hs_timestamp timestamptz?, property_hs_meeting_outcome text?, start_time timestamptz?, meeting_outcome text?, _fivetran_deleted boolean?
-- reads engagement_call?: engagement_id bigint, property_hubspot_owner_id bigint?, property_hs_timestamp timestamptz?,
--   property_hs_call_status|status text?, property_hs_call_disposition|disposition text?, property_hs_call_direction text?, _fivetran_deleted boolean?
-- reads quote?: id bigint, property_hs_status text, property_hs_createdate timestamptz, _fivetran_deleted boolean?
-- reads quote_deal?: quote_id bigint, deal_id bigint

-- Closed stages are told by probability: 1 is won, 0 is lost. closed_won meant either in its time.
CREATE OR REPLACE VIEW stage_found AS
WITH known AS (
	SELECT coalesce(s.pipeline_id, '') AS pipeline, s.stage_id AS stage, s.label, concat_ws(': ', p.label, s.label) AS stage_name, s.display_order AS ordinal,
		coalesce(is_closed, closed_won, false) OR is_closed IS NULL AND probability IN (0, 1) AS is_closed, probability
	FROM {deal_pipeline_stage} AS s LEFT JOIN {deal_pipeline} AS p ON p.pipeline_id = s.pipeline_id
	UNION ALL
	-- those that are gone from the pipelines; of the first pipeline's the ids speak
	SELECT '', stage, CASE stage
			WHEN 'appointmentscheduled' THEN 'Appointment scheduled'
			WHEN 'qualifiedtobuy' THEN 'Qualified to buy'
			WHEN 'presentationscheduled' THEN 'Presentation scheduled'
			WHEN 'decisionmakerboughtin' THEN 'Decision maker bought-in'
			WHEN 'contractsent' THEN 'Contract sent'
		END, stage, NULL, stage IN ('closedwon', 'closedlost'), CASE stage WHEN 'closedwon' THEN 1 WHEN 'closedlost' THEN 0 END
	FROM (
		SELECT deal_pipeline_stage_id AS stage FROM {deal} AS d
		UNION
		SELECT value FROM {deal_stage} AS s
		UNION
		SELECT value FROM {deal_property_history} AS h WHERE name = 'dealstage'
	) AS used
	WHERE stage <> '' AND stage NOT IN (SELECT stage_id FROM {deal_pipeline_stage} AS s WHERE stage_id IS NOT NULL)
)
SELECT pipeline, stage, stage_name, ordinal,
	CASE
		WHEN is_closed THEN CASE WHEN probability >= 1 THEN 'won' WHEN probability <= 0 THEN 'lost' END
		ELSE nullif(nullif(milestone, 'won'), 'lost')
	END AS milestone
FROM known,
	LATERAL (SELECT CASE lower(label)
		-- a deal begins in it
		WHEN 'appointment scheduled' THEN 'none'
		WHEN 'qualified to buy' THEN 'appointment'
		WHEN 'presentation scheduled' THEN 'appointment'
		WHEN 'decision maker bought-in' THEN 'proposal'
		WHEN 'contract sent' THEN 'proposal'
		ELSE kpi.adapter_milestone(label)
	END) AS m(milestone);

-- What each source says of a deal
CREATE OR REPLACE VIEW source_opportunity AS
WITH milestone AS (
	-- a stage has one id in all pipelines
	SELECT DISTINCT ON (stage) stage, milestone
	FROM stage
	ORDER BY stage, pipeline DESC
),
entry AS NOT MATERIALIZED (
	SELECT deal_id, value AS stage, date_entered AS entered_at, coalesce(_fivetran_start, date_entered) AS recorded_at
	FROM {deal_stage} AS s
	WHERE value <> ''
	UNION ALL
	SELECT deal_id, value, "timestamp", "timestamp"
	FROM {deal_property_history} AS h
	WHERE name = 'dealstage' AND value <> '' AND NOT EXISTS (SELECT FROM {deal_stage} AS s)
),
move AS (
	-- a deal that is said again to be in a stage has not entered it again, so what counts is where the milestone changes
	SELECT e.deal_id, e.entered_at, m.milestone,
		m.milestone IS DISTINCT FROM lag(m.milestone) OVER moves AS begins,
		lag(m.milestone) OVER moves IN ('won', 'lost') AS was_closed,
		lead(e.deal_id) OVER moves IS NULL AS is_last
	FROM entry AS e LEFT JOIN milestone AS m ON m.stage = e.stage
	WINDOW moves AS (PARTITION BY e.deal_id ORDER BY e.entered_at, e.recorded_at)
),
history AS (
	SELECT deal_id,
		min(entered_at) AS began_at,
		min(entered_at) FILTER (WHERE milestone = 'appointment') AS appointment_at,
		min(entered_at) FILTER (WHERE milestone = 'proposal') AS proposal_at,
		max(entered_at) FILTER (WHERE milestone = 'won' AND begins) AS won_at,
		max(entered_at) FILTER (WHERE milestone = 'lost' AND begins) AS lost_at,
		max(entered_at) FILTER (WHERE was_closed AND begins) AS reopened_at,
		max(milestone) FILTER (WHERE is_last) AS milestone
	FROM move
	GROUP BY deal_id
),
meeting AS (
	SELECT l.deal_id, min(coalesce(property_hs_timestamp, start_time)) AS held_at
	FROM {engagement_deal} AS l JOIN {engagement_meeting} AS m ON m.engagement_id = l.engagement_id
	WHERE coalesce(property_hs_meeting_outcome, meeting_outcome) = 'COMPLETED' AND _fivetran_deleted IS NOT TRUE
	GROUP BY l.deal_id
),
sent_quote AS (
	-- published, in either state; when it was created is all that is known
	SELECT l.deal_id, min(property_hs_createdate) AS sent_at
	FROM {quote_deal} AS l JOIN {quote} AS q ON q.id = l.quote_id
	WHERE property_hs_status IN ('APPROVAL_NOT_NEEDED', 'APPROVED') AND _fivetran_deleted IS NOT TRUE
	GROUP BY l.deal_id
),
company AS (
	-- type 5: the primary one
	SELECT deal_id, coalesce(min(company_id) FILTER (WHERE type_id = 5), min(company_id)) AS company_id
	FROM {deal_company} AS l
	GROUP BY deal_id
),
merged AS (
	SELECT DISTINCT merged_deal_id
	FROM {merged_deal} AS l
	WHERE merged_deal_id <> deal_id
)
SELECT d.deal_id AS opportunity_id, d.owner_id AS rep_id, d.property_createdate AS created_at,
	CASE WHEN e.held_at <= c.closed_at OR c.closed_at IS NULL THEN e.held_at END AS meeting_at,
	CASE
		WHEN h.deal_id IS NULL THEN CASE WHEN n.milestone = 'appointment' AND k.has_history THEN d.property_createdate END
		-- who came to a proposal without one, and went back, had it before
		WHEN (h.appointment_at > h.proposal_at) IS NOT TRUE THEN h.appointment_at
	END AS appointment_stage_at,
	CASE WHEN q.sent_at <= c.closed_at OR c.closed_at IS NULL THEN q.sent_at END AS quote_at,
	CASE
		WHEN h.deal_id IS NULL THEN CASE WHEN n.milestone = 'proposal' AND k.has_history THEN d.property_createdate END
		ELSE h.proposal_at
	END AS proposal_stage_at,
	c.closed_at,
	CASE
		WHEN d.is_deleted OR d._fivetran_deleted OR g.merged_deal_id IS NOT NULL THEN 'void'
		WHEN n.milestone IN ('won', 'lost', 'void') THEN n.milestone
		ELSE 'open'
	END AS outcome,
	-- HubSpot has converted the one into the company's own currency
	coalesce(d.property_amount_in_home_currency, d.property_amount) AS amount,
	CASE WHEN d.property_amount_in_home_currency IS NULL AND d.property_amount IS NOT NULL THEN nullif(d.property_deal_currency_code, '') END AS currency,
	CASE WHEN n.milestone = 'lost' THEN d.property_closed_lost_reason END AS lost_reason,
	coalesce(p.label, d.deal_pipeline_id) AS pipeline,
	CASE
		WHEN d.property_dealtype = 'newbusiness' THEN 'new'
		WHEN d.property_dealtype = 'existingbusiness' THEN 'expansion'
		WHEN d.property_dealtype ~* 'renew|forny' THEN 'renewal'
	END AS kind,
	y.company_id AS account_id,
	d.property_hs_lastmodifieddate AS updated_at,
	h.reopened_at
FROM {deal} AS d
	LEFT JOIN milestone AS n ON n.stage = d.deal_pipeline_stage_id
	LEFT JOIN history AS h ON h.deal_id = d.deal_id
	LEFT JOIN meeting AS e ON e.deal_id = d.deal_id
	LEFT JOIN sent_quote AS q ON q.deal_id = d.deal_id
	LEFT JOIN company AS y ON y.deal_id = d.deal_id
	LEFT JOIN merged AS g ON g.merged_deal_id = d.deal_id
	LEFT JOIN {deal_pipeline} AS p ON p.pipeline_id = d.deal_pipeline_id
	CROSS JOIN (SELECT EXISTS (SELECT FROM entry)) AS k(has_history)
	CROSS JOIN LATERAL (
		-- the closing date is set on closing, and can be edited; it is a plan as long as it lies ahead
		SELECT CASE n.milestone WHEN 'won' THEN h.won_at WHEN 'lost' THEN h.lost_at END,
			CASE WHEN d.property_closedate IS NOT NULL THEN least(d.property_closedate, d.property_hs_lastmodifieddate) END
	) AS t(entered_at, stated_at)
	CROSS JOIN LATERAL (
		SELECT CASE
			WHEN (n.milestone IN ('won', 'lost')) IS NOT TRUE THEN NULL
			WHEN h.milestone IS DISTINCT FROM n.milestone THEN t.stated_at
			-- it came closed, as from an import: nobody saw it close
			WHEN t.entered_at = h.began_at THEN least(t.stated_at, t.entered_at)
			ELSE t.entered_at
		END
	) AS c(closed_at);

CREATE OR REPLACE VIEW opportunity AS
SELECT o.opportunity_id, o.rep_id, o.created_at,
	coalesce(o.meeting_at, o.appointment_stage_at) AS appointment_at,
	coalesce(o.quote_at, o.proposal_stage_at) AS proposal_at,
	o.closed_at, o.outcome,
	CASE WHEN o.currency <> {currency} THEN o.amount * {rate} ELSE o.amount END AS amount,
	o.lost_reason, o.pipeline, o.kind, o.account_id, o.updated_at, o.currency
FROM source_opportunity AS o;

-- Owners are no users: they have ids of their own, and are in teams by the one or the other.
CREATE OR REPLACE VIEW rep AS
WITH member AS (
	SELECT owner_id, team_id, CASE WHEN is_team_primary THEN 1 ELSE 4 END AS place
	FROM {owner_team} AS l
	WHERE _fivetran_deleted IS NOT TRUE
	UNION ALL
	SELECT w.owner_id, u.primary_team_id, 2
	FROM {owner} AS w JOIN {users} AS u ON u.id = w.active_user_id::text
	UNION ALL
	SELECT w.owner_id, l.team_id, CASE WHEN is_secondary_user THEN 5 ELSE 3 END
	FROM {owner} AS w JOIN {team_user} AS l ON l.user_id = w.active_user_id::text
	WHERE _fivetran_deleted IS NOT TRUE
),
first_team AS (
	SELECT DISTINCT ON (m.owner_id) m.owner_id, t.name
	FROM member AS m JOIN {team} AS t ON t.id = m.team_id
	WHERE t._fivetran_deleted IS NOT TRUE
	ORDER BY m.owner_id, m.place, m.team_id
)
SELECT w.owner_id AS rep_id, coalesce(nullif(concat_ws(' ', nullif(w.first_name, ''), nullif(w.last_name, '')), ''), w.email) AS rep_name,
	t.name AS team, t.name AS peer_group
FROM {owner} AS w LEFT JOIN first_team AS t ON t.owner_id = w.owner_id;

-- A call that was made is a call; one in which somebody answered is a conversation, too. A meeting is booked when it is
-- entered, and an appointment when it was held. What belongs to several deals is counted once, for the first of them.
CREATE OR REPLACE VIEW activity AS
WITH first_deal AS (
	SELECT engagement_id, min(deal_id) AS deal_id
	FROM {engagement_deal} AS l
	GROUP BY engagement_id
)
SELECT coalesce(c.property_hubspot_owner_id, e.owner_id) AS rep_id, a.kind, coalesce(c.property_hs_timestamp, e."timestamp") AS happened_at,
	l.deal_id AS opportunity_id
FROM {engagement_call} AS c
	LEFT JOIN {engagement} AS e ON e.id = c.engagement_id
	LEFT JOIN first_deal AS l ON l.engagement_id = c.engagement_id
	CROSS JOIN LATERAL (VALUES
		('call', coalesce(c.property_hs_call_direction, '') <> 'INBOUND'
			AND coalesce(c.property_hs_call_status, '') NOT IN ('CANCELED', 'FAILED', 'QUEUED', 'CALLING_CRM_USER', 'MISSED')),
		('conversation', CASE
			WHEN c.property_hs_call_disposition = 'f240bbac-87c9-4f6e-bf70-924b57d47db7' THEN true	-- connected
			WHEN c.property_hs_call_disposition IN (
				'9d9162e7-6cf3-4944-bf63-4dff82258764',	-- busy
				'a4c4c377-d246-4b32-a13b-75a56a4cd0ff',	-- left a live message
				'b2cf5968-551e-4856-9783-52b3da59a7d0',	-- left voicemail
				'73a0d17f-1163-4015-bdd5-ec830791da20',	-- no answer
				'17b47fee-58de-441e-a44c-c6300d46f273'	-- wrong number
			) THEN false
			-- an outcome of the company's own, or none
			ELSE c.property_hs_call_status = 'COMPLETED'
		END)
	) AS a(kind, counts)
WHERE c._fivetran_deleted IS NOT TRUE AND a.counts
UNION ALL
SELECT coalesce(m.property_hubspot_owner_id, e.owner_id), a.kind, a.happened_at, l.deal_id
FROM {engagement_meeting} AS m
	LEFT JOIN {engagement} AS e ON e.id = m.engagement_id
	LEFT JOIN first_deal AS l ON l.engagement_id = m.engagement_id
	CROSS JOIN LATERAL (
		SELECT coalesce(m.property_hs_timestamp, m.start_time, e."timestamp"), coalesce(m.property_hs_meeting_outcome, m.meeting_outcome, '')
	) AS s(starts_at, outcome)
	CROSS JOIN LATERAL (VALUES
		-- one that was moved is there again; one that was entered afterwards was not booked later than held
		('booked', least(coalesce(m.property_hs_createdate, e.created_at), s.starts_at), s.outcome <> 'RESCHEDULED'),
		('appointment', s.starts_at, s.outcome = 'COMPLETED')
	) AS a(kind, happened_at, counts)
WHERE m._fivetran_deleted IS NOT TRUE AND a.counts;

CREATE OR REPLACE VIEW source_issue AS
SELECT 'opportunity'::text AS relation, o.opportunity_id::text AS key, o.rep_id::text AS rep_id, i.issue, i.problem
FROM source_opportunity AS o, LATERAL (VALUES
	('reopened', o.reopened_at IS NOT NULL, format('it was closed before, and reopened %s', kpi.mart_text(o.reopened_at, {zone}))),
	('appointment_sources_differ', abs(extract(epoch FROM o.meeting_at - o.appointment_stage_at)) > 7 * 86400,
		format('first meeting %s, stage of the appointment entered %s', kpi.mart_text(o.meeting_at, {zone}), kpi.mart_text(o.appointment_stage_at, {zone}))),
	('proposal_sources_differ', abs(extract(epoch FROM o.quote_at - o.proposal_stage_at)) > 7 * 86400,
		format('first quote %s, stage of the proposal entered %s', kpi.mart_text(o.quote_at, {zone}), kpi.mart_text(o.proposal_stage_at, {zone})))
) AS i(issue, is_found, problem)
WHERE i.is_found AND o.outcome <> 'void'
UNION ALL
{other_currency};
