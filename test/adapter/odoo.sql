-- A small Odoo in the schema :source, in the shape of the version :shape: 18 and 17; 16, whose mail_tracking_value has
-- field in place of field_id; 15, whose names are not translated. 52 opportunities and a lead, each with one trap.
\if :{?source} \else \set source odoo \endif
\if :{?shape} \else \set shape 18 \endif
CREATE SCHEMA :"source";
SET search_path = :"source", public;

CREATE TABLE res_currency (id serial PRIMARY KEY, name varchar NOT NULL);
CREATE TABLE res_company (id serial PRIMARY KEY, name varchar NOT NULL, currency_id int4 NOT NULL);
CREATE TABLE res_partner (id serial PRIMARY KEY, name varchar);
CREATE TABLE res_users (id serial PRIMARY KEY, login varchar NOT NULL, partner_id int4 NOT NULL, active bool DEFAULT true, company_id int4);
CREATE TABLE hr_employee (id serial PRIMARY KEY, user_id int4, departure_date date);
CREATE TABLE crm_team (id serial PRIMARY KEY, name jsonb NOT NULL, sequence int4, active bool DEFAULT true, company_id int4, user_id int4, invoiced_target float8);
CREATE TABLE crm_team_member (id serial PRIMARY KEY, crm_team_id int4 NOT NULL, user_id int4 NOT NULL, active bool DEFAULT true);
CREATE TABLE crm_stage (id serial PRIMARY KEY, name jsonb NOT NULL, sequence int4 DEFAULT 1, is_won bool, fold bool, team_id int4);
CREATE TABLE crm_lost_reason (id serial PRIMARY KEY, name jsonb NOT NULL, active bool DEFAULT true);
CREATE TABLE crm_lead (
	id serial PRIMARY KEY, name varchar NOT NULL DEFAULT 'deal', type varchar NOT NULL DEFAULT 'opportunity', user_id int4, team_id int4,
	company_id int4 DEFAULT 1, partner_id int4, active bool DEFAULT true, stage_id int4, expected_revenue numeric, recurring_revenue numeric,
	recurring_plan int4, recurring_revenue_monthly numeric, probability float8, automated_probability float8, lost_reason_id int4,
	create_date timestamp, write_date timestamp, date_open timestamp, date_conversion timestamp, date_closed timestamp,
	date_last_stage_update timestamp, date_deadline date, won_status varchar
);
CREATE TABLE ir_model_fields (id serial PRIMARY KEY, model varchar NOT NULL, name varchar NOT NULL);
CREATE TABLE mail_activity_type (id serial PRIMARY KEY, name jsonb NOT NULL, category varchar, active bool DEFAULT true);
CREATE TABLE mail_message (
	id serial PRIMARY KEY, model varchar, res_id int4, date timestamp, message_type varchar NOT NULL DEFAULT 'notification',
	mail_activity_type_id int4, author_id int4, subject varchar, body text
);
CREATE INDEX mail_message_model_res_id_idx ON mail_message (model, res_id);
CREATE TABLE mail_tracking_value (
	id serial PRIMARY KEY, mail_message_id int4 NOT NULL, field_id int4, old_value_integer int4, new_value_integer int4,
	old_value_char varchar, new_value_char varchar
);
CREATE INDEX mail_tracking_value_mail_message_id_index ON mail_tracking_value (mail_message_id);
CREATE TABLE calendar_event (
	id serial PRIMARY KEY, name varchar NOT NULL DEFAULT 'meeting', start timestamp NOT NULL, stop timestamp NOT NULL, user_id int4,
	active bool DEFAULT true, opportunity_id int4, create_date timestamp
);
CREATE INDEX calendar_event_opportunity_id_index ON calendar_event (opportunity_id);
CREATE TABLE sale_order (
	id serial PRIMARY KEY, name varchar NOT NULL DEFAULT 'S', state varchar, opportunity_id int4, user_id int4, create_date timestamp,
	date_order timestamp NOT NULL, amount_total numeric
);
CREATE INDEX sale_order_opportunity_id_index ON sale_order (opportunity_id);

INSERT INTO res_currency VALUES (1, 'EUR'), (2, 'USD');
INSERT INTO res_company VALUES (1, 'Nord', 1), (2, 'West Inc.', 2);
INSERT INTO res_partner VALUES (12, 'Mia Berg'), (13, 'Marc Demo'), (14, 'Ana Gone'), (15, 'Lone Wolf'), (16, 'Office'), (50, 'Customer Ltd.');
INSERT INTO res_users (id, login, partner_id, active, company_id) VALUES
	(2, 'mia', 12, true, 1), (3, 'marc', 13, true, 1), (4, 'ana', 14, false, 1), (5, 'lone', 15, true, 1), (6, 'office', 16, true, 1);
INSERT INTO hr_employee (user_id, departure_date) VALUES (2, NULL), (4, '2026-02-27'), (NULL, '2025-01-01');
INSERT INTO crm_team (id, name) VALUES (1, '{"en_US": "Europe", "nb_NO": "Europa"}'), (2, '{"en_US": "America"}');
INSERT INTO crm_team_member (id, crm_team_id, user_id, active) VALUES
	(1, 2, 2, false),	-- an earlier team
	(2, 1, 2, true), (3, 1, 3, true), (4, 2, 3, true), (5, 2, 4, true);	-- of two teams the first
INSERT INTO crm_stage (id, name, sequence, is_won) VALUES
	(1, '{"en_US": "New"}', 0, false),
	(2, '{"en_US": "Meeting held", "nb_NO": "Møte holdt"}', 1, NULL),
	(3, '{"nb_NO": "Tilbud sendt"}', 2, false),	-- in no English
	(4, '{"en_US": "Won"}', 9, true),
	(5, '{"en_US": "Abracadabra"}', 4, false),	-- says nothing
	(6, '{"en_US": "Customer"}', 5, false),	-- says won, and is not
	(7, '{"en_US": "Duplicate"}', 10, false);
INSERT INTO crm_lost_reason (id, name) VALUES (1, '{"en_US": "Too expensive"}'), (2, '{"nb_NO": "Ingen svar"}');
INSERT INTO ir_model_fields VALUES (1, 'crm.lead', 'stage_id'), (2, 'crm.lead', 'user_id'), (3, 'res.partner', 'stage_id'), (4, 'crm.lead', 'active');
INSERT INTO mail_activity_type (id, name, category) VALUES (1, '{"en_US": "Call"}', 'phonecall'), (2, '{"en_US": "Meeting"}', 'meeting'), (3, '{"en_US": "Email"}', 'default');

INSERT INTO crm_lead (id, user_id, stage_id, active, probability, expected_revenue, create_date, date_closed, date_last_stage_update) VALUES
	(101, 2, 1, true, 10, 1000, '2026-01-05 09:00', NULL, '2026-01-05 09:00'),	-- just created
	(102, 2, 2, true, 20, 1000, '2026-01-05 09:00', NULL, '2026-01-12 09:00'),	-- its first stage is in no row
	(103, 2, 4, true, 100, 1000, '2026-01-05 09:00', '2026-02-02 09:00', '2026-02-02 09:00'),	-- every stage in turn
	(104, 2, 3, true, 50, 1000, '2026-01-05 09:00', NULL, '2026-01-20 09:00'),	-- came in as a meeting: what the first change left
	(105, 2, 3, true, 50, 1000, '2026-01-05 09:00', NULL, '2026-01-05 09:00'),	-- came in as a proposal and never moved
	(106, 2, 3, true, 50, 1000, '2026-01-05 09:00', NULL, '2026-01-20 09:00'),	-- rows of the history twice
	(107, 2, 4, true, 100, 1000, '2026-01-05 09:00', '2026-01-15 10:00', '2026-01-15 10:00'),	-- all in one second
	(108, 2, 3, false, 0, 1000, '2026-01-05 09:00', '2026-03-20 09:00', '2026-01-20 09:00'),	-- lost is archived, the stage stays; date_closed moved with a later edit
	(109, 2, 2, false, 0, 1000, '2026-01-05 09:00', '2026-02-10 09:00', '2026-01-12 09:00'),	-- lost, and no row says when
	(110, 2, 4, true, 100, 1000, '2026-01-05 09:00', '2026-03-03 09:00', '2026-03-03 09:00'),	-- lost, reopened, won
	(111, 2, 3, true, 60, 1000, '2026-01-05 09:00', '2026-02-02 09:00', '2026-02-09 09:00'),	-- won, reopened, open, with the old date_closed
	(112, 2, 4, true, 100, 1000, '2026-01-05 09:00', '2026-02-02 09:00', '2026-03-02 09:00'),	-- won twice: the last counts
	(113, 2, 4, false, 100, 1000, '2026-01-05 09:00', '2026-02-02 09:00', '2026-02-02 09:00'),	-- won, then archived to be out of the way
	(114, 2, 2, false, 40, 1000, '2026-01-05 09:00', NULL, '2026-01-12 09:00'),	-- archived, and not lost
	(115, 2, 2, true, 20, 1000, '2026-01-05 09:00', NULL, '2026-01-12 09:00'),	-- a lead
	(116, 2, 2, true, 20, 1000, '2026-01-05 09:00', NULL, '2026-02-10 09:00'),	-- a lead that became an opportunity
	(117, 2, 3, true, 50, 1000, '2026-01-05 09:00', NULL, '2026-01-20 09:00'),	-- another was merged into it, whose history it got
	(118, 2, 2, true, 20, 1000, '2026-01-05 09:00', NULL, '2026-01-14 09:00'),	-- meeting, and the stage two days later
	(119, 2, 2, true, 20, 1000, '2026-01-05 09:00', NULL, '2026-02-14 09:00'),	-- meeting, and the stage a month later
	(120, 2, 1, true, 10, 1000, '2026-01-05 09:00', NULL, '2026-01-05 09:00'),	-- a meeting to come
	(121, 2, 1, true, 10, 1000, '2026-01-05 09:00', NULL, '2026-01-05 09:00'),	-- a meeting that was cancelled
	(122, 3, 1, true, 10, 1000, '2026-01-05 09:00', NULL, '2026-01-05 09:00'),	-- a meeting ticked off, without a calendar
	(123, 3, 4, true, 100, 1000, '2026-01-05 09:00', '2026-02-20 09:00', '2026-02-20 09:00'),	-- a quote whose date became that of the order
	(124, 3, 1, true, 10, 1000, '2026-01-05 09:00', NULL, '2026-01-05 09:00'),	-- quotes that were not sent
	(125, 3, 3, true, 50, 1000, '2026-01-05 09:00', NULL, '2026-01-20 09:00'),	-- a quote two weeks after the stage
	(126, 3, 4, true, 100, 1000, '2026-01-05 09:00', '2026-02-20 09:00', '2026-03-02 09:00'),	-- won, and no row says when
	(127, 3, 4, true, 100, 1000, '2026-01-05 09:00', NULL, '2026-02-20 09:00'),	-- nor does date_closed
	(128, 3, 1, true, 10, 1000, '2026-01-05 09:00', NULL, '2026-01-05 09:00'),	-- a closing date that is a plan
	(129, NULL, 1, true, 10, 1000, '2026-01-05 09:00', NULL, '2026-01-05 09:00'),	-- of nobody
	(130, 3, 1, true, 10, 1000, '2026-01-05 09:00', NULL, '2026-01-05 09:00'),	-- recurring revenue beside the one that comes once
	(131, 3, 1, true, 10, NULL, '2026-01-05 09:00', NULL, '2026-01-05 09:00'),	-- recurring revenue alone
	(132, 3, 1, true, 10, NULL, '2026-01-05 09:00', NULL, '2026-01-05 09:00'),	-- no revenue
	(133, 3, 1, true, 10, 1000, '2026-01-05 09:00', NULL, '2026-01-05 09:00'),	-- of a company with another currency
	(134, 3, 1, true, 10, 1000, '2026-01-05 09:00', NULL, '2026-01-05 09:00'),	-- of no company: that of the user
	(135, 4, 6, true, 100, 1000, '2026-01-05 09:00', '2026-02-20 09:00', '2026-02-18 09:00'),	-- won by its probability, in a stage that is not
	(136, 4, 4, true, 90, 1000, '2026-01-05 09:00', '2026-02-20 09:00', '2026-02-18 09:00'),	-- in the stage won with another probability
	(137, 4, 1, true, 10, 1000, '2026-01-05 09:00', NULL, '2026-01-15 09:00'),	-- a stage that was deleted since
	(138, 4, 5, true, 10, 1000, '2026-01-05 09:00', NULL, '2026-01-15 09:00'),	-- a stage that says nothing
	(139, 4, 1, true, 10, 1000, '2025-10-26 00:30', NULL, '2025-10-26 00:30'),	-- times are UTC: 02:30 in Oslo, which is there twice
	(140, 4, 2, false, 0, 1000, '2026-01-05 09:00', '2026-03-10 09:00', '2026-01-12 09:00'),	-- lost twice: the last counts
	(141, 5, 2, false, 0, 1000, '2026-01-05 09:00', '2026-02-10 09:00', '2026-01-12 09:00'),	-- a reason in no English
	(142, 5, 3, true, 50, 1000, '2026-01-05 09:00', NULL, '2026-02-20 09:00'),	-- back and forth: the first time counts
	(143, 5, 1, true, 10, 1000, '2026-01-05 09:00', NULL, '2026-01-05 09:00'),	-- rows of another model and of another field
	(144, 5, 7, true, 10, 1000, '2026-01-05 09:00', NULL, '2026-01-15 09:00'),	-- a duplicate
	(145, 5, 4, false, 0, 1000, '2026-01-05 09:00', '2026-03-01 09:00', '2026-02-02 09:00'),	-- won, and lost after all
	(146, 3, 1, true, 10, 0, '2026-01-05 09:00', NULL, '2026-01-05 09:00'),	-- the revenue was not filled in
	(147, 3, 4, true, 100, 1000, '2026-01-05 09:00', '2026-02-02 09:00', '2026-02-02 09:00'),	-- a meeting after it was won
	(148, 3, 4, true, 100, 1000, '2026-01-05 09:00', '2026-02-02 09:00', '2026-02-02 09:00'),	-- an order that was made after it was won
	(149, 3, 2, true, 20, 1000, '2026-01-05 09:00', NULL, '2026-01-20 09:00'),	-- a proposal, and back to the meeting
	(150, 3, 2, true, 20, 1000, '2026-01-05 09:00', NULL, '2026-01-12 09:00'),	-- came in as a proposal, and back to the meeting
	(151, 3, 2, true, 20, 1000, '2026-01-05 09:00', NULL, '2026-02-09 09:00'),	-- won at once, and back to the meeting
	(152, 3, 3, true, 50, 1000, '2026-01-05 09:00', NULL, '2026-02-09 09:00'),	-- the last change is in no row
	(153, 3, 1, true, 10, 1000, '2026-01-05 09:00', NULL, '2026-01-14 09:00');	-- came in in a stage that was deleted since, and left it for another of that milestone

UPDATE crm_lead SET partner_id = 50, write_date = '2026-03-01 08:00';
UPDATE crm_lead SET type = 'lead' WHERE id = 115;
UPDATE crm_lead SET date_conversion = '2026-02-02 09:00' WHERE id = 116;
UPDATE crm_lead SET lost_reason_id = 1 WHERE id IN (108, 109, 110, 140);	-- that of 110 stayed when it was won
UPDATE crm_lead SET lost_reason_id = 2 WHERE id = 141;
UPDATE crm_lead SET date_deadline = '2026-02-28' WHERE id = 128;
UPDATE crm_lead SET recurring_revenue = 600, recurring_plan = 2, recurring_revenue_monthly = 50 WHERE id IN (130, 131);
UPDATE crm_lead SET company_id = 2 WHERE id = 133;
UPDATE crm_lead SET company_id = NULL WHERE id = 134;

-- History: what the chatter recorded, a message each. The creation is not in it.
CREATE TEMPORARY TABLE history (n serial, lead int4, at timestamp, field int4, old int4, new int4, model varchar DEFAULT 'crm.lead');
INSERT INTO history (lead, at, field, old, new) VALUES
	(102, '2026-01-12 09:00', 1, 1, 2),
	(103, '2026-01-12 09:00', 1, 1, 2), (103, '2026-01-20 09:00', 1, 2, 3), (103, '2026-02-02 09:00', 1, 3, 4),
	(104, '2026-01-20 09:00', 1, 2, 3),
	(106, '2026-01-12 09:00', 1, 1, 2), (106, '2026-01-13 09:00', 1, 2, 2), (106, '2026-01-13 09:00', 1, 2, 2),
	(106, '2026-01-20 09:00', 1, 2, 3), (106, '2026-01-20 09:00', 1, 2, 3), (106, '2026-01-27 09:00', 1, 3, 3),
	(107, '2026-01-15 10:00', 1, 1, 2), (107, '2026-01-15 10:00', 1, 2, 3), (107, '2026-01-15 10:00', 1, 3, 4),
	(108, '2026-01-12 09:00', 1, 1, 2), (108, '2026-01-20 09:00', 1, 2, 3), (108, '2026-02-10 09:00', 4, 1, 0),
	(110, '2026-01-12 09:00', 1, 1, 2), (110, '2026-01-26 09:00', 4, 1, 0), (110, '2026-02-16 09:00', 4, 0, 1),
	(110, '2026-02-23 09:00', 1, 2, 3), (110, '2026-03-03 09:00', 1, 3, 4),
	(111, '2026-01-20 09:00', 1, 1, 3), (111, '2026-02-02 09:00', 1, 3, 4), (111, '2026-02-09 09:00', 1, 4, 3),
	(112, '2026-01-20 09:00', 1, 1, 3), (112, '2026-02-02 09:00', 1, 3, 4), (112, '2026-02-09 09:00', 1, 4, 3), (112, '2026-03-02 09:00', 1, 3, 4),
	(113, '2026-02-02 09:00', 1, 1, 4), (113, '2026-03-02 09:00', 4, 1, 0),
	(114, '2026-01-12 09:00', 1, 1, 2), (114, '2026-02-02 09:00', 4, 1, 0),
	(115, '2026-01-12 09:00', 1, 1, 2),
	(116, '2026-02-10 09:00', 1, 1, 2),
	(117, '2025-11-10 09:00', 1, 1, 2), (117, '2025-12-01 09:00', 1, 2, 1), (117, '2026-01-20 09:00', 1, 1, 3),
	(118, '2026-01-14 09:00', 1, 1, 2),
	(119, '2026-02-14 09:00', 1, 1, 2),
	(123, '2026-01-15 09:00', 1, 1, 3), (123, '2026-02-20 09:00', 1, 3, 4),
	(125, '2026-01-20 09:00', 1, 1, 3),
	(137, '2026-01-12 09:00', 1, 1, 99), (137, '2026-01-15 09:00', 1, 99, 1),
	(138, '2026-01-15 09:00', 1, 1, 5),
	(140, '2026-01-12 09:00', 1, 1, 2), (140, '2026-01-26 09:00', 4, 1, 0), (140, '2026-02-16 09:00', 4, 0, 1), (140, '2026-03-10 09:00', 4, 1, 0),
	(142, '2026-01-12 09:00', 1, 1, 2), (142, '2026-01-20 09:00', 1, 2, 3), (142, '2026-02-10 09:00', 1, 3, 2), (142, '2026-02-20 09:00', 1, 2, 3),
	(143, '2026-01-12 09:00', 2, 2, 3),	-- the salesman 3
	(144, '2026-01-15 09:00', 1, 1, 7),
	(149, '2026-01-12 09:00', 1, 1, 3), (149, '2026-01-20 09:00', 1, 3, 2),
	(150, '2026-01-12 09:00', 1, 3, 2),
	(151, '2026-02-02 09:00', 1, 1, 4), (151, '2026-02-09 09:00', 1, 4, 2),
	(152, '2026-01-12 09:00', 1, 1, 2),
	(153, '2026-01-12 09:00', 1, 98, 99), (153, '2026-01-14 09:00', 1, 99, 1),
	(147, '2026-02-02 09:00', 1, 1, 4), (148, '2026-02-02 09:00', 1, 1, 4),
	(145, '2026-02-02 09:00', 1, 1, 4), (145, '2026-03-01 09:00', 4, 1, 0);
INSERT INTO history (lead, at, field, old, new, model) VALUES (143, '2026-01-12 09:00', 3, 1, 2, 'res.partner');
INSERT INTO mail_message (id, model, res_id, date, author_id) SELECT n, model, lead, at, 12 FROM history;
INSERT INTO mail_tracking_value (mail_message_id, field_id, old_value_integer, new_value_integer, old_value_char, new_value_char)
SELECT n, field, old, new, CASE old WHEN 98 THEN 'Site visit' WHEN 99 THEN 'Demo given' ELSE 'Label ' || old END, CASE new WHEN 99 THEN 'Demo given' ELSE 'Label ' || new END FROM history ORDER BY n;
DROP TABLE history;

INSERT INTO calendar_event (start, stop, user_id, active, opportunity_id, create_date) VALUES
	('2026-01-12 12:00', '2026-01-12 13:00', 2, true, 118, '2026-01-06 08:00'),
	('2026-01-19 12:00', '2026-01-19 13:00', 2, true, 118, '2026-01-13 08:00'),
	('2026-01-14 12:00', '2026-01-14 13:00', 2, true, 119, '2026-01-06 08:00'),
	('2026-04-14 12:00', '2026-04-14 13:00', 2, true, 120, '2026-01-06 08:00'),
	('2026-01-14 12:00', '2026-01-14 13:00', 2, false, 121, '2026-01-06 08:00'),
	('2026-02-10 12:00', '2026-02-10 13:00', 3, true, 147, '2026-02-09 08:00'),
	('2026-01-14 12:00', '2026-01-14 13:00', 2, true, 115, '2026-01-06 08:00'),	-- with a lead
	('2026-01-14 12:00', '2026-01-14 13:00', 2, true, NULL, '2026-01-06 08:00');	-- with nobody of the CRM
INSERT INTO mail_message (id, model, res_id, date, mail_activity_type_id, author_id) VALUES
	(901, 'crm.lead', 122, '2026-01-16 15:00', 2, 13),
	(902, 'crm.lead', 118, '2026-01-12 14:00', 2, 12),	-- the meeting in the calendar again
	(903, 'crm.lead', 101, '2026-01-07 10:00', 1, 12),
	(904, 'crm.lead', 101, '2026-01-08 10:00', 3, 12),	-- an e-mail
	(905, 'res.partner', 101, '2026-01-08 10:00', 1, 12),	-- of another model
	(906, 'crm.lead', 101, '2026-01-09 10:00', 1, 50);	-- by the customer
INSERT INTO sale_order (state, opportunity_id, user_id, create_date, date_order) VALUES
	('sale', 123, 3, '2026-01-14 09:00', '2026-02-20 09:00'), ('sent', 123, 3, '2026-02-01 09:00', '2026-02-01 09:00'),
	('draft', 124, 3, '2026-01-14 09:00', '2026-01-14 09:00'), ('cancel', 124, 3, '2026-01-15 09:00', '2026-01-15 09:00'),
	('sent', 125, 3, '2026-02-03 09:00', '2026-02-03 09:00'),
	('sale', 148, 3, '2026-02-03 09:00', '2026-02-03 09:00'),
	('sale', NULL, 3, '2026-02-03 09:00', '2026-02-03 09:00');

UPDATE crm_lead SET won_status = CASE WHEN active AND probability = 100 THEN 'won' WHEN NOT active AND probability = 0 THEN 'lost' ELSE 'pending' END;
SELECT :shape < 18 AS is_17, :shape < 17 AS is_16, :shape < 16 AS is_15 \gset
\if :is_17
	ALTER TABLE crm_lead DROP COLUMN won_status;
\endif
\if :is_16
	ALTER TABLE mail_tracking_value RENAME COLUMN field_id TO field;
\endif
\if :is_15
	ALTER TABLE crm_lead RENAME COLUMN lost_reason_id TO lost_reason;
	ALTER TABLE crm_stage ALTER COLUMN name TYPE varchar USING coalesce(name ->> 'en_US', name ->> 'nb_NO');
	ALTER TABLE crm_team ALTER COLUMN name TYPE varchar USING coalesce(name ->> 'en_US', name ->> 'nb_NO');
	ALTER TABLE crm_lost_reason ALTER COLUMN name TYPE varchar USING coalesce(name ->> 'en_US', name ->> 'nb_NO');
\endif
SET search_path = kpi, public;
