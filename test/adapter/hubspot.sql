-- HubSpot as Fivetran lands it, in the schema :source. 48 deals, each with one trap, which is named there. The company's own
-- currency is NOK.
CREATE SCHEMA :"source";
SET LOCAL search_path = :"source", public;

CREATE TABLE deal (
	deal_id bigint PRIMARY KEY, is_deleted boolean, deal_pipeline_id text, deal_pipeline_stage_id text, owner_id bigint, portal_id bigint,
	property_dealname text, property_amount numeric, property_amount_in_home_currency numeric, property_deal_currency_code text,
	property_closedate timestamptz, property_createdate timestamptz, property_hs_lastmodifieddate timestamptz, property_dealtype text,
	property_closed_lost_reason text, _fivetran_deleted boolean, _fivetran_synced timestamptz
);
CREATE TABLE deal_pipeline (
	pipeline_id text PRIMARY KEY, label text, display_order integer, active boolean, _fivetran_deleted boolean, _fivetran_synced timestamptz
);
CREATE TABLE deal_pipeline_stage (
	stage_id text PRIMARY KEY, pipeline_id text, label text, display_order integer, probability double precision, active boolean,
	closed_won boolean, is_closed boolean, _fivetran_deleted boolean, _fivetran_synced timestamptz
);
CREATE TABLE deal_stage (
	deal_id bigint, value text, date_entered timestamptz, source text, source_id text, _fivetran_start timestamptz, _fivetran_end timestamptz,
	_fivetran_active boolean, _fivetran_synced timestamptz, PRIMARY KEY (deal_id, _fivetran_start)
);
CREATE TABLE deal_property_history (
	deal_id bigint, name text, "timestamp" timestamptz, value text, source text, source_id text, _fivetran_synced timestamptz,
	PRIMARY KEY (deal_id, name, "timestamp")
);
CREATE TABLE merged_deal (deal_id bigint, merged_deal_id bigint, _fivetran_synced timestamptz);
CREATE TABLE deal_company (deal_id bigint, company_id bigint, type_id bigint, category text, PRIMARY KEY (deal_id, company_id, type_id, category));
CREATE TABLE owner (
	owner_id bigint PRIMARY KEY, active_user_id bigint, email text, first_name text, last_name text, type text, portal_id bigint, created_at timestamptz,
	updated_at timestamptz
);
CREATE TABLE users (id text PRIMARY KEY, primary_team_id bigint, role_id bigint, email text, first_name text, last_name text, _fivetran_deleted boolean);
CREATE TABLE team (id bigint PRIMARY KEY, name text, _fivetran_deleted boolean);
CREATE TABLE owner_team (owner_id bigint, team_id bigint, is_team_primary boolean, _fivetran_deleted boolean, PRIMARY KEY (owner_id, team_id));
CREATE TABLE team_user (team_id bigint, user_id bigint, is_secondary_user boolean, _fivetran_deleted boolean, PRIMARY KEY (team_id, user_id));
CREATE TABLE engagement (id bigint PRIMARY KEY, type text, portal_id bigint, owner_id bigint, "timestamp" timestamptz, created_at timestamptz);
CREATE TABLE engagement_deal (
	deal_id bigint, engagement_id bigint, engagement_type text, type_id bigint, category text, PRIMARY KEY (deal_id, engagement_id, type_id, category)
);
CREATE TABLE engagement_meeting (
	engagement_id bigint PRIMARY KEY, type text, property_hs_createdate timestamptz, property_hs_timestamp timestamptz, property_hubspot_owner_id bigint,
	property_hs_meeting_outcome text, start_time timestamptz, end_time timestamptz, meeting_outcome text, _fivetran_deleted boolean
);
CREATE TABLE engagement_call (
	engagement_id bigint PRIMARY KEY, type text, property_hs_createdate timestamptz, property_hs_timestamp timestamptz, property_hubspot_owner_id bigint,
	property_hs_call_direction text, property_hs_call_status text, property_hs_call_disposition text, _fivetran_deleted boolean
);
CREATE TABLE quote (id bigint PRIMARY KEY, property_hs_status text, property_hs_createdate timestamptz, _fivetran_deleted boolean);
CREATE TABLE quote_deal (quote_id bigint, deal_id bigint, type_id bigint, category text, PRIMARY KEY (quote_id, deal_id, type_id, category));

INSERT INTO deal_pipeline (pipeline_id, label, display_order, active) VALUES ('default', 'Sales Pipeline', 0, true), ('7731', 'Partners', 1, true);
INSERT INTO deal_pipeline_stage (stage_id, pipeline_id, label, display_order, probability, active, closed_won, is_closed, _fivetran_deleted) VALUES
	('appointmentscheduled', 'default', 'Appointment Scheduled', 0, 0.2, true, false, false, false),
	('qualifiedtobuy', 'default', 'Qualified To Buy', 1, 0.4, true, false, false, false),
	('presentationscheduled', 'default', 'Presentation Scheduled', 2, 0.6, true, false, false, false),
	-- renamed: the id still says something else
	('decisionmakerboughtin', 'default', 'On hold', 3, 0.8, true, false, false, false),
	('contractsent', 'default', 'Contract Sent', 4, 0.9, true, false, false, false),
	('closedwon', 'default', 'Closed Won', 5, 1, true, true, true, false),
	('closedlost', 'default', 'Closed Lost', 6, 0, true, false, true, false),
	-- a name that says nothing
	('9101', '7731', 'Blue', 0, 0.1, true, false, false, false),
	('9102', '7731', 'First meeting', 1, 0.3, true, false, false, false),
	('9103', '7731', 'Quote sent', 2, 0.7, true, false, false, false),
	('9104', '7731', 'Signed', 3, 1, true, true, true, false),
	-- won, too
	('9110', '7731', 'Invoiced', 4, 1, true, true, true, false),
	-- closed_won is deprecated, and meant closed to some
	('9105', '7731', 'Dropped', 5, 0, true, true, true, false),
	-- not known to be closed, but by its probability
	('9109', '7731', 'Not interested', 6, 0, true, false, NULL, false),
	-- said to be won, but not closed
	('9107', '7731', 'Won in principle', 7, 0.9, true, false, false, false),
	('9106', '7731', 'Duplicate', 8, 0.1, true, false, false, false),
	-- deleted
	('9108', '7731', 'Site visit done', 9, 0.5, false, false, false, true);

INSERT INTO team VALUES (1, 'North', false), (2, 'South', false), (3, 'Dissolved', true);
INSERT INTO owner (owner_id, active_user_id, email, first_name, last_name, type) VALUES
	(11, 9011, 'ada@example.org', 'Ada', 'Moe', 'PERSON'),
	-- whose user id is the owner id of another
	(12, 15, 'bo@example.org', 'Bo', 'Lie', 'PERSON'),
	(13, 9013, 'cy@example.org', '', NULL, 'PERSON'),
	(14, NULL, 'di@example.org', 'Di', 'Vik', 'PERSON'),
	(15, 9015, 'eva@example.org', 'Eva', '', 'PERSON');
INSERT INTO users (id, primary_team_id, email, _fivetran_deleted) VALUES
	('9011', 2, 'ada@example.org', false), ('15', 2, 'bo@example.org', false), ('9013', NULL, 'cy@example.org', true), ('9015', 1, 'eva@example.org', false);
-- Ada's primary team is that of the owner, Bo's that of the user; Cy is in a team as a user, Di in one that is no more, Eva was in one
INSERT INTO owner_team VALUES (11, 2, false, false), (11, 1, true, false), (14, 3, true, false), (15, 2, true, true);
INSERT INTO team_user VALUES (1, 9013, true, false), (2, 9013, false, false), (1, 15, true, false);

INSERT INTO deal (deal_id, owner_id, deal_pipeline_id, deal_pipeline_stage_id, property_createdate, property_closedate, property_amount) VALUES
	-- won; the closing date was edited afterwards
	(1, 11, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-02-28 00:00Z', 1001),
	-- lost, after a proposal
	(2, 11, 'default', 'closedlost', '2026-01-05 09:00Z', '2026-02-10 10:00Z', 1002),
	-- lost before anything
	(3, 11, 'default', 'closedlost', '2026-01-05 09:00Z', '2026-01-08 10:00Z', NULL),
	-- open: the closing date is a plan
	(4, 11, 'default', 'presentationscheduled', '2026-01-05 09:00Z', '2026-12-31 00:00Z', 1004),
	-- open: the plan is overdue
	(5, 11, 'default', 'contractsent', '2026-01-05 09:00Z', '2026-02-01 00:00Z', 1005),
	-- no row of history: it was made in this stage
	(6, 11, 'default', 'qualifiedtobuy', '2026-01-05 09:00Z', NULL, 1006),
	-- no row of history, won: the closing date
	(7, 12, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-02-07 12:00Z', 1007),
	-- set to won again later, by an import
	(8, 12, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-02-08 10:00Z', 1008),
	-- all moves in one second
	(9, 12, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-02-09 10:00Z', 1009),
	-- won, reopened, won
	(10, 12, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-02-01 10:00Z', 1010),
	-- lost, reopened: open, whatever the closing date says
	(11, 12, 'default', 'qualifiedtobuy', '2026-01-05 09:00Z', '2026-02-01 10:00Z', 1011),
	-- lost, then won without being open between
	(12, 12, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-03-12 10:00Z', 1012),
	-- from the proposal back to the stage of the appointment
	(13, 12, 'default', 'presentationscheduled', '2026-01-05 09:00Z', NULL, 1013),
	-- moved to another pipeline
	(14, 12, '7731', '9103', '2026-01-05 09:00Z', NULL, 1014),
	-- the other pipeline's won
	(15, 13, '7731', '9104', '2026-01-05 09:00Z', '2026-02-15 10:00Z', 1015),
	-- and its lost
	(16, 13, '7731', '9105', '2026-01-05 09:00Z', '2026-02-16 10:00Z', 1016),
	(17, 13, '7731', '9109', '2026-01-05 09:00Z', '2026-02-17 10:00Z', 1017),
	-- void by its stage
	(18, 13, '7731', '9106', '2026-01-05 09:00Z', NULL, 1018),
	-- deleted in HubSpot
	(19, 13, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-02-19 10:00Z', 1019),
	-- deleted, as Fivetran says it
	(20, 13, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-02-20 10:00Z', 1020),
	-- merged into 22, and so were 23 by way of 24
	(21, 13, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-02-21 10:00Z', 1022),
	(22, 13, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-02-22 10:00Z', 1022),
	(23, 13, 'default', 'contractsent', '2026-01-05 09:00Z', NULL, 1022),
	(24, 13, 'default', 'contractsent', '2026-01-05 09:00Z', NULL, 1022),
	-- was in a stage that is deleted
	(25, 14, '7731', '9104', '2026-01-05 09:00Z', '2026-02-25 10:00Z', 1025),
	-- was in a stage that nobody knows any more
	(26, 14, '7731', '9105', '2026-01-05 09:00Z', '2026-02-26 10:00Z', 1026),
	-- a meeting was held a day after the stage
	(27, 14, 'default', 'presentationscheduled', '2026-01-05 09:00Z', NULL, 1027),
	-- a meeting was held two weeks after the stage
	(28, 14, 'default', 'presentationscheduled', '2026-01-05 09:00Z', NULL, 1028),
	-- meetings that were not held
	(29, 14, 'default', 'appointmentscheduled', '2026-01-05 09:00Z', NULL, 1029),
	-- one meeting for two deals
	(30, 15, 'default', 'appointmentscheduled', '2026-01-05 09:00Z', NULL, 1030),
	(31, 15, 'default', 'appointmentscheduled', '2026-01-05 09:00Z', NULL, 1031),
	-- a meeting in the columns of 2020
	(32, 15, 'default', 'appointmentscheduled', '2026-01-05 09:00Z', NULL, 1032),
	-- the first meeting came after the sale
	(33, 15, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-02-02 10:00Z', 1033),
	-- a deleted meeting, and a deleted quote
	(34, 15, 'default', 'appointmentscheduled', '2026-01-05 09:00Z', NULL, 1034),
	-- a quote went out ten days before the stage
	(35, 15, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-02-05 10:00Z', 1035),
	-- a quote that is only a draft
	(36, 15, 'default', 'contractsent', '2026-01-05 09:00Z', NULL, 1036),
	-- in euro, and HubSpot has converted it
	(37, 11, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-02-07 10:00Z', 100),
	-- in euro, and it has not
	(38, 11, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-02-08 10:00Z', 200),
	-- came closed from an import, on another day
	(39, 11, 'default', 'closedwon', '2025-10-01 09:00Z', '2025-11-15 10:00Z', 1039),
	-- nobody's
	(40, NULL, 'default', 'appointmentscheduled', '2026-01-05 09:00Z', NULL, 1040),
	-- of an owner that is archived
	(41, 99, 'default', 'appointmentscheduled', '2026-01-05 09:00Z', NULL, 1041),
	-- expansion and renewal
	(42, 11, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-02-12 10:00Z', 1042),
	(43, 11, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-02-13 10:00Z', 1043),
	-- the history has not heard of it yet
	(44, 12, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-02-14 10:00Z', 1044),
	-- no stage in the history for a moment
	(45, 12, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-02-15 10:00Z', 1045),
	-- from one won stage to another
	(46, 13, '7731', '9110', '2026-01-05 09:00Z', '2026-03-16 10:00Z', 1046),
	-- won, and the closing date, which is all there is, still a plan: no later than the last change
	(47, 14, 'default', 'closedwon', '2026-01-05 09:00Z', '2026-12-31 00:00Z', 1047),
	-- in a stage that nobody has mapped
	(48, 14, '7731', '9107', '2026-01-05 09:00Z', NULL, 1048);
UPDATE deal SET property_closed_lost_reason = 'Price' WHERE deal_id IN (2, 11);	-- 11 was reopened
UPDATE deal SET property_deal_currency_code = 'EUR' WHERE deal_id IN (37, 38);
UPDATE deal SET property_deal_currency_code = 'NOK' WHERE deal_id = 1;
UPDATE deal SET property_deal_currency_code = '' WHERE deal_id = 2;
UPDATE deal SET property_amount_in_home_currency = 1150 WHERE deal_id = 37;
UPDATE deal SET property_dealtype = CASE deal_id WHEN 42 THEN 'existingbusiness' WHEN 43 THEN 'Contract renewal' ELSE 'newbusiness' END WHERE deal_id IN (1, 42, 43);
UPDATE deal SET is_deleted = true WHERE deal_id = 19;
UPDATE deal SET _fivetran_deleted = deal_id = 20;
UPDATE deal SET property_hs_lastmodifieddate = '2026-03-01 08:00Z' WHERE deal_id IN (7, 47);
INSERT INTO merged_deal (deal_id, merged_deal_id) VALUES (22, 21), (24, 23), (22, 24), (22, 22);
-- of several companies the primary one
INSERT INTO deal_company VALUES (1, 700, 341, 'HUBSPOT_DEFINED'), (1, 701, 5, 'HUBSPOT_DEFINED'), (1, 701, 341, 'HUBSPOT_DEFINED'), (2, 703, 341, 'HUBSPOT_DEFINED');

INSERT INTO deal_stage (deal_id, value, date_entered, _fivetran_start)
SELECT deal_id, value, entered_at, entered_at
FROM (
	VALUES
		(1, 'qualifiedtobuy', '2026-01-12 09:00Z'::timestamptz), (1, 'presentationscheduled', '2026-01-15 09:00Z'), (1, 'contractsent', '2026-01-20 09:00Z'),
			(1, 'closedwon', '2026-02-02 10:00Z'),
		(2, 'qualifiedtobuy', '2026-01-12 09:00Z'), (2, 'contractsent', '2026-01-22 09:00Z'), (2, 'closedlost', '2026-02-10 10:00Z'),
		(3, 'closedlost', '2026-01-08 10:00Z'),
		(4, 'presentationscheduled', '2026-01-14 09:00Z'),
		(5, 'qualifiedtobuy', '2026-01-14 09:00Z'), (5, 'contractsent', '2026-01-21 09:00Z'),
		(8, 'closedwon', '2026-02-08 10:00Z'), (8, 'closedwon', '2026-04-01 03:00Z'),
		(10, 'contractsent', '2026-01-20 09:00Z'), (10, 'closedwon', '2026-02-01 10:00Z'), (10, 'contractsent', '2026-02-10 10:00Z'),
			(10, 'closedwon', '2026-03-05 10:00Z'),
		(11, 'closedlost', '2026-02-01 10:00Z'), (11, 'qualifiedtobuy', '2026-02-20 10:00Z'),
		(12, 'closedlost', '2026-02-12 10:00Z'), (12, 'closedwon', '2026-03-12 10:00Z'),
		(13, 'contractsent', '2026-01-13 09:00Z'), (13, 'presentationscheduled', '2026-01-26 09:00Z'),
		(14, 'qualifiedtobuy', '2026-01-14 09:00Z'), (14, '9101', '2026-02-01 09:00Z'), (14, '9103', '2026-02-14 09:00Z'),
		(15, '9102', '2026-01-15 09:00Z'), (15, '9103', '2026-01-25 09:00Z'), (15, '9104', '2026-02-15 10:00Z'),
		(16, '9102', '2026-01-16 09:00Z'), (16, '9105', '2026-02-16 10:00Z'),
		(17, '9102', '2026-01-17 09:00Z'), (17, '9109', '2026-02-17 10:00Z'),
		(18, '9106', '2026-01-18 09:00Z'),
		(19, 'closedwon', '2026-02-19 10:00Z'),
		(20, 'closedwon', '2026-02-20 10:00Z'),
		(21, 'closedwon', '2026-02-21 10:00Z'),
		(22, 'closedwon', '2026-02-22 10:00Z'),
		(23, 'contractsent', '2026-01-23 09:00Z'),
		(24, 'contractsent', '2026-01-24 09:00Z'),
		(25, '9108', '2026-01-25 09:00Z'), (25, '9104', '2026-02-25 10:00Z'),
		(26, '5550001', '2026-01-26 09:00Z'), (26, '9105', '2026-02-26 10:00Z'),
		(27, 'presentationscheduled', '2026-01-19 09:00Z'),
		(28, 'presentationscheduled', '2026-01-19 09:00Z'),
		(33, 'qualifiedtobuy', '2026-01-19 09:00Z'), (33, 'closedwon', '2026-02-02 10:00Z'),
		(35, 'contractsent', '2026-02-01 09:00Z'), (35, 'closedwon', '2026-02-05 10:00Z'),
		(36, 'contractsent', '2026-02-01 09:00Z'),
		(37, 'closedwon', '2026-02-07 10:00Z'),
		(38, 'closedwon', '2026-02-08 10:00Z'),
		(39, 'closedwon', '2026-03-01 03:00Z'),
		(42, 'closedwon', '2026-02-12 10:00Z'),
		(43, 'closedwon', '2026-02-13 10:00Z'),
		(44, 'contractsent', '2026-01-24 09:00Z'),
		(45, 'contractsent', '2026-01-25 09:00Z'), (45, 'closedwon', '2026-02-15 10:00Z'), (45, '', '2026-02-20 10:00Z'),
			(45, 'closedwon', '2026-02-20 10:05Z'),
		(46, '9103', '2026-01-26 09:00Z'), (46, '9104', '2026-02-16 10:00Z'), (46, '9110', '2026-03-16 10:00Z'),
		(48, '9102', '2026-01-28 09:00Z'), (48, '9107', '2026-02-18 10:00Z')
	) AS s(deal_id, value, entered_at)
UNION ALL
SELECT deal_id, 'appointmentscheduled', property_createdate, property_createdate FROM deal WHERE deal_id NOT IN (6, 7, 39, 47)
UNION ALL
-- only the order of arrival tells that it was not lost at last
SELECT 9, value, '2026-02-09 10:00Z'::timestamptz, '2026-02-09 10:00Z'::timestamptz + place * interval '1 millisecond'
FROM (VALUES (1, 'qualifiedtobuy'), (2, 'contractsent'), (3, 'closedlost'), (4, 'closedwon')) AS s(place, value);
-- the same again, as an account has it that lands no deal_stage, and something else
INSERT INTO deal_property_history (deal_id, name, "timestamp", value)
SELECT deal_id, 'dealstage', _fivetran_start, value FROM deal_stage
UNION ALL VALUES (6, 'amount', '2026-01-05 09:00Z'::timestamptz, 'contractsent');

INSERT INTO engagement (id, type, owner_id, "timestamp", created_at) VALUES (8105, 'MEETING', 15, '2026-01-22 09:00Z', '2026-01-06 12:00Z');
INSERT INTO engagement_meeting (engagement_id, property_hs_createdate, property_hs_timestamp, property_hubspot_owner_id, property_hs_meeting_outcome,
	start_time, meeting_outcome, _fivetran_deleted) VALUES
	(8101, '2026-01-06 12:00Z', '2026-01-20 09:00Z', 14, 'COMPLETED', NULL, NULL, false),
	-- and a later one with the same deal
	(8102, '2026-01-21 12:00Z', '2026-02-03 09:00Z', 14, 'COMPLETED', NULL, NULL, false),
	(8103, '2026-01-07 12:00Z', '2026-02-02 09:00Z', 14, 'COMPLETED', NULL, NULL, false),
	(8104, '2026-01-08 12:00Z', '2026-01-21 09:00Z', 15, 'COMPLETED', NULL, NULL, false),
	-- as in 2020
	(8105, NULL, NULL, NULL, NULL, '2026-01-22 09:00Z', 'COMPLETED', NULL),
	-- entered afterwards
	(8106, '2026-02-23 16:00Z', '2026-02-23 09:00Z', 15, 'COMPLETED', NULL, NULL, false),
	(8107, '2026-01-09 12:00Z', '2026-01-24 09:00Z', 15, 'COMPLETED', NULL, NULL, true),
	-- of no deal
	(8108, '2026-01-09 12:00Z', '2026-01-16 09:00Z', 11, 'COMPLETED', NULL, NULL, false),
	(8109, '2026-01-10 12:00Z', '2026-01-26 09:00Z', 14, 'NO_SHOW', NULL, NULL, false),
	(8110, '2026-01-10 12:00Z', '2026-01-27 09:00Z', 14, 'CANCELED', NULL, NULL, false),
	(8111, '2026-01-10 12:00Z', '2026-01-28 09:00Z', 14, 'RESCHEDULED', NULL, NULL, false),
	(8112, '2026-01-28 12:00Z', '2026-07-28 09:00Z', 14, 'SCHEDULED', NULL, NULL, false),
	-- nobody said what came of it
	(8113, '2026-01-10 12:00Z', '2026-01-29 09:00Z', 14, NULL, NULL, NULL, false);
INSERT INTO engagement_deal (engagement_id, deal_id, type_id, category)
SELECT engagement_id, deal_id, 212, 'HUBSPOT_DEFINED'
FROM (VALUES (8101, 27), (8102, 27), (8103, 28), (8104, 31), (8104, 30), (8105, 32), (8106, 33), (8107, 34), (8109, 29), (8110, 29), (8111, 29), (8112, 29),
	(8113, 29), (8201, 1), (8202, 1), (8202, 2)) AS l(engagement_id, deal_id)
-- linked twice, by two types of association
UNION ALL VALUES (8101, 27, 1, 'USER_DEFINED');
INSERT INTO engagement_call (engagement_id, property_hs_timestamp, property_hubspot_owner_id, property_hs_call_direction, property_hs_call_status,
	property_hs_call_disposition, _fivetran_deleted) VALUES
	(8201, '2026-01-04 08:01Z', 11, 'OUTBOUND', 'COMPLETED', 'f240bbac-87c9-4f6e-bf70-924b57d47db7', false),
	-- two deals, one call
	(8202, '2026-01-04 08:02Z', 11, 'OUTBOUND', 'COMPLETED', NULL, false),
	-- logged by hand as completed, with what came of it: voicemail
	(8203, '2026-01-04 08:03Z', 11, 'OUTBOUND', 'COMPLETED', 'b2cf5968-551e-4856-9783-52b3da59a7d0', false),
	-- an outcome that the company has made up
	(8204, '2026-01-04 08:04Z', 11, 'OUTBOUND', 'COMPLETED', '0c0ffee0-0000-4000-8000-000000000000', false),
	(8205, '2026-01-04 08:05Z', 11, 'OUTBOUND', 'NO_ANSWER', NULL, false),
	-- hung up before it rang
	(8206, '2026-01-04 08:06Z', 11, 'OUTBOUND', 'CANCELED', NULL, false),
	-- somebody called the rep
	(8207, '2026-01-04 08:07Z', 11, 'INBOUND', 'COMPLETED', NULL, false),
	-- logged by hand, nothing said
	(8208, '2026-01-04 08:08Z', 11, NULL, NULL, NULL, NULL),
	(8209, '2026-01-04 08:09Z', 11, 'OUTBOUND', 'COMPLETED', NULL, true);
INSERT INTO quote VALUES
	(601, 'APPROVED', '2026-01-22 09:00Z', false),
	(602, 'APPROVAL_NOT_NEEDED', '2026-01-30 09:00Z', false),
	(603, 'DRAFT', '2026-01-20 09:00Z', false),
	(604, 'APPROVED', '2026-01-20 09:00Z', true);
INSERT INTO quote_deal (quote_id, deal_id, type_id, category)
SELECT quote_id, deal_id, 64, 'HUBSPOT_DEFINED' FROM (VALUES (601, 35), (602, 35), (603, 36), (604, 34)) AS q(quote_id, deal_id);

ANALYZE deal, deal_stage, deal_property_history, engagement_deal, engagement_meeting;
