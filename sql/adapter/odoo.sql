-- odoo: Odoo CRM 16, 17 and 18, in its own database or a copy of it
--
-- reads crm_lead: id integer, type text, user_id integer, company_id integer?, partner_id integer?, active boolean, stage_id integer,
--   probability double precision, expected_revenue numeric, recurring_revenue_monthly numeric?, lost_reason_id|lost_reason integer?,
--   create_date timestamptz, write_date timestamptz?, date_conversion timestamptz?, date_closed timestamptz?,
--   date_last_stage_update timestamptz?, won_status text?
-- reads crm_stage: id integer, name jsonb, sequence integer, is_won boolean
-- reads res_users: id integer, partner_id integer, company_id integer?, sale_team_id integer?
-- reads res_partner: id integer, name text
-- reads crm_team?: id integer, name jsonb
-- reads crm_team_member?: id integer, crm_team_id integer, user_id integer, active boolean?
-- reads crm_lost_reason?: id integer, name jsonb
-- reads res_company?: id integer, currency_id integer
-- reads res_currency?: id integer, name text
-- reads hr_employee?: user_id integer, departure_date date
-- reads ir_model_fields?: id integer, model text, name text
-- reads mail_message?: id integer, model text, res_id integer, date timestamptz, author_id integer, mail_activity_type_id integer?
-- reads mail_tracking_value?: id integer, mail_message_id integer, field_id|field integer, old_value_integer integer, new_value_integer integer,
--   old_value_char text?, new_value_char text?
-- reads mail_activity_type?: id integer, category text
-- reads calendar_event?: opportunity_id integer, user_id integer, start timestamptz, create_date timestamptz?, active boolean?
-- reads sale_order?: opportunity_id integer, state text, create_date timestamptz, date_order timestamptz

-- A stage that was deleted is known by what the history calls it.
CREATE OR REPLACE VIEW stage_found AS
SELECT ''::text AS pipeline, id::text AS stage, stage_name, (row_number() OVER (ORDER BY sequence, id))::integer AS ordinal,
	CASE WHEN is_won THEN 'won' ELSE nullif(kpi.adapter_milestone(stage_name), 'won') END AS milestone
FROM (SELECT id, sequence, is_won, kpi.adapter_label(name) AS stage_name FROM {crm_stage} AS s) AS s
UNION ALL
SELECT '', d.id::text, d.stage_name, NULL, kpi.adapter_milestone(d.stage_name)
FROM (
	SELECT v.id, min(v.name) AS stage_name
	FROM {ir_model_fields} AS f
		JOIN (
			SELECT field_id, new_value_integer AS id, new_value_char AS name FROM {mail_tracking_value} AS v
			UNION ALL
			SELECT field_id, old_value_integer, old_value_char FROM {mail_tracking_value} AS v
		) AS v ON v.field_id = f.id
	WHERE f.model = 'crm.lead' AND f.name = 'stage_id' AND v.id > 0
	GROUP BY v.id
) AS d
WHERE NOT EXISTS (SELECT FROM {crm_stage} AS s WHERE s.id = d.id);

CREATE OR REPLACE VIEW source_opportunity AS
SELECT l.id AS opportunity_id, l.user_id AS rep_id, came.created_at, coalesce(h.meeting_at, h.ticked_at) AS meeting_at,
	-- a stage that was entered on the way back had been passed before
	CASE WHEN (seen.appointment_at > seen.proposal_at) IS NOT TRUE THEN seen.appointment_at END AS appointment_stage_at,
	h.quote_at,
	seen.proposal_at AS proposal_stage_at,
	CASE outcome.outcome
		WHEN 'won' THEN coalesce(CASE present.milestone WHEN 'won' THEN h.won_at END, l.date_closed, l.date_last_stage_update)
		WHEN 'lost' THEN coalesce(CASE present.milestone WHEN 'lost' THEN h.lost_at ELSE h.archived_at END, l.date_closed)
	END AS closed_at,
	h.reopened_at, outcome.outcome,
	-- of a deal that recurs, the revenue of its first year; 0 is a field that was left empty
	nullif(coalesce(l.expected_revenue + 12 * l.recurring_revenue_monthly, l.expected_revenue, 12 * l.recurring_revenue_monthly), 0) AS amount,
	r.name AS lost_reason, l.partner_id AS account_id, l.write_date AS updated_at, c.name AS currency
FROM {crm_lead} AS l
	LEFT JOIN (SELECT CASE WHEN stage ~ '^[1-9]\d{0,8}$' THEN stage::integer END AS id, milestone FROM stage WHERE pipeline = '') AS present ON present.id = l.stage_id
	-- worked out for each reason, not for each opportunity
	LEFT JOIN (SELECT id, kpi.adapter_label(name) AS name FROM {crm_lost_reason} AS r OFFSET 0) AS r ON r.id = l.lost_reason_id
	LEFT JOIN {res_users} AS u ON u.id = l.user_id
	LEFT JOIN {res_company} AS y ON y.id = coalesce(l.company_id, u.company_id)
	LEFT JOIN {res_currency} AS c ON c.id = y.currency_id
	LEFT JOIN (
		SELECT e.lead_id, min(e.at) FILTER (WHERE e.event = 'meeting') AS meeting_at, min(e.at) FILTER (WHERE e.event = 'ticked') AS ticked_at,
			min(e.at) FILTER (WHERE e.event = 'quote') AS quote_at, min(e.at) FILTER (WHERE e.event = 'stage') AS changed_at,
			min(e.at) FILTER (WHERE e.milestone = 'appointment') AS appointment_at, min(e.at) FILTER (WHERE e.left_milestone = 'appointment') AS appointment_left_at,
			min(e.at) FILTER (WHERE e.milestone = 'appointment' AND e.left_milestone IS DISTINCT FROM 'appointment') AS appointment_from_other_at,
			min(e.at) FILTER (WHERE e.milestone = 'proposal') AS proposal_at, min(e.at) FILTER (WHERE e.left_milestone = 'proposal') AS proposal_left_at,
			min(e.at) FILTER (WHERE e.milestone = 'proposal' AND e.left_milestone IS DISTINCT FROM 'proposal') AS proposal_from_other_at,
			min(e.at) FILTER (WHERE e.milestone = 'won') AS won_first_at,
			max(e.at) FILTER (WHERE e.milestone = 'won' AND e.left_milestone IS DISTINCT FROM 'won') AS won_at,
			max(e.at) FILTER (WHERE e.milestone = 'lost' AND e.left_milestone IS DISTINCT FROM 'lost') AS lost_at,
			max(e.at) FILTER (WHERE e.event = 'archived') AS archived_at,
			max(e.at) FILTER (WHERE e.event = 'restored' OR e.left_milestone IN ('won', 'lost') AND (e.milestone IN ('won', 'lost')) IS NOT TRUE) AS reopened_at
		FROM (
			SELECT m.res_id AS lead_id, m.date AS at,
				CASE WHEN v.field_id = f.stage THEN 'stage' WHEN v.new_value_integer = 1 THEN 'restored' ELSE 'archived' END AS event,
				a.milestone, b.milestone AS left_milestone
			FROM {mail_message} AS m JOIN {mail_tracking_value} AS v ON v.mail_message_id = m.id
				JOIN (
					SELECT min(id) FILTER (WHERE name = 'stage_id') AS stage, min(id) FILTER (WHERE name = 'active') AS active
					FROM {ir_model_fields} AS f
					WHERE model = 'crm.lead' AND name IN ('stage_id', 'active')
				) AS f ON v.field_id IN (f.stage, f.active)
				LEFT JOIN (SELECT CASE WHEN stage ~ '^[1-9]\d{0,8}$' THEN stage::integer END AS id, milestone FROM stage WHERE pipeline = '') AS a
					ON a.id = v.new_value_integer AND v.field_id = f.stage
				LEFT JOIN (SELECT CASE WHEN stage ~ '^[1-9]\d{0,8}$' THEN stage::integer END AS id, milestone FROM stage WHERE pipeline = '') AS b
					ON b.id = v.old_value_integer AND v.field_id = f.stage
			WHERE m.model = 'crm.lead'
			UNION ALL
			SELECT e.opportunity_id, e.start, 'meeting', NULL, NULL
			FROM {calendar_event} AS e, config AS c
			WHERE e.active IS NOT FALSE AND e.start <= coalesce(c.refreshed_as_of, c.as_of, now())
			UNION ALL
			-- a meeting that was planned and ticked off without a calendar
			SELECT m.res_id, m.date, 'ticked', NULL, NULL
			FROM {mail_message} AS m JOIN {mail_activity_type} AS t ON t.id = m.mail_activity_type_id AND t.category = 'meeting'
			WHERE m.model = 'crm.lead'
			UNION ALL
			-- date_order becomes the day of the confirmation
			SELECT opportunity_id, least(create_date, date_order), 'quote', NULL, NULL FROM {sale_order} AS q WHERE state IN ('sent', 'sale', 'done')
		) AS e
		GROUP BY e.lead_id
	) AS h ON h.lead_id = l.id,
	LATERAL (SELECT coalesce(l.date_conversion, l.create_date)) AS came(created_at),
	LATERAL (
		SELECT CASE
			WHEN present.milestone = 'void' THEN 'void'
			WHEN l.won_status = 'lost' OR NOT l.active AND coalesce(l.probability, 0) = 0 OR present.milestone = 'lost' THEN 'lost'
			WHEN l.won_status = 'won' OR l.probability >= 100 OR present.milestone = 'won' THEN 'won'
			-- archived, but not as lost
			WHEN NOT l.active THEN 'void'
			ELSE 'open'
		END
	) AS outcome(outcome),
	-- The first stage is in no row of the history but as what the first change left; a present stage that is in none was
	-- entered when the lead says. What comes before it was an opportunity is the history of another that was merged into it.
	LATERAL (
		SELECT
			CASE
				WHEN h.appointment_left_at = h.changed_at AND (h.appointment_from_other_at > h.appointment_left_at) IS NOT FALSE THEN came.created_at
				WHEN h.appointment_at IS NOT NULL THEN greatest(h.appointment_at, came.created_at)
				WHEN present.milestone = 'appointment' THEN greatest(l.date_last_stage_update, came.created_at)
			END,
			CASE
				WHEN h.proposal_left_at = h.changed_at AND (h.proposal_from_other_at > h.proposal_left_at) IS NOT FALSE THEN came.created_at
				-- who was a customer before had a proposal
				WHEN h.won_first_at IS NOT NULL AND (outcome.outcome <> 'won' OR h.won_first_at < h.won_at)
				THEN greatest(least(h.proposal_at, h.won_first_at), came.created_at)
				WHEN h.proposal_at IS NOT NULL THEN greatest(h.proposal_at, came.created_at)
				WHEN present.milestone = 'proposal' THEN greatest(l.date_last_stage_update, came.created_at)
			END
	) AS seen(appointment_at, proposal_at)
WHERE l.type = 'opportunity';

-- A meeting, or a quote, after the closing is of what comes next: of the delivery.
CREATE OR REPLACE VIEW opportunity AS
SELECT o.opportunity_id, o.rep_id, o.created_at,
	coalesce(CASE WHEN (o.meeting_at > o.closed_at) IS NOT TRUE THEN o.meeting_at END, o.appointment_stage_at) AS appointment_at,
	coalesce(CASE WHEN (o.quote_at > o.closed_at) IS NOT TRUE THEN o.quote_at END, o.proposal_stage_at) AS proposal_at, o.closed_at, o.outcome,
	CASE WHEN o.currency <> {currency} THEN o.amount * {rate} ELSE o.amount END AS amount,
	CASE o.outcome WHEN 'lost' THEN o.lost_reason END AS lost_reason, o.account_id, o.updated_at, CASE WHEN o.amount IS NOT NULL THEN o.currency END AS currency
FROM source_opportunity AS o;

-- who has opportunities, or is in a team
CREATE OR REPLACE VIEW rep AS
SELECT u.id AS rep_id, p.name AS rep_name, t.team, t.team AS peer_group, NULL::date AS hired_on, e.departure_date AS left_on
FROM {res_users} AS u
	LEFT JOIN {res_partner} AS p ON p.id = u.partner_id
	LEFT JOIN (SELECT user_id, max(departure_date) AS departure_date FROM {hr_employee} AS e GROUP BY user_id) AS e ON e.user_id = u.id
	LEFT JOIN LATERAL (
		SELECT kpi.adapter_label(t.name) AS team
		FROM {crm_team} AS t LEFT JOIN {crm_team_member} AS m ON m.crm_team_id = t.id AND m.user_id = u.id AND m.active IS NOT FALSE
		WHERE m.id IS NOT NULL OR t.id = u.sale_team_id
		ORDER BY m.id
		LIMIT 1
	) AS t ON true
WHERE EXISTS (SELECT FROM {crm_lead} AS l WHERE l.user_id = u.id AND l.type = 'opportunity')
	OR EXISTS (SELECT FROM {crm_team_member} AS m WHERE m.user_id = u.id AND m.active IS NOT FALSE);

CREATE OR REPLACE VIEW activity AS
SELECT e.user_id AS rep_id, k.kind, k.at AS happened_at, l.id AS opportunity_id
FROM {calendar_event} AS e LEFT JOIN {crm_lead} AS l ON l.id = e.opportunity_id AND l.type = 'opportunity',
	LATERAL (VALUES ('booked', e.create_date), ('appointment', e.start)) AS k(kind, at)
WHERE e.opportunity_id IS NOT NULL AND e.active IS NOT FALSE AND k.at <= {now}
UNION ALL
SELECT u.id, CASE t.category WHEN 'phonecall' THEN 'call' ELSE 'appointment' END, m.date, l.id
FROM {mail_message} AS m
	JOIN {mail_activity_type} AS t ON t.id = m.mail_activity_type_id AND t.category IN ('phonecall', 'meeting')
	LEFT JOIN {crm_lead} AS l ON l.id = m.res_id AND l.type = 'opportunity'
	LEFT JOIN (SELECT partner_id, min(id) AS id FROM {res_users} AS u GROUP BY partner_id) AS u ON u.partner_id = m.author_id
WHERE m.model = 'crm.lead' AND m.date <= {now}
	AND (t.category = 'phonecall' OR NOT EXISTS (SELECT FROM {calendar_event} AS e WHERE e.opportunity_id = m.res_id AND e.active IS NOT FALSE));

CREATE OR REPLACE VIEW source_issue AS
SELECT 'opportunity'::text AS relation, o.opportunity_id::text AS key, o.rep_id::text AS rep_id, i.issue,
	CASE i.issue
		WHEN 'reopened' THEN format('it was closed before, and reopened %s', kpi.mart_text(o.reopened_at, {zone}))
		WHEN 'appointment_sources_differ' THEN format('first meeting %s, stage of the appointment entered %s',
			kpi.mart_text(o.meeting_at, {zone}), kpi.mart_text(o.appointment_stage_at, {zone}))
		WHEN 'proposal_sources_differ' THEN format('first quote %s, stage of the proposal entered %s',
			kpi.mart_text(o.quote_at, {zone}), kpi.mart_text(o.proposal_stage_at, {zone}))
		ELSE format('amount is in %s, and there is no rate to %s', o.currency, {currency})
	END AS problem
FROM source_opportunity AS o, unnest(ARRAY[
		CASE WHEN o.reopened_at IS NOT NULL THEN 'reopened' END,
		CASE WHEN o.meeting_at NOT BETWEEN o.appointment_stage_at - interval '168 hours' AND o.appointment_stage_at + interval '168 hours'
			THEN 'appointment_sources_differ' END,
		CASE WHEN o.quote_at NOT BETWEEN o.proposal_stage_at - interval '168 hours' AND o.proposal_stage_at + interval '168 hours'
			THEN 'proposal_sources_differ' END,
		CASE WHEN o.currency <> {currency} AND o.amount IS NOT NULL AND {rate} IS NULL THEN 'other_currency' END
	]) AS i(issue)
WHERE i.issue IS NOT NULL AND o.outcome <> 'void';
