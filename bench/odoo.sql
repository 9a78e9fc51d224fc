-- An Odoo CRM in schema odoo with :leads of the opportunities that generate.sql made, their history, meetings and quotes, and what
-- else lies in the same tables: a mail and a change of the salesperson for each. Indexes are those that Odoo makes.
-- psql variables: rows (of opportunity), leads.

CREATE SCHEMA odoo;
SET search_path = odoo, public;

CREATE UNLOGGED TABLE res_currency AS SELECT 1 AS id, 'EUR'::varchar AS name;
CREATE UNLOGGED TABLE res_company AS SELECT 1 AS id, 1 AS currency_id;
CREATE UNLOGGED TABLE res_partner AS SELECT n AS id, ('Rep ' || n)::varchar AS name FROM generate_series(1, 500) AS n;
CREATE UNLOGGED TABLE res_users AS SELECT n AS id, n AS partner_id, 1 AS company_id FROM generate_series(1, 500) AS n;
CREATE UNLOGGED TABLE crm_team AS SELECT n AS id, jsonb_build_object('en_US', 'Team ' || n) AS name FROM generate_series(1, 50) AS n;
CREATE UNLOGGED TABLE crm_team_member AS SELECT n AS id, 1 + n % 50 AS crm_team_id, n AS user_id, true AS active FROM generate_series(1, 500) AS n;
CREATE UNLOGGED TABLE crm_lost_reason AS SELECT n AS id, jsonb_build_object('en_US', 'Reason ' || n) AS name FROM generate_series(1, 8) AS n;
CREATE UNLOGGED TABLE crm_stage (id integer PRIMARY KEY, name jsonb, sequence integer, is_won boolean);
INSERT INTO crm_stage VALUES (1, '{"en_US": "New"}', 1, false), (2, '{"en_US": "Meeting"}', 2, false), (3, '{"en_US": "Proposition"}', 3, false), (4, '{"en_US": "Won"}', 4, true);
CREATE UNLOGGED TABLE ir_model_fields AS
SELECT n AS id, CASE WHEN n % 100 < 50 THEN 'crm.lead' ELSE 'res.partner' END::varchar AS model,
	CASE n WHEN 101 THEN 'stage_id' WHEN 102 THEN 'active' WHEN 103 THEN 'user_id' ELSE 'field_' || n END::varchar AS name
FROM generate_series(1, 5000) AS n;
CREATE UNLOGGED TABLE mail_activity_type AS SELECT n AS id, (ARRAY['default', 'phonecall', 'meeting'])[n]::varchar AS category FROM generate_series(1, 3) AS n;

CREATE UNLOGGED TABLE crm_lead AS
SELECT row_number() OVER (ORDER BY opportunity_id)::integer AS id, 'Opportunity'::varchar AS name, 'opportunity'::varchar AS type, rep_id AS user_id, 1 AS company_id,
	rep_id AS partner_id, won IS DISTINCT FROM false AS active,
	CASE WHEN won THEN 4 WHEN proposal_at IS NOT NULL THEN 3 WHEN appointment_at IS NOT NULL THEN 2 ELSE 1 END AS stage_id,
	amount::numeric AS expected_revenue, NULL::numeric AS recurring_revenue_monthly, CASE WHEN won THEN 100 WHEN NOT won THEN 0 ELSE 30 END::double precision AS probability,
	CASE WHEN NOT won THEN 1 + opportunity_id % 8 END::integer AS lost_reason_id,
	created_at AT TIME ZONE 'UTC' AS create_date, created_at AT TIME ZONE 'UTC' AS write_date, NULL::timestamp AS date_conversion,
	closed_at AT TIME ZONE 'UTC' AS date_closed, coalesce(closed_at, proposal_at, appointment_at, created_at) AT TIME ZONE 'UTC' AS date_last_stage_update,
	CASE WHEN won THEN 'won' WHEN NOT won THEN 'lost' ELSE 'pending' END::varchar AS won_status,
	appointment_at AT TIME ZONE 'UTC' AS appointment_at, proposal_at AT TIME ZONE 'UTC' AS proposal_at, won
FROM public.opportunity
WHERE opportunity_id % greatest(:rows / :leads, 1) = 0;

CREATE UNLOGGED TABLE history AS
SELECT row_number() OVER (ORDER BY h.at, l.id)::integer AS n, l.id, h.*
FROM crm_lead AS l, LATERAL (
	SELECT * FROM (VALUES
		(create_date + interval '1 hour', NULL, NULL::integer, NULL::integer),
		(create_date + interval '2 hours', 103, 0, user_id),
		(appointment_at, 101, 1, 2),
		(proposal_at, 101, CASE WHEN appointment_at IS NULL THEN 1 ELSE 2 END, 3),
		(CASE WHEN won THEN date_closed END, 101, CASE WHEN proposal_at IS NOT NULL THEN 3 WHEN appointment_at IS NOT NULL THEN 2 ELSE 1 END, 4),
		(CASE WHEN NOT won THEN date_closed END, 102, 1, 0)
	) AS h(at, field, old, new)
	WHERE h.at IS NOT NULL
) AS h;
CREATE UNLOGGED TABLE mail_message AS
SELECT n AS id, 'crm.lead'::varchar AS model, id AS res_id, at AS date, 'notification'::varchar AS message_type, NULL::integer AS mail_activity_type_id, 1 AS author_id,
	CASE WHEN field IS NULL THEN repeat('text of a mail ', 20) END AS body
FROM history;
CREATE UNLOGGED TABLE mail_tracking_value AS
SELECT n AS id, n AS mail_message_id, field AS field_id, old AS old_value_integer, new AS new_value_integer, ''::varchar AS old_value_char, ''::varchar AS new_value_char
FROM history WHERE field IS NOT NULL;
DROP TABLE history;
CREATE UNLOGGED TABLE calendar_event AS
SELECT id, id AS opportunity_id, user_id, appointment_at AS start, create_date, true AS active FROM crm_lead WHERE appointment_at IS NOT NULL AND id % 3 = 0;
CREATE UNLOGGED TABLE sale_order AS
SELECT id, id AS opportunity_id, 'sent'::varchar AS state, proposal_at AS create_date, proposal_at AS date_order FROM crm_lead WHERE proposal_at IS NOT NULL AND id % 3 = 0;
ALTER TABLE crm_lead DROP COLUMN appointment_at, DROP COLUMN proposal_at, DROP COLUMN won, ADD PRIMARY KEY (id);
ALTER TABLE ir_model_fields ADD PRIMARY KEY (id), ADD UNIQUE (model, name);
ALTER TABLE mail_message ADD PRIMARY KEY (id);
ALTER TABLE mail_tracking_value ADD PRIMARY KEY (id);
CREATE INDEX ON crm_lead (user_id);
CREATE INDEX ON mail_message (model, res_id);
CREATE INDEX ON mail_tracking_value (mail_message_id);
CREATE INDEX ON calendar_event (opportunity_id);
CREATE INDEX ON sale_order (opportunity_id);
VACUUM ANALYZE;
