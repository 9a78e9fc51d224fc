-- A small Salesforce as Fivetran lands it, made in the first schema of the path; all of it is invented. 42 opportunities,
-- each for one trap.

CREATE FUNCTION pg_temp.key(prefix text, n integer) RETURNS text
	RETURN prefix || lpad(n::text, 12, '0') || 'AAA';

CREATE TABLE user_role (id text PRIMARY KEY, name text, developer_name text, parent_role_id text, _fivetran_deleted boolean, _fivetran_synced timestamptz);
CREATE TABLE "user" (
	id text PRIMARY KEY, username text, name text, title text, department text, is_active boolean, manager_id text, user_role_id text, profile_id text,
	user_type text, last_login_date timestamptz, _fivetran_deleted boolean, _fivetran_synced timestamptz
);
CREATE TABLE record_type (id text PRIMARY KEY, name text, developer_name text, sobject_type text, is_active boolean, _fivetran_synced timestamptz);
CREATE TABLE opportunity_stage (
	id text PRIMARY KEY, master_label text, api_name text, is_active boolean, sort_order integer, is_closed boolean, is_won boolean,
	forecast_category text, default_probability double precision, _fivetran_synced timestamptz
);
CREATE TABLE opportunity (
	id text PRIMARY KEY, account_id text, name text, type text, stage_name text, amount double precision, probability double precision,
	close_date timestamp, is_closed boolean, is_won boolean, is_deleted boolean, owner_id text, record_type_id text, created_date timestamptz,
	last_modified_date timestamptz, last_stage_change_date timestamptz, currency_iso_code text, loss_reason_c text,
	_fivetran_active boolean, _fivetran_synced timestamptz
);
CREATE TABLE opportunity_history (
	id text PRIMARY KEY, opportunity_id text, created_by_id text, created_date timestamptz, stage_name text, amount double precision,
	close_date date, probability double precision, is_deleted boolean, _fivetran_synced timestamptz
);
CREATE INDEX ON opportunity_history (opportunity_id);
CREATE TABLE opportunity_field_history (
	id text PRIMARY KEY, opportunity_id text, created_by_id text, created_date timestamptz, field text, data_type text, old_value text, new_value text,
	is_deleted boolean, _fivetran_synced timestamptz
);
CREATE INDEX ON opportunity_field_history (opportunity_id);
CREATE TABLE quote (
	id text PRIMARY KEY, opportunity_id text, owner_id text, name text, status text, grand_total double precision, created_date timestamptz,
	is_deleted boolean, _fivetran_synced timestamptz
);
CREATE INDEX ON quote (opportunity_id);
CREATE TABLE event (
	id text PRIMARY KEY, owner_id text, what_id text, who_id text, subject text, type text, event_subtype text, activity_date_time timestamptz,
	start_date_time timestamptz, end_date_time timestamptz, created_date timestamptz, is_deleted boolean, is_child boolean, is_group_event boolean,
	is_recurrence boolean, is_all_day_event boolean, _fivetran_synced timestamptz
);
CREATE INDEX ON event (what_id);
CREATE TABLE task (
	id text PRIMARY KEY, owner_id text, what_id text, who_id text, subject text, type text, task_subtype text, status text, activity_date timestamp,
	created_date timestamptz, completed_date_time timestamptz, is_closed boolean, is_deleted boolean, call_type text, call_disposition text,
	call_duration_in_seconds integer, _fivetran_synced timestamptz
);
CREATE TABLE forecasting_quota (
	id text PRIMARY KEY, quota_owner_id text, quota_amount double precision, is_amount boolean, is_quantity boolean, start_date date, period_id text,
	product_family text, currency_iso_code text, forecasting_type_id text, _fivetran_deleted boolean, _fivetran_synced timestamptz
);
CREATE TABLE period (id text PRIMARY KEY, type text, start_date date, end_date date, number integer);

INSERT INTO user_role (id, name) VALUES (pg_temp.key('00E', 1), 'Sales North'), (pg_temp.key('00E', 2), 'Sales South');
INSERT INTO "user" (id, name, title, department, is_active, manager_id, user_role_id, user_type, last_login_date) VALUES
	(pg_temp.key('005', 1), 'Ada', 'Account Executive', 'Sales', true, pg_temp.key('005', 9), pg_temp.key('00E', 1), 'Standard', '2024-06-28 06:00Z'),
	(pg_temp.key('005', 2), 'Bo', 'Account Executive', 'Sales', true, pg_temp.key('005', 9), pg_temp.key('00E', 2), 'Standard', '2024-06-28 06:00Z'),
	(pg_temp.key('005', 3), 'Cy', NULL, 'Sales', true, pg_temp.key('005', 9), NULL, 'Standard', '2024-06-28 06:00Z'),	-- no role: the manager's
	(pg_temp.key('005', 4), 'Di', NULL, NULL, false, NULL, pg_temp.key('00E', 2), 'Standard', '2024-05-31 22:30Z'),	-- left, on 1 June by the clock of Oslo
	(pg_temp.key('005', 5), 'Ed', 'Key Account Manager', 'Sales', true, NULL, NULL, 'Standard', NULL),	-- only a quota
	(pg_temp.key('005', 6), 'Integration', NULL, NULL, true, NULL, NULL, 'AutomatedProcess', NULL),	-- no rep
	(pg_temp.key('005', 9), 'Mo', 'Manager', 'Sales', true, NULL, NULL, 'Standard', '2024-06-28 06:00Z');	-- no rep
INSERT INTO record_type (id, name, sobject_type) VALUES
	(pg_temp.key('012', 1), 'Direct', 'Opportunity'), (pg_temp.key('012', 2), 'Renewals', 'Opportunity');
INSERT INTO opportunity_stage (id, master_label, api_name, is_active, sort_order, is_closed, is_won) VALUES
	('01J1', 'Prospecting', 'Prospecting', true, 1, false, false),
	('01J2', 'Qualification', 'Qualification', true, 2, false, false),
	('01J3', 'Needs Analysis', 'Needs Analysis', true, 3, false, false),
	('01J4', 'Value Proposition', 'Value Proposition', true, 4, false, false),	-- no milestone by its name
	('01J5', 'Proposal/Price Quote', 'Proposal/Price Quote', true, 5, false, false),
	('01J6', 'Negotiation/Review', 'Negotiation/Review', true, 6, false, false),
	('01J7', 'Verbally Won', 'Verbally Won', true, 7, false, false),	-- neither won nor closed, whatever it is called
	('01J8', 'In the bag', 'Closed Won', true, 8, true, true),	-- a label that was changed
	('01J9', 'Closed Lost', 'Closed Lost', true, 9, true, false),
	('01JA', 'Duplicate', 'Duplicate', true, 10, true, false);

-- Opportunities: of those not named here the owner is Ada, the amount 1000 + the number, the currency NOK
CREATE TEMPORARY TABLE deal (n integer, stage text, created timestamptz, closes date, modified timestamptz, owner integer DEFAULT 1, amount numeric, currency text DEFAULT 'NOK');
INSERT INTO deal (n, stage, created, closes, modified) VALUES
	(1, 'Closed Won', '2024-01-08 09:00Z', '2024-03-31', '2024-02-20 15:00Z'),	-- the closing date stayed a plan
	(2, 'Closed Lost', '2024-01-09 09:00Z', '2024-02-29', '2024-02-29 10:00Z'),	-- lost after the proposal
	(3, 'Needs Analysis', '2024-06-03 09:00Z', '2024-09-30', '2024-06-10 08:00Z'),	-- open
	(4, 'Closed Won', '2024-01-10 09:00Z', '2024-03-01', '2024-05-05 08:00Z'),	-- each stage is there again and again, also after the close
	(5, 'Closed Won', '2024-01-11 09:00Z', '2024-02-01', '2024-02-01 12:00Z'),	-- proposal, negotiation and close in one second
	(6, 'Closed Won', '2024-01-12 09:00Z', '2024-04-30', '2024-04-30 08:00Z'),	-- lost, reopened, won
	(7, 'Negotiation/Review', '2024-01-15 09:00Z', '2024-08-31', '2024-05-01 08:00Z'),	-- won, reopened, and open
	(8, 'Closed Won', '2024-01-16 09:00Z', '2024-03-10', '2024-03-10 08:00Z'),	-- from lost to won at once
	(9, 'Closed Won', '2024-01-17 09:00Z', '2024-04-02', '2024-04-02 08:00Z'),	-- won, reopened, and won again in the second of the reopening
	(10, 'Closed Won', '2024-01-18 09:00Z', '2024-03-15', '2024-03-15 08:00Z'),	-- only the field history has it, which begins with the first change
	(11, 'Needs Analysis', '2024-06-04 09:00Z', '2024-09-30', '2024-06-05 08:00Z'),	-- no change of stage
	(12, 'Closed Won', '2024-01-19 09:00Z', '2024-03-31', '2024-06-20 08:00Z'),	-- no history, but the time of the last change of stage
	(13, 'Closed Lost', '2024-01-22 09:00Z', '2024-03-20', '2024-05-05 08:00Z'),	-- no history: the closing date, at midnight in Oslo
	(14, 'Closed Won', '2024-01-23 09:00Z', '2024-12-31', '2024-03-21 08:00Z'),	-- no history, and a closing date to come: known to be closed when last changed
	(15, 'Needs Analysis', '2024-01-24 09:00Z', '2024-12-31', '2024-02-01 08:00Z'),	-- in the bin
	(16, 'Needs Analysis', '2024-01-25 09:00Z', '2024-12-31', '2024-02-01 08:00Z'),	-- gone from Salesforce
	(17, 'Duplicate', '2024-01-26 09:00Z', '2024-02-02', '2024-02-02 08:00Z'),	-- a stage that stands for what is no deal
	(18, 'Proposal/Price Quote', '2024-02-01 09:00Z', '2024-12-31', '2024-02-20 08:00Z'),	-- the meeting some days before its stage
	(19, 'Proposal/Price Quote', '2024-02-02 09:00Z', '2024-12-31', '2024-03-20 08:00Z'),	-- the meeting weeks before its stage
	(20, 'Needs Analysis', '2024-02-05 09:00Z', '2024-12-31', '2024-02-10 08:00Z'),	-- none of its events was a meeting that was held
	(21, 'Negotiation/Review', '2024-02-06 09:00Z', '2024-12-31', '2024-03-01 08:00Z'),	-- a quote some days before its stage, and a draft
	(22, 'Negotiation/Review', '2024-02-07 09:00Z', '2024-12-31', '2024-04-01 08:00Z'),	-- a quote weeks after its stage
	(23, 'Closed Won', '2024-02-08 09:00Z', '2024-03-10', '2024-03-10 08:00Z'),	-- EUR
	(24, 'Closed Won', '2024-02-09 09:00Z', '2024-04-10', '2024-04-10 08:00Z'),	-- EUR, at another rate
	(25, 'Closed Won', '2024-02-12 09:00Z', '2024-03-12', '2024-03-12 08:00Z'),	-- SEK, of which there is no rate
	(26, 'Closed Won', '2024-02-13 09:00Z', '2024-03-13', '2024-03-13 08:00Z'),	-- no amount
	(27, 'Closed Won', '2024-02-14 09:00Z', '2024-03-14', '2024-03-14 08:00Z'),	-- a renewal by its type
	(28, 'Closed Won', '2024-02-15 09:00Z', '2024-03-15', '2024-03-15 08:00Z'),	-- a renewal by its record type
	(29, 'Closed Won', '2024-02-16 09:00Z', '2024-03-16', '2024-03-16 08:00Z'),	-- an upgrade
	(30, 'Closed Won', '2024-02-19 09:00Z', '2024-03-17', '2024-03-17 08:00Z'),	-- a new customer
	(31, 'Prospecting', '2024-02-20 09:00Z', '2024-12-31', '2024-02-20 09:00Z'),	-- an owner who is no user
	(32, 'Prospecting', '2024-02-21 09:00Z', '2024-12-31', '2024-02-21 09:00Z'),	-- an owner who has left
	(33, 'Value Proposition', '2024-02-22 09:00Z', '2024-12-31', '2024-03-22 09:00Z'),	-- in a stage without milestone
	(34, 'Negotiation/Review', '2024-02-23 09:00Z', '2024-12-31', '2024-03-23 09:00Z'),	-- a stage of the history that is there no more
	(35, 'Closed Won', '2024-02-26 09:00Z', '2024-03-26', '2024-03-26 09:00Z'),	-- all gateways skipped
	(36, 'Closed Won', '2024-02-27 09:00Z', '2024-02-27', '2024-02-27 09:00Z'),	-- entered when it was won
	(37, 'Closed Won', '2022-05-02 09:00Z', '2022-08-31', '2024-06-01 09:00Z'),	-- closed long before its history begins
	(38, 'Closed Won', '2024-02-28 09:00Z', '2024-04-28', '2024-04-28 09:00Z'),	-- the close in force is not recorded
	(39, 'Proposal/Price Quote', '2024-02-29 09:00Z', '2024-12-31', '2024-03-28 09:00Z'),	-- a row of history that was deleted
	(42, 'Closed Won', '2024-03-01 09:00Z', '2024-04-01', '2024-04-02 09:00Z');	-- as 38, in the field history
INSERT INTO opportunity (id, account_id, name, stage_name, amount, close_date, is_closed, is_won, is_deleted, owner_id, created_date, last_modified_date,
	currency_iso_code, _fivetran_active)
SELECT pg_temp.key('006', n), pg_temp.key('001', n % 7), 'Deal ' || n, stage, 1000 + n, closes, s.is_closed, s.is_won, false, pg_temp.key('005', owner),
	created, modified, currency, true
FROM deal JOIN opportunity_stage AS s ON api_name = stage;
-- ids that differ by case alone
INSERT INTO opportunity (id, name, stage_name, amount, close_date, is_closed, is_won, is_deleted, owner_id, created_date, last_modified_date, currency_iso_code,
	_fivetran_active)
VALUES
	('006D000000IRFmaIAH', 'Upper', 'Closed Won', 1040, '2024-04-01', true, true, false, pg_temp.key('005', 2), '2024-03-01 09:00Z', '2024-04-01 09:00Z', 'NOK', true),
	('006D000000IRfmaIAD', 'Lower', 'Closed Lost', 1041, '2024-04-02', true, false, false, pg_temp.key('005', 2), '2024-03-02 09:00Z', '2024-04-02 09:00Z', 'NOK', true);
UPDATE opportunity SET loss_reason_c = 'Price' WHERE id = pg_temp.key('006', 2);
UPDATE opportunity SET last_stage_change_date = '2024-03-18 11:00Z' WHERE id = pg_temp.key('006', 12);
UPDATE opportunity SET last_stage_change_date = '2024-04-28 08:00Z' WHERE id = pg_temp.key('006', 38);
UPDATE opportunity SET is_deleted = true WHERE id = pg_temp.key('006', 15);
UPDATE opportunity SET _fivetran_active = false WHERE id = pg_temp.key('006', 16);
UPDATE opportunity SET currency_iso_code = 'EUR' WHERE id IN (pg_temp.key('006', 23), pg_temp.key('006', 24));
UPDATE opportunity SET currency_iso_code = 'SEK' WHERE id = pg_temp.key('006', 25);
UPDATE opportunity SET amount = NULL WHERE id = pg_temp.key('006', 26);
UPDATE opportunity SET type = 'Existing Customer - Renewal' WHERE id = pg_temp.key('006', 27);
UPDATE opportunity SET record_type_id = pg_temp.key('012', 2) WHERE id = pg_temp.key('006', 28);
UPDATE opportunity SET type = 'Existing Customer - Upgrade', record_type_id = pg_temp.key('012', 1) WHERE id = pg_temp.key('006', 29);
UPDATE opportunity SET type = 'New Customer' WHERE id = pg_temp.key('006', 30);
UPDATE opportunity SET owner_id = pg_temp.key('005', 77) WHERE id = pg_temp.key('006', 31);
UPDATE opportunity SET owner_id = pg_temp.key('005', 4) WHERE id = pg_temp.key('006', 32);
UPDATE opportunity SET owner_id = pg_temp.key('005', 3) WHERE id = pg_temp.key('006', 33);

-- OpportunityHistory: number, time, stage, in the order in which they were written
INSERT INTO opportunity_history (id, opportunity_id, created_date, stage_name, is_deleted)
SELECT pg_temp.key('008', (row_number() OVER ())::integer), pg_temp.key('006', n), at, stage, false
FROM (VALUES
	(1, '2024-01-08 09:00Z'::timestamptz, 'Prospecting'), (1, '2024-01-15 10:00Z', 'Needs Analysis'), (1, '2024-02-01 10:00Z', 'Proposal/Price Quote'), (1, '2024-02-20 15:00Z', 'Closed Won'),
	(2, '2024-01-09 09:00Z', 'Prospecting'), (2, '2024-01-16 10:00Z', 'Needs Analysis'), (2, '2024-02-02 10:00Z', 'Proposal/Price Quote'), (2, '2024-02-29 10:00Z', 'Closed Lost'),
	(3, '2024-06-03 09:00Z', 'Prospecting'), (3, '2024-06-10 08:00Z', 'Needs Analysis'),
	(4, '2024-01-10 09:00Z', 'Prospecting'), (4, '2024-01-11 09:00Z', 'Prospecting'), (4, '2024-01-20 09:00Z', 'Needs Analysis'), (4, '2024-01-25 09:00Z', 'Needs Analysis'),
	(4, '2024-02-10 09:00Z', 'Proposal/Price Quote'), (4, '2024-02-12 09:00Z', 'Proposal/Price Quote'), (4, '2024-03-01 09:00Z', 'Closed Won'), (4, '2024-05-05 08:00Z', 'Closed Won'),
	(5, '2024-01-11 09:00Z', 'Qualification'), (5, '2024-02-01 12:00Z', 'Proposal/Price Quote'), (5, '2024-02-01 12:00Z', 'Negotiation/Review'), (5, '2024-02-01 12:00Z', 'Closed Won'),
	(6, '2024-01-12 09:00Z', 'Qualification'), (6, '2024-01-19 09:00Z', 'Needs Analysis'), (6, '2024-02-15 09:00Z', 'Closed Lost'), (6, '2024-03-15 09:00Z', 'Negotiation/Review'), (6, '2024-04-30 08:00Z', 'Closed Won'),
	(7, '2024-01-15 09:00Z', 'Qualification'), (7, '2024-02-15 09:00Z', 'Proposal/Price Quote'), (7, '2024-03-15 09:00Z', 'Closed Won'), (7, '2024-05-01 08:00Z', 'Negotiation/Review'),
	(8, '2024-01-16 09:00Z', 'Qualification'), (8, '2024-03-01 09:00Z', 'Closed Lost'), (8, '2024-03-10 08:00Z', 'Closed Won'),
	(9, '2024-01-17 09:00Z', 'Qualification'), (9, '2024-03-02 09:00Z', 'Closed Won'), (9, '2024-04-02 08:00Z', 'Negotiation/Review'), (9, '2024-04-02 08:00Z', 'Closed Won'), (9, '2024-04-20 08:00Z', 'Closed Won'),
	(17, '2024-01-26 09:00Z', 'Prospecting'), (17, '2024-02-02 08:00Z', 'Duplicate'),
	(18, '2024-02-01 09:00Z', 'Prospecting'), (18, '2024-02-12 09:00Z', 'Needs Analysis'), (18, '2024-02-20 08:00Z', 'Proposal/Price Quote'),
	(19, '2024-02-02 09:00Z', 'Prospecting'), (19, '2024-03-12 09:00Z', 'Needs Analysis'), (19, '2024-03-20 08:00Z', 'Proposal/Price Quote'),
	(20, '2024-02-05 09:00Z', 'Prospecting'), (20, '2024-02-10 08:00Z', 'Needs Analysis'),
	(21, '2024-02-06 09:00Z', 'Prospecting'), (21, '2024-02-20 09:00Z', 'Proposal/Price Quote'), (21, '2024-03-01 08:00Z', 'Negotiation/Review'),
	(22, '2024-02-07 09:00Z', 'Prospecting'), (22, '2024-02-21 09:00Z', 'Negotiation/Review'),
	(23, '2024-02-08 09:00Z', 'Prospecting'), (23, '2024-03-10 08:00Z', 'Closed Won'),
	(24, '2024-02-09 09:00Z', 'Prospecting'), (24, '2024-04-10 08:00Z', 'Closed Won'),
	(25, '2024-02-12 09:00Z', 'Prospecting'), (25, '2024-03-12 08:00Z', 'Closed Won'),
	(26, '2024-02-13 09:00Z', 'Prospecting'), (26, '2024-03-13 08:00Z', 'Closed Won'),
	(27, '2024-02-14 09:00Z', 'Prospecting'), (27, '2024-03-14 08:00Z', 'Closed Won'),
	(28, '2024-02-15 09:00Z', 'Prospecting'), (28, '2024-03-15 08:00Z', 'Closed Won'),
	(29, '2024-02-16 09:00Z', 'Prospecting'), (29, '2024-03-16 08:00Z', 'Closed Won'),
	(30, '2024-02-19 09:00Z', 'Prospecting'), (30, '2024-03-17 08:00Z', 'Closed Won'),
	(31, '2024-02-20 09:00Z', 'Prospecting'),
	(32, '2024-02-21 09:00Z', 'Prospecting'),
	(33, '2024-02-22 09:00Z', 'Prospecting'), (33, '2024-03-01 09:00Z', 'Needs Analysis'), (33, '2024-03-22 09:00Z', 'Value Proposition'),
	(34, '2024-02-23 09:00Z', 'Prospecting'), (34, '2024-03-03 09:00Z', 'Offer sent'), (34, '2024-03-23 09:00Z', 'Negotiation/Review'),
	(35, '2024-02-26 09:00Z', 'Prospecting'), (35, '2024-03-26 09:00Z', 'Closed Won'),
	(36, '2024-02-27 09:00Z', 'Closed Won'),
	(37, '2024-06-01 09:00Z', 'Closed Won'),
	(38, '2024-02-28 09:00Z', 'Prospecting'), (38, '2024-03-08 09:00Z', 'Closed Won'), (38, '2024-03-28 09:00Z', 'Negotiation/Review'),
	(39, '2024-02-29 09:00Z', 'Prospecting'), (39, '2024-03-09 09:00Z', 'Negotiation/Review'), (39, '2024-03-28 09:00Z', 'Proposal/Price Quote')
) AS h(n, at, stage);
UPDATE opportunity_history SET is_deleted = true WHERE opportunity_id = pg_temp.key('006', 39) AND stage_name = 'Negotiation/Review';
INSERT INTO opportunity_history (id, opportunity_id, created_date, stage_name) VALUES
	(pg_temp.key('008', 901), '006D000000IRFmaIAH', '2024-03-01 09:00Z', 'Prospecting'), (pg_temp.key('008', 902), '006D000000IRFmaIAH', '2024-03-21 09:00Z', 'Closed Won'),
	(pg_temp.key('008', 903), '006D000000IRfmaIAD', '2024-03-02 09:00Z', 'Needs Analysis'), (pg_temp.key('008', 904), '006D000000IRfmaIAD', '2024-03-22 09:00Z', 'Closed Lost');

-- The field history repeats what OpportunityHistory has of 1, a little later; it alone has 10, and of 11 no stage
INSERT INTO opportunity_field_history (id, opportunity_id, created_date, field, old_value, new_value, is_deleted)
SELECT pg_temp.key('017', (row_number() OVER ())::integer), pg_temp.key('006', n), at, field, old, new, false
FROM (VALUES
	(1, '2024-01-15 10:00:05Z'::timestamptz, 'StageName', 'Prospecting', 'Needs Analysis'), (1, '2024-02-20 15:00:05Z', 'StageName', 'Proposal/Price Quote', 'Closed Won'),
	(10, '2024-01-18 09:00Z', 'created', NULL, NULL), (10, '2024-02-18 09:00Z', 'StageName', 'Needs Analysis', 'Proposal/Price Quote'),
	(10, '2024-03-15 08:00Z', 'StageName', 'Proposal/Price Quote', 'Negotiation/Review'), (10, '2024-03-15 08:00Z', 'StageName', 'Negotiation/Review', 'Closed Won'),
	(42, '2024-03-05 09:00Z', 'StageName', 'Prospecting', 'Closed Won'), (42, '2024-03-15 09:00Z', 'StageName', 'Closed Won', 'Negotiation/Review'),
	(11, '2024-06-04 09:00Z', 'created', NULL, NULL), (11, '2024-06-05 08:00Z', 'Amount', '900', '1011')
) AS h(n, at, field, old, new);

INSERT INTO quote (id, opportunity_id, status, created_date, is_deleted)
SELECT pg_temp.key('0Q0', (row_number() OVER ())::integer), pg_temp.key('006', n), status, at, deleted
FROM (VALUES
	(21, 'Draft', '2024-02-10 09:00Z'::timestamptz, false), (21, 'Approved', '2024-02-11 09:00Z', false), (21, 'Presented', '2024-02-12 09:00Z', true),
	(21, 'Presented', '2024-02-18 09:00Z', false), (21, 'Accepted', '2024-02-28 09:00Z', false),
	(22, 'Denied', '2024-03-25 09:00Z', false),
	(36, 'Presented', '2024-02-28 10:00Z', false),	-- a day after the closing
	(NULL, 'Presented', '2024-02-18 09:00Z', false)
) AS q(n, status, at, deleted);

-- Events: number, owner, start, subject, type, what is the matter with it
INSERT INTO event (id, owner_id, what_id, who_id, subject, type, start_date_time, created_date, is_deleted, is_child, is_recurrence, is_all_day_event)
SELECT pg_temp.key('00U', (row_number() OVER ())::integer), pg_temp.key('005', owner), what, who, subject, type, at, least(at, '2024-02-01 09:00Z') - interval '1 day',
	flaw = 'deleted', flaw = 'child', flaw = 'pattern', flaw = 'all day'
FROM (VALUES
	(pg_temp.key('006', 18), NULL, 1, '2024-02-09 12:00Z'::timestamptz, 'First meeting', 'Meeting', ''),
	(pg_temp.key('006', 18), NULL, 1, '2024-02-15 12:00Z', 'Second meeting', NULL, ''),
	(pg_temp.key('006', 18), NULL, 2, '2024-02-09 12:00Z', 'First meeting', 'Meeting', 'child'),
	(pg_temp.key('006', 19), NULL, 1, '2024-02-14 12:00Z', 'Meeting', 'Meeting', ''),
	(pg_temp.key('006', 20), NULL, 1, '2024-02-06 00:00Z', 'Trade fair', 'Meeting', 'all day'),
	(pg_temp.key('006', 20), NULL, 1, '2024-02-06 12:00Z', 'Meeting', 'Meeting', 'deleted'),
	(pg_temp.key('006', 20), NULL, 1, '2024-02-07 12:00Z', 'Canceled: Meeting', 'Meeting', ''),
	(pg_temp.key('006', 20), NULL, 1, '2024-02-07 13:00Z', 'Meetings', 'Meeting', 'pattern'),
	(pg_temp.key('006', 20), NULL, 1, '2024-02-07 14:00Z', 'Call', 'Call', ''),
	(pg_temp.key('006', 20), NULL, 1, '2024-02-07 15:00Z', 'Re: Meeting', 'Email', ''),
	(pg_temp.key('006', 20), NULL, 1, '2024-07-02 12:00Z', 'Meeting', 'Meeting', ''),	-- to come
	(pg_temp.key('006', 35), NULL, 1, '2024-04-05 12:00Z', 'Hand-over', 'Meeting', ''),	-- after the closing
	(pg_temp.key('006', 13), NULL, 1, '2024-03-20 12:00Z', 'Meeting', 'Meeting', ''),	-- on the day of the closing, of which no time is known
	(pg_temp.key('001', 3), NULL, 2, '2024-03-05 12:00Z', 'Visit to an account', 'Meeting', ''),
	(NULL, pg_temp.key('00Q', 1), 2, '2024-03-06 12:00Z', 'Visit to a lead', 'Meeting', ''),
	(NULL, NULL, 2, '2024-03-06 13:00Z', 'Staff meeting', 'Meeting', ''),
	(pg_temp.key('006', 1), NULL, 9, '2024-01-16 12:00Z', 'Meeting of one who is no rep', 'Meeting', '')
) AS e(what, who, owner, at, subject, type, flaw);

-- Tasks: number, owner, done at, subtype, outcome
INSERT INTO task (id, owner_id, what_id, who_id, type, task_subtype, call_type, call_disposition, is_closed, is_deleted, activity_date, created_date, completed_date_time)
SELECT pg_temp.key('00T', (row_number() OVER ())::integer), pg_temp.key('005', owner), what, who, type, subtype, direction, disposition, flaw <> 'open', flaw = 'deleted', day, '2024-01-02 09:00Z', at
FROM (VALUES
	(pg_temp.key('006', 1), NULL, 1, '2024-01-08 10:00Z'::timestamptz, NULL, 'Call', NULL, 'No answer', NULL::date, ''),
	(pg_temp.key('006', 1), NULL, 1, '2024-01-09 10:00Z', NULL, 'Call', 'Outbound', 'Connected - interested', NULL, ''),
	(NULL, pg_temp.key('00Q', 1), 2, NULL, 'Call', NULL, NULL, 'Not answered', '2024-01-10', ''),	-- at midnight in Oslo
	(NULL, pg_temp.key('00Q', 1), 2, NULL, NULL, NULL, 'Inbound', 'Answered', NULL, ''),	-- at the time that it was entered
	(pg_temp.key('500', 1), NULL, 2, '2024-01-11 10:00Z', 'Call', 'Task', NULL, NULL, NULL, ''),
	(pg_temp.key('006', 1), NULL, 1, NULL, NULL, 'Call', NULL, NULL, '2024-07-10', 'open'),
	(pg_temp.key('006', 1), NULL, 1, '2024-01-12 10:00Z', NULL, 'Call', NULL, 'Connected', NULL, 'deleted'),
	(pg_temp.key('006', 1), NULL, 1, '2024-01-13 10:00Z', 'Email', 'Email', NULL, NULL, NULL, ''),
	(pg_temp.key('006', 1), NULL, 9, '2024-01-14 10:00Z', 'Call', 'Call', NULL, 'Connected', NULL, '')	-- of one who is no rep
) AS t(what, who, owner, at, type, subtype, direction, disposition, day, flaw);

INSERT INTO period (id, type, start_date, end_date) VALUES
	(pg_temp.key('026', 1), 'Month', '2024-01-01', '2024-01-31'), (pg_temp.key('026', 2), 'Month', '2024-02-01', '2024-02-29'),
	(pg_temp.key('026', 3), 'Quarter', '2024-04-01', '2024-06-30');
INSERT INTO forecasting_quota (id, quota_owner_id, quota_amount, is_amount, is_quantity, start_date, period_id, product_family, currency_iso_code, forecasting_type_id, _fivetran_deleted)
SELECT pg_temp.key('0J9', (row_number() OVER ())::integer), pg_temp.key('005', owner), amount, NOT flaw = 'quantity', flaw = 'quantity', start, pg_temp.key('026', period), family, currency, type, flaw = 'deleted'
FROM (VALUES
	(1, 10000, '2024-01-01'::date, 1, NULL, 'NOK', 'revenue', ''), (1, 12000, '2024-02-01', 2, NULL, 'NOK', 'revenue', ''),
	(1, 77, '2024-02-01', 2, NULL, NULL, 'revenue', 'quantity'), (1, 99000, '2024-02-01', 2, NULL, 'NOK', 'revenue', 'deleted'),
	(2, 6000, '2024-02-01', 2, 'Hardware', 'NOK', 'family', ''), (2, 5000, '2024-02-01', 2, 'Software', 'NOK', 'family', ''),	-- parts of a whole
	(2, 9000, '2024-02-01', 2, NULL, 'NOK', 'revenue', ''),	-- another whole, and a smaller one
	(3, 1000, '2024-02-01', 2, NULL, 'EUR', 'revenue', ''),	-- at the rate of the day on which it begins
	(4, 1000, '2024-02-01', 2, NULL, 'SEK', 'revenue', ''),	-- no rate
	(5, 30000, '2024-04-01', 3, NULL, 'NOK', 'revenue', '')
) AS q(owner, amount, start, period, family, currency, type, flaw);

CREATE TABLE exchange (currency text, rate numeric, from_date date);
INSERT INTO exchange VALUES ('EUR', 11, '2024-01-01'), ('EUR', 12, '2024-04-01');
