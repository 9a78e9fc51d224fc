-- salesforce: Salesforce, as Fivetran lands it (snake_case) or as other loaders do (lower-case names, all text, padded ids)
--
-- reads opportunity: id salesforce_id, owner_id|ownerid salesforce_id, stage_name|stagename text, amount numeric, close_date|closedate date,
--   is_closed|isclosed boolean, is_won|iswon boolean, created_date|createddate timestamptz, is_deleted|isdeleted boolean?,
--   account_id|accountid salesforce_id?, type text?, record_type_id|recordtypeid salesforce_id?, currency_iso_code|currencyisocode text?,
--   last_stage_change_date|laststagechangedate timestamptz?, last_modified_date|lastmodifieddate timestamptz?,
--   loss_reason_c|loss_reason__c|lost_reason_c|lost_reason__c|closed_lost_reason_c|closed_lost_reason__c text?,
--   _fivetran_start timestamptz?, _fivetran_active boolean?, _fivetran_deleted boolean?
-- reads user|users: id salesforce_id, name text, user_role_id|userroleid salesforce_id?, manager_id|managerid salesforce_id?, title text?, department text?,
--   is_active|isactive boolean?, last_login_date|lastlogindate timestamptz?, _fivetran_active boolean?
-- reads user_role|userrole?: id salesforce_id, name text, _fivetran_active boolean?
-- reads record_type|recordtype?: id salesforce_id, name text, _fivetran_active boolean?
-- reads opportunity_stage|opportunitystage?: master_label|masterlabel text, api_name|apiname text?, sort_order|sortorder integer?,
--   is_closed|isclosed boolean?, is_won|iswon boolean?
-- reads opportunity_history|opportunityhistory?: id salesforce_id?, opportunity_id|opportunityid salesforce_id?, stage_name|stagename text,
--   created_date|createddate timestamptz?, is_deleted|isdeleted boolean?, _fivetran_start timestamptz?
-- reads opportunity_field_history|opportunityfieldhistory?: id salesforce_id?, opportunity_id|opportunityid salesforce_id, field text,
--   old_value|oldvalue text, new_value|newvalue text, created_date|createddate timestamptz, is_deleted|isdeleted boolean?
-- reads quote?: id salesforce_id?, opportunity_id|opportunityid salesforce_id, status text, created_date|createddate timestamptz, is_deleted|isdeleted boolean?,
--   _fivetran_active boolean?
-- reads event?: id salesforce_id, owner_id|ownerid salesforce_id, what_id|whatid salesforce_id, who_id|whoid salesforce_id?, subject text?, type text?,
--   start_date_time|startdatetime|activity_date_time|activitydatetime timestamptz, created_date|createddate timestamptz,
--   is_all_day_event|isalldayevent boolean?, is_child|ischild boolean?, is_recurrence|isrecurrence boolean?, is_deleted|isdeleted boolean?,
--   _fivetran_active boolean?
-- reads task?: id salesforce_id?, owner_id|ownerid salesforce_id, what_id|whatid salesforce_id, who_id|whoid salesforce_id?, type text?, task_subtype|tasksubtype text?,
--   call_type|calltype text?, call_disposition|calldisposition text?, is_closed|isclosed boolean, activity_date|activitydate date?,
--   completed_date_time|completeddatetime timestamptz?, created_date|createddate timestamptz, is_deleted|isdeleted boolean?,
--   _fivetran_active boolean?
-- reads forecasting_quota|forecastingquota?: quota_owner_id|quotaownerid salesforce_id, quota_amount|quotaamount numeric, is_amount|isamount boolean?,
--   start_date|startdate date, period_id|periodid salesforce_id?, forecasting_type_id|forecastingtypeid salesforce_id?, currency_iso_code|currencyisocode text?,
--   _fivetran_deleted boolean?
-- reads period?: id salesforce_id, end_date|enddate date

-- stage_state: the stage that an opportunity was in at a time: by OpportunityHistory, which has a row for each change of
-- stage, amount, probability or closing date; by the versions of history mode, in opportunity_history or in opportunity
CREATE OR REPLACE VIEW stage_state AS
SELECT opportunity_id, created_date AS seen_at, id AS place, stage_name AS stage
FROM {opportunity_history} AS h
WHERE opportunity_id IS NOT NULL AND stage_name <> '' AND is_deleted IS NOT TRUE
UNION ALL
SELECT id, _fivetran_start, '', stage_name
FROM {opportunity_history} AS h
WHERE opportunity_id IS NULL AND _fivetran_start IS NOT NULL AND stage_name <> ''
UNION ALL
SELECT id, _fivetran_start, '', stage_name
FROM {opportunity} AS o
WHERE _fivetran_start IS NOT NULL AND stage_name <> '';

-- The stages by type; those that are neither won nor lost by name, too. All that were ever used are there: one that was
-- renamed is in the history by its old name.
CREATE OR REPLACE VIEW stage_found AS
SELECT '' AS pipeline, f.stage, coalesce(f.stage_name, f.stage) AS stage_name, f.ordinal,
	CASE
		WHEN f.is_won THEN 'won'
		WHEN f.is_closed THEN CASE m.milestone WHEN 'void' THEN 'void' ELSE 'lost' END
		-- what is not closed is neither, whatever it is called
		WHEN NOT f.is_closed AND m.milestone IN ('won', 'lost', 'void') THEN NULL
		ELSE m.milestone
	END AS milestone
FROM (
	SELECT stage, min(stage_name) AS stage_name, min(ordinal) AS ordinal, bool_or(is_closed) AS is_closed, bool_or(is_won) AS is_won
	FROM (
		SELECT coalesce(api_name, master_label) AS stage, master_label AS stage_name, sort_order AS ordinal, is_closed, is_won FROM {opportunity_stage} AS s
		UNION ALL
		SELECT DISTINCT stage_name, NULL, NULL::integer, is_closed, is_won FROM {opportunity} AS o WHERE _fivetran_active IS NOT FALSE
		UNION ALL
		SELECT DISTINCT stage, NULL, NULL::integer, NULL::boolean, NULL::boolean FROM stage_state
		UNION ALL
		SELECT DISTINCT new_value, NULL, NULL::integer, NULL::boolean, NULL::boolean FROM {opportunity_field_history} AS h WHERE field IN ('StageName', 'stage_name')
		UNION ALL
		SELECT DISTINCT old_value, NULL, NULL::integer, NULL::boolean, NULL::boolean FROM {opportunity_field_history} AS h WHERE field IN ('StageName', 'stage_name')
	) AS s
	WHERE stage <> ''
	GROUP BY stage
) AS f,
	LATERAL (SELECT kpi.adapter_milestone(coalesce(f.stage_name, f.stage))) AS m(milestone);

-- meeting: the meetings and calls of the calendar that are with or about somebody outside, those to come, too; no copies
-- for who is invited, no patterns of series, no whole days
CREATE OR REPLACE VIEW meeting AS
SELECT owner_id AS rep_id, CASE type WHEN 'Call' THEN 'call' ELSE 'meeting' END AS kind, least(created_date, start_date_time) AS booked_at,
	start_date_time AS happened_at, what_id
FROM {event} AS e
WHERE is_deleted IS NOT TRUE AND is_child IS NOT TRUE AND is_recurrence IS NOT TRUE AND is_all_day_event IS NOT TRUE AND _fivetran_active IS NOT FALSE
	AND type IS DISTINCT FROM 'Email' AND (subject ~* '^cancell?ed\M') IS NOT TRUE AND (what_id <> '' OR who_id <> '');

CREATE OR REPLACE VIEW source_opportunity AS
SELECT o.opportunity_id, o.rep_id, o.created_at, o.outcome,
	-- what comes a day or more after the closing is of the delivery
	CASE WHEN (m.held_at >= z.closed_at + interval '24 hours') IS NOT TRUE THEN m.held_at END AS meeting_at,
	CASE WHEN (q.sent_at >= z.closed_at + interval '24 hours') IS NOT TRUE THEN q.sent_at END AS quote_at,
	CASE
		WHEN e.by_change THEN CASE WHEN c.appointment_left_at = c.changed_at AND (c.appointment_from_other_at > c.changed_at) IS NOT FALSE THEN o.created_at
			ELSE c.appointment_at END
		WHEN h.opportunity_id IS NOT NULL THEN h.appointment_at
		WHEN o.milestone = 'appointment' THEN o.present_since
	END AS appointment_stage_at,
	CASE
		WHEN e.by_change THEN CASE WHEN c.proposal_left_at = c.changed_at AND (c.proposal_from_other_at > c.changed_at) IS NOT FALSE THEN o.created_at
			-- who was a customer once had a proposal
			WHEN c.proposal_at IS NULL AND o.outcome <> 'won' THEN c.won_first_at ELSE c.proposal_at END
		WHEN h.opportunity_id IS NOT NULL THEN CASE WHEN h.proposal_at IS NULL AND o.outcome <> 'won' THEN h.first_won ELSE h.proposal_at END
		WHEN o.milestone = 'proposal' THEN o.present_since
	END AS proposal_stage_at,
	z.closed_at,
	-- closed once before the close in force, or before it was opened again
	CASE
		WHEN e.by_change THEN CASE WHEN o.outcome = 'open' OR c.is_reopened THEN least(c.won_first_at, c.lost_first_at, c.closed_left_at) END
		WHEN o.outcome = 'open' OR e.first_closed < h.last_open OR o.outcome = 'won' AND h.first_lost IS NOT NULL OR o.outcome = 'lost' AND h.first_won IS NOT NULL
		THEN e.first_closed
	END AS closed_before_at,
	o.amount, o.currency, o.lost_reason, o.pipeline, o.kind, o.account_id, o.updated_at
FROM (
	SELECT v.id AS opportunity_id, v.owner_id AS rep_id, v.created_date AS created_at, v.close_date, v.last_stage_change_date, v.last_modified_date AS updated_at,
		v.amount, nullif(v.currency_iso_code, '') AS currency, v.account_id, nullif(v.loss_reason_c, '') AS lost_reason, s.milestone,
		y.outcome,
		-- of one whose stage never changed; where no history is kept none is known to have
		coalesce(v.last_stage_change_date, CASE WHEN x.is_there THEN v.created_date END) AS present_since,
		coalesce(t.name, nullif(v.record_type_id, '')) AS pipeline,
		CASE
			WHEN concat_ws(' ', v.type, t.name) ~* 'renew|forny' THEN 'renewal'
			WHEN v.type ~* 'existing|upgrade|up-?sell|cross|expan|add.?on|replacement|downgrade|additional|eksisterende|utvid|mersalg' THEN 'expansion'
			WHEN v.type ~* '\m(new|ny|nytt)' THEN 'new'
		END AS kind
	FROM {opportunity} AS v
		LEFT JOIN stage AS s ON s.pipeline = '' AND s.stage = v.stage_name
		LEFT JOIN {record_type} AS t ON t.id = v.record_type_id AND t._fivetran_active IS NOT FALSE
		LEFT JOIN LATERAL (
			SELECT CASE
				WHEN v.is_deleted OR v._fivetran_deleted OR NOT v._fivetran_active THEN 'void'
				WHEN s.milestone IN ('won', 'lost', 'void') THEN s.milestone
				WHEN v.is_closed THEN CASE WHEN v.is_won THEN 'won' ELSE 'lost' END
				ELSE 'open'
			END
		) AS y(outcome) ON true,
		(SELECT EXISTS (SELECT FROM stage_state) OR EXISTS (SELECT FROM {opportunity_field_history} AS h) OFFSET 0) AS x(is_there)
	-- of the versions of history mode the last
	WHERE NOT EXISTS (SELECT FROM {opportunity} AS n WHERE n.id = v.id AND n._fivetran_start > v._fivetran_start)
) AS o
LEFT JOIN (
	SELECT n.opportunity_id, min(n.seen_at) AS seen_at,
		min(n.seen_at) FILTER (WHERE s.milestone = 'appointment') AS appointment_at,
		min(n.seen_at) FILTER (WHERE s.milestone = 'proposal') AS proposal_at,
		min(n.seen_at) FILTER (WHERE s.milestone = 'won') AS first_won,
		max(n.seen_at) FILTER (WHERE s.milestone = 'won') AS last_won,
		min(n.seen_at) FILTER (WHERE s.milestone = 'lost') AS first_lost,
		max(n.seen_at) FILTER (WHERE s.milestone = 'lost') AS last_lost,
		max(n.seen_at) FILTER (WHERE (s.milestone IN ('won', 'lost')) IS NOT TRUE) AS last_open
	FROM stage_state AS n LEFT JOIN stage AS s ON s.pipeline = '' AND s.stage = n.stage
	GROUP BY n.opportunity_id
) AS h ON h.opportunity_id = o.opportunity_id
-- The field history knows the changes of the last 18 to 24 months, and for each the stage before. What the first change
-- left was there from the beginning.
LEFT JOIN (
	SELECT n.opportunity_id, min(n.created_date) AS changed_at,
		min(n.created_date) FILTER (WHERE s.milestone = 'appointment') AS appointment_at,
		min(n.created_date) FILTER (WHERE b.milestone = 'appointment') AS appointment_left_at,
		min(n.created_date) FILTER (WHERE s.milestone = 'appointment' AND b.milestone IS DISTINCT FROM 'appointment') AS appointment_from_other_at,
		min(n.created_date) FILTER (WHERE s.milestone = 'proposal') AS proposal_at,
		min(n.created_date) FILTER (WHERE b.milestone = 'proposal') AS proposal_left_at,
		min(n.created_date) FILTER (WHERE s.milestone = 'proposal' AND b.milestone IS DISTINCT FROM 'proposal') AS proposal_from_other_at,
		min(n.created_date) FILTER (WHERE s.milestone = 'won') AS won_first_at,
		max(n.created_date) FILTER (WHERE s.milestone = 'won' AND b.milestone IS DISTINCT FROM 'won') AS won_at,
		min(n.created_date) FILTER (WHERE s.milestone = 'lost') AS lost_first_at,
		max(n.created_date) FILTER (WHERE s.milestone = 'lost' AND b.milestone IS DISTINCT FROM 'lost') AS lost_at,
		max(n.created_date) FILTER (WHERE s.milestone IS DISTINCT FROM 'won') AS not_won_at,
		max(n.created_date) FILTER (WHERE s.milestone IS DISTINCT FROM 'lost') AS not_lost_at,
		min(n.created_date) FILTER (WHERE b.milestone IN ('won', 'lost')) AS closed_left_at,
		bool_or(b.milestone IN ('won', 'lost') AND s.milestone IS DISTINCT FROM b.milestone) AS is_reopened
	FROM {opportunity_field_history} AS n
		LEFT JOIN stage AS s ON s.pipeline = '' AND s.stage = n.new_value
		LEFT JOIN stage AS b ON b.pipeline = '' AND b.stage = n.old_value
	WHERE n.field IN ('StageName', 'stage_name') AND n.is_deleted IS NOT TRUE
	GROUP BY n.opportunity_id
) AS c ON c.opportunity_id = o.opportunity_id
LEFT JOIN (SELECT what_id, min(happened_at) AS held_at FROM meeting WHERE kind = 'meeting' AND happened_at <= {now} GROUP BY what_id) AS m ON m.what_id = o.opportunity_id
-- what the customer has seen: past the statuses in which a quote is written and approved
LEFT JOIN (
	SELECT opportunity_id, min(created_date) AS sent_at
	FROM {quote} AS q
	WHERE status NOT IN ('Draft', 'Needs Review', 'In Review', 'Approved', 'Rejected') AND is_deleted IS NOT TRUE AND _fivetran_active IS NOT FALSE
	GROUP BY opportunity_id
) AS q ON q.opportunity_id = o.opportunity_id
-- of the two histories the one that begins first
LEFT JOIN LATERAL (
	SELECT c.opportunity_id IS NOT NULL AND (h.seen_at < c.changed_at) IS NOT TRUE,
		CASE o.outcome WHEN 'won' THEN h.first_won WHEN 'lost' THEN h.first_lost END,
		CASE o.outcome WHEN 'won' THEN h.last_won WHEN 'lost' THEN h.last_lost END,
		CASE o.outcome WHEN 'won' THEN greatest(h.last_open, h.last_lost) WHEN 'lost' THEN greatest(h.last_open, h.last_won) END,
		least(h.first_won, h.first_lost)
) AS e(by_change, first, last, last_other, first_closed) ON true
LEFT JOIN LATERAL (
	SELECT CASE WHEN o.outcome IN ('won', 'lost') THEN
		coalesce(
			CASE
				-- a close that is not the one in force does not count
				WHEN e.by_change THEN CASE
					WHEN o.outcome = 'won' AND (c.won_at < c.not_won_at) IS NOT TRUE THEN c.won_at
					WHEN o.outcome = 'lost' AND (c.lost_at < c.not_lost_at) IS NOT TRUE THEN c.lost_at
				END
				WHEN e.last < e.last_other THEN NULL
				-- it was closed when its history begins: by then, that is
				WHEN e.first = h.seen_at AND h.seen_at > o.created_at + interval '24 hours' THEN NULL
				WHEN (e.first < e.last_other) IS NOT TRUE THEN e.first
				ELSE (
					SELECT max(r.seen_at)
					FROM (
						SELECT n.seen_at, s.milestone, lag(coalesce(s.milestone, '')) OVER (ORDER BY n.seen_at, n.place) AS milestone_before
						FROM stage_state AS n LEFT JOIN stage AS s ON s.pipeline = '' AND s.stage = n.stage
						WHERE n.opportunity_id = o.opportunity_id
					) AS r
					WHERE r.milestone = o.outcome AND r.milestone_before IS DISTINCT FROM o.outcome
				)
			END,
			o.last_stage_change_date,
			-- the plan may lie after what is known
			least(o.close_date::timestamp AT TIME ZONE {zone}, o.updated_at, CASE WHEN (e.last < e.last_other) IS NOT TRUE THEN e.first END)
		)
	END
) AS z(closed_at) ON true;

CREATE OR REPLACE VIEW opportunity AS
SELECT o.opportunity_id, o.rep_id, o.created_at, coalesce(o.meeting_at, o.appointment_stage_at) AS appointment_at,
	coalesce(o.quote_at, o.proposal_stage_at) AS proposal_at, o.closed_at, o.outcome,
	CASE WHEN o.currency <> {currency} THEN o.amount * {rate} ELSE o.amount END AS amount,
	CASE o.outcome WHEN 'lost' THEN o.lost_reason END AS lost_reason, o.pipeline, o.kind, o.account_id, o.updated_at,
	CASE WHEN o.amount IS NOT NULL THEN o.currency END AS currency
FROM source_opportunity AS o;

-- Who has opportunities, or a quota. Users are never deleted: one who has left can no longer log in.
CREATE OR REPLACE VIEW rep AS
SELECT u.id AS rep_id, u.name AS rep_name, coalesce(r.name, m.name, nullif(u.department, '')) AS team,
	coalesce(nullif(u.title, ''), nullif(u.department, ''), r.name, m.name) AS peer_group,
	CASE WHEN NOT u.is_active THEN (u.last_login_date AT TIME ZONE {zone})::date END AS left_on
FROM {user} AS u
	LEFT JOIN {user_role} AS r ON r.id = u.user_role_id AND r._fivetran_active IS NOT FALSE
	LEFT JOIN {user} AS m ON m.id = u.manager_id AND m._fivetran_active IS NOT FALSE
WHERE u._fivetran_active IS NOT FALSE
	-- one scan, whether there is an index on owners or not
	AND u.id IN (SELECT owner_id FROM {opportunity} AS o UNION ALL SELECT quota_owner_id FROM {forecasting_quota} AS q);

-- Quotas of revenue, of all product families together; of several types of forecast the largest, as they are not parts of a
-- whole. Without periods one ends where the next begins, or as long after as quotas do.
CREATE OR REPLACE VIEW goal AS
SELECT rep_id, starts_on, ends_on, max(revenue) AS revenue
FROM (
	SELECT o.rep_id, o.starts_on, o.ends_on, o.forecasting_type_id,
		-- one that is not known makes the sum so
		CASE WHEN count(*) = count(o.revenue) THEN sum(o.revenue) END AS revenue
	FROM (
		SELECT o.rep_id, o.starts_on, o.ends_on, o.forecasting_type_id,
			CASE WHEN o.currency <> {currency} THEN o.amount * {rate} ELSE o.amount END AS revenue
		FROM (
			SELECT q.quota_owner_id AS rep_id, q.forecasting_type_id, q.start_date AS starts_on,
				coalesce(p.end_date, (q.start_date + interval '1 month' * CASE WHEN q.gap > 300 THEN 12 WHEN q.gap > 80 THEN 3 ELSE 1 END)::date - 1) AS ends_on,
				q.quota_amount AS amount, nullif(q.currency_iso_code, '') AS currency,
				q.start_date::timestamp AT TIME ZONE {zone} AS created_at, NULL::timestamptz AS closed_at
			FROM (
					SELECT *, min(days) OVER (PARTITION BY forecasting_type_id) AS gap
					FROM (
						SELECT *, nullif(start_date - lag(start_date) OVER (PARTITION BY forecasting_type_id ORDER BY start_date), 0) AS days
						FROM {forecasting_quota} AS q
						WHERE is_amount IS NOT FALSE AND _fivetran_deleted IS NOT TRUE
					) AS q
				) AS q
				LEFT JOIN {period} AS p ON p.id = q.period_id
		) AS o
	) AS o
	GROUP BY o.rep_id, o.starts_on, o.ends_on, o.forecasting_type_id
) AS g
GROUP BY rep_id, starts_on, ends_on;

-- What the reps did: calls, as tasks or in the calendar; those that were answered are conversations, too. Meetings are booked
-- when they are entered, and appointments when they have begun.
CREATE OR REPLACE VIEW activity AS
SELECT a.rep_id, a.kind, a.happened_at, a.opportunity_id
FROM (
	SELECT t.owner_id AS rep_id, k.kind,
		coalesce(t.completed_date_time, t.activity_date::timestamp AT TIME ZONE {zone}, t.created_date) AS happened_at,
		CASE WHEN t.what_id LIKE '006%' THEN t.what_id END AS opportunity_id
	FROM {task} AS t,
		LATERAL (VALUES
			('call', true),
			('conversation', t.call_disposition ~* '\m(connected|answered|conversation|spoke|talked|reached|held|correct contact|besvart|samtale|snakket)\M'
				AND t.call_disposition !~* '\m(no|not|never|un\w+|dis\w+|wrong|ikke|feil)\M')
		) AS k(kind, is_so)
	WHERE t.is_closed AND t.is_deleted IS NOT TRUE AND t._fivetran_active IS NOT FALSE
		AND (t.task_subtype = 'Call' OR t.type = 'Call' OR t.call_type <> '') AND k.is_so
	UNION ALL
	SELECT m.rep_id, k.kind, k.happened_at, CASE WHEN m.what_id LIKE '006%' THEN m.what_id END
	FROM meeting AS m,
		LATERAL (VALUES
			('call', m.happened_at, m.kind = 'call' AND m.happened_at <= {now}),
			('conversation', m.happened_at, m.kind = 'call' AND m.happened_at <= {now}),
			('booked', m.booked_at, m.kind = 'meeting'),
			('appointment', m.happened_at, m.kind = 'meeting' AND m.happened_at <= {now})
		) AS k(kind, happened_at, is_so)
	WHERE k.is_so
) AS a
WHERE a.rep_id IN (SELECT rep_id FROM rep);

CREATE OR REPLACE VIEW source_issue AS
SELECT 'opportunity'::text AS relation, o.opportunity_id AS key, o.rep_id, i.issue, i.problem
FROM source_opportunity AS o, LATERAL (VALUES
	('reopened', o.closed_before_at IS NOT NULL, format('it was closed at %s already', kpi.mart_text(o.closed_before_at, {zone}))),
	('appointment_sources_differ', abs(extract(epoch FROM o.meeting_at - o.appointment_stage_at)) > 7 * 86400,
		format('first meeting %s, stage of the appointment entered %s', kpi.mart_text(o.meeting_at, {zone}), kpi.mart_text(o.appointment_stage_at, {zone}))),
	('proposal_sources_differ', abs(extract(epoch FROM o.quote_at - o.proposal_stage_at)) > 7 * 86400,
		format('first quote %s, stage of the proposal entered %s', kpi.mart_text(o.quote_at, {zone}), kpi.mart_text(o.proposal_stage_at, {zone})))
) AS i(issue, is_found, problem)
WHERE i.is_found AND o.outcome <> 'void'
UNION ALL
{other_currency};
