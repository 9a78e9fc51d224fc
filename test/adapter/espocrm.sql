-- A small EspoCRM, made in the first schema of the path; all of it is invented. 34 opportunities, each for one trap.

CREATE TABLE "user" (
	id varchar(17) PRIMARY KEY, deleted boolean DEFAULT false, user_name varchar(50), first_name varchar(100), last_name varchar(100), type varchar(24),
	is_active boolean DEFAULT true, title varchar(100), default_team_id varchar(17)
);
CREATE TABLE team (id varchar(17) PRIMARY KEY, name varchar(100), deleted boolean DEFAULT false);
CREATE TABLE team_user (id bigserial PRIMARY KEY, team_id varchar(17), user_id varchar(17), role varchar(100), deleted boolean DEFAULT false);
CREATE TABLE opportunity (
	id varchar(17) PRIMARY KEY, name varchar(255), deleted boolean DEFAULT false, amount double precision, amount_currency varchar(3),
	stage varchar(255) DEFAULT 'Prospecting', last_stage varchar(255), probability integer, lead_source varchar(255), close_date date, description text,
	created_at timestamp(0), modified_at timestamp(0), account_id varchar(17), created_by_id varchar(17), assigned_user_id varchar(17)
);
CREATE TABLE note (
	id varchar(17) PRIMARY KEY, deleted boolean DEFAULT false, post text, data text, type varchar(24) DEFAULT 'Post', number bigserial,
	created_at timestamp(0), modified_at timestamp(0), parent_id varchar(17), parent_type varchar(100), created_by_id varchar(17)
);
CREATE INDEX idx_note_parent ON note (parent_id, parent_type);
CREATE TABLE meeting (
	id varchar(17) PRIMARY KEY, name varchar(255), deleted boolean DEFAULT false, status varchar(255) DEFAULT 'Planned', date_start timestamp(0),
	date_end timestamp(0), is_all_day boolean, date_start_date date, date_end_date date, created_at timestamp(0), parent_id varchar(17),
	parent_type varchar(100), account_id varchar(17), assigned_user_id varchar(17)
);
CREATE INDEX idx_meeting_parent ON meeting (parent_id, parent_type);
CREATE TABLE call (
	id varchar(17) PRIMARY KEY, name varchar(255), deleted boolean DEFAULT false, status varchar(255) DEFAULT 'Planned', direction varchar(255) DEFAULT 'Outbound',
	date_start timestamp(0), date_end timestamp(0), created_at timestamp(0), parent_id varchar(17), parent_type varchar(100), account_id varchar(17),
	assigned_user_id varchar(17)
);

-- ids are of 17 characters
CREATE FUNCTION pg_temp.key(kind text, n integer) RETURNS varchar
	RETURN kind || lpad(n::text, 16, '0');

INSERT INTO team VALUES (pg_temp.key('t', 1), 'North', false), (pg_temp.key('t', 2), 'South', false), (pg_temp.key('t', 3), 'Gone', true);
INSERT INTO "user" (id, user_name, first_name, last_name, type, title, default_team_id, is_active, deleted) VALUES
	(pg_temp.key('u', 1), 'ada', 'Ada', 'Lund', 'regular', 'Sales Rep', pg_temp.key('t', 2), true, false),	-- in two teams, of which one is the default
	(pg_temp.key('u', 2), 'bo', NULL, NULL, 'regular', '', NULL, true, false),	-- no name, no default team
	(pg_temp.key('u', 3), 'cy', '', 'Moe', 'admin', NULL, pg_temp.key('t', 3), true, false),	-- the default team was deleted
	(pg_temp.key('u', 4), 'di', 'Di', 'Nes', 'regular', NULL, pg_temp.key('t', 1), false, true),	-- deleted, but has opportunities
	(pg_temp.key('u', 5), 'ed', 'Ed', 'Oas', 'regular', NULL, NULL, true, false),	-- a new one in a team
	(pg_temp.key('u', 9), 'system', NULL, 'System', 'system', NULL, NULL, true, false);	-- no rep
INSERT INTO team_user (team_id, user_id, role, deleted) VALUES
	(pg_temp.key('t', 1), pg_temp.key('u', 1), 'Closer', false), (pg_temp.key('t', 2), pg_temp.key('u', 1), NULL, false),
	(pg_temp.key('t', 1), pg_temp.key('u', 2), 'Closer', false), (pg_temp.key('t', 2), pg_temp.key('u', 9), NULL, true),
	(pg_temp.key('t', 1), pg_temp.key('u', 5), NULL, false);

-- Opportunities: of those not named here the owner is Ada, the amount 1000.1 + the number, the currency EUR
CREATE TEMPORARY TABLE deal (n integer, stage text, last_stage text, created timestamp, closes date, modified timestamp);
INSERT INTO deal VALUES
	(1, 'Closed Won', 'Closed Won', '2024-01-08 09:00', '2024-03-31', '2024-02-20 15:00'),	-- the closing date stayed a plan; notes up to 9.1
	(2, 'Closed Won', 'Closed Won', '2024-01-09 09:00', '2024-03-31', '2024-02-21 15:00'),	-- notes since 9.2
	(3, 'Closed Won', 'Closed Won', '2024-01-10 09:00', '2024-03-31', '2024-02-22 15:00'),	-- notes of both
	(4, 'Closed Lost', 'Proposal', '2024-01-11 09:00', '2024-02-28', '2024-02-28 15:00'),	-- lost after the proposal
	(5, 'Meeting Held', 'Meeting Held', '2024-01-12 09:00', '2024-12-31', '2024-01-19 15:00'),	-- open
	(6, 'Closed Won', 'Closed Won', '2024-01-15 09:00', '2024-02-01', '2024-02-01 12:00'),	-- proposal, negotiation and close in one second
	(7, 'Closed Won', 'Closed Won', '2024-01-16 09:00', '2024-04-30', '2024-04-30 08:00'),	-- lost, reopened, won
	(8, 'Negotiation', 'Negotiation', '2024-01-17 09:00', '2024-12-31', '2024-05-01 08:00'),	-- won, reopened, and open
	(9, 'Closed Won', 'Closed Won', '2024-01-18 09:00', '2024-03-10', '2024-03-10 08:00'),	-- from lost to won at once
	(10, 'Closed Won', 'Closed Won', '2024-01-19 09:00', '2024-04-02', '2024-04-02 08:00'),	-- won, reopened, and won again in the second of the reopening
	(11, 'Closed Won', 'Closed Won', '2024-01-22 09:00', '2024-03-15', '2024-03-15 08:00'),	-- no note of its creation: what the first change left
	(12, 'Meeting Held', 'Meeting Held', '2024-01-23 09:00', '2024-12-31', '2024-01-23 09:00'),	-- no note at all, open: never changed
	(13, 'Closed Lost', 'Proposal', '2024-01-24 09:00', '2024-03-20', '2024-05-05 08:00'),	-- no note, lost: the last stage, by the end; the closing date, at midnight in Oslo
	(14, 'Closed Won', 'Closed Won', '2024-01-25 09:00', '2024-12-31', '2024-03-21 08:00'),	-- no note, and a closing date to come: known to be closed when last changed
	(15, 'Meeting Held', 'Meeting Held', '2024-01-26 09:00', '2024-12-31', '2024-01-26 09:00'),	-- deleted
	(16, 'Duplicate', 'Duplicate', '2024-01-29 09:00', '2024-12-31', '2024-01-29 09:00'),	-- a stage that stands for what is no deal
	(17, 'Proposal', 'Proposal', '2024-02-01 09:00', '2024-12-31', '2024-02-20 08:00'),	-- the meeting some days before its stage
	(18, 'Proposal', 'Proposal', '2024-02-02 09:00', '2024-12-31', '2024-03-20 08:00'),	-- the meeting weeks before its stage
	(19, 'Prospecting', 'Prospecting', '2024-02-05 09:00', '2024-12-31', '2024-02-05 09:00'),	-- none of its meetings was held
	(20, 'Prospecting', 'Prospecting', '2024-02-06 09:00', '2024-12-31', '2024-02-06 09:00'),	-- a meeting of a whole day
	(21, 'Closed Won', 'Closed Won', '2024-02-08 09:00', '2024-03-10', '2024-03-10 08:00'),	-- USD
	(22, 'Closed Won', 'Closed Won', '2024-02-09 09:00', '2024-03-11', '2024-03-11 08:00'),	-- GBP, of which there is no rate
	(23, 'Closed Won', 'Closed Won', '2024-02-12 09:00', '2024-03-12', '2024-03-12 08:00'),	-- no amount
	(24, 'Prospecting', 'Prospecting', '2024-02-13 09:00', '2024-12-31', '2024-02-13 09:00'),	-- nobody's
	(25, 'Prospecting', 'Prospecting', '2024-02-14 09:00', '2024-12-31', '2024-02-14 09:00'),	-- of a user who was deleted
	(26, 'Workshop', 'Workshop', '2024-02-15 09:00', '2024-12-31', '2024-02-25 09:00'),	-- a stage that its name does not place
	(27, 'Negotiation', 'Negotiation', '2024-02-16 09:00', '2024-12-31', '2024-02-26 09:00'),	-- a stage of the notes that is in use no more
	(28, 'Closed Won', 'Closed Won', '2024-02-19 09:00', '2024-03-19', '2024-03-19 09:00'),	-- all gateways skipped
	(29, 'Closed Won', 'Closed Won', '2024-02-20 09:00', '2024-02-20', '2024-02-20 09:00'),	-- entered when it was won
	(30, 'Closed Won', 'Closed Won', '2024-02-21 09:00', '2024-04-21', '2024-04-21 09:00'),	-- the close in force is in no note
	(31, 'Proposal', 'Proposal', '2024-02-22 09:00', '2024-12-31', '2024-03-22 09:00'),	-- a note that was deleted
	(32, 'Proposal', 'Proposal', '2024-02-23 09:00', '2024-12-31', '2024-03-23 09:00'),	-- notes that are of something else, or are no JSON
	(33, 'Delivered', 'Delivered', '2024-02-26 09:00', '2024-03-26', '2024-03-26 09:00'),	-- won by its probability alone
	(34, 'Closed Won', 'Closed Won', '2024-02-27 09:00', '2024-03-27', '2024-03-27 09:00');	-- the same stage again and again
INSERT INTO opportunity (id, name, amount, amount_currency, stage, last_stage, probability, close_date, created_at, modified_at, account_id, assigned_user_id)
SELECT pg_temp.key('o', n), 'Deal ' || n, 1000.1 + n, 'EUR', stage, last_stage,
	CASE stage WHEN 'Prospecting' THEN 10 WHEN 'Meeting Held' THEN 30 WHEN 'Workshop' THEN 40 WHEN 'Proposal' THEN 50 WHEN 'Negotiation' THEN 80
		WHEN 'Closed Won' THEN 100 WHEN 'Delivered' THEN 100 ELSE 0 END,
	closes, created, modified, pg_temp.key('a', n % 7), pg_temp.key('u', 1)
FROM deal;
UPDATE opportunity SET deleted = true WHERE id = pg_temp.key('o', 15);
UPDATE opportunity SET amount_currency = 'USD' WHERE id = pg_temp.key('o', 21);
UPDATE opportunity SET amount_currency = 'GBP' WHERE id = pg_temp.key('o', 22);
UPDATE opportunity SET amount = NULL, amount_currency = NULL WHERE id = pg_temp.key('o', 23);
UPDATE opportunity SET assigned_user_id = NULL WHERE id = pg_temp.key('o', 24);
UPDATE opportunity SET assigned_user_id = pg_temp.key('u', 4) WHERE id = pg_temp.key('o', 25);
UPDATE opportunity SET assigned_user_id = pg_temp.key('u', 2) WHERE id = pg_temp.key('o', 26);
UPDATE opportunity SET assigned_user_id = pg_temp.key('u', 3) WHERE id = pg_temp.key('o', 27);

-- Notes of the creation, but for those that have none: number, stage
INSERT INTO note (id, type, parent_type, parent_id, created_at, data)
SELECT pg_temp.key('c', n), 'Create', 'Opportunity', pg_temp.key('o', n), created,
	format('{"assignedUserId":"%s","statusValue":"%s","statusField":"stage","statusStyle":"default"}', pg_temp.key('u', 1),
		CASE n WHEN 29 THEN 'Closed Won' ELSE 'Prospecting' END)
FROM deal
WHERE n NOT IN (11, 12, 13, 14)
ORDER BY n;
-- Changes: number, way of telling it, time, stage before, stage
INSERT INTO note (id, type, parent_type, parent_id, created_at, data)
SELECT pg_temp.key('n', (row_number() OVER ())::integer), type, 'Opportunity', pg_temp.key('o', n), at,
	CASE type
		WHEN 'Status' THEN format('{"field":"stage","value":"%s","style":"default"}', became)
		ELSE format('{"fields":["stage"],"attributes":{"was":{"stage":"%s"},"became":{"stage":"%s"}},"value":"%2$s"}', was, became)
	END
FROM (VALUES
	(1, 'Status', '2024-01-15 10:00'::timestamp, '', 'Meeting Held'), (1, 'Status', '2024-02-01 10:00', '', 'Proposal'), (1, 'Status', '2024-02-20 15:00', '', 'Closed Won'),
	(2, 'Update', '2024-01-16 10:00', 'Prospecting', 'Meeting Held'), (2, 'Update', '2024-02-02 10:00', 'Meeting Held', 'Proposal'), (2, 'Update', '2024-02-21 15:00', 'Proposal', 'Closed Won'),
	(3, 'Status', '2024-01-17 10:00', '', 'Meeting Held'), (3, 'Update', '2024-02-03 10:00', 'Meeting Held', 'Proposal'), (3, 'Update', '2024-02-22 15:00', 'Proposal', 'Closed Won'),
	(4, 'Status', '2024-02-04 10:00', '', 'Proposal'), (4, 'Status', '2024-02-28 15:00', '', 'Closed Lost'),
	(5, 'Update', '2024-01-19 15:00', 'Prospecting', 'Meeting Held'),
	(6, 'Update', '2024-02-01 12:00', 'Prospecting', 'Proposal'), (6, 'Update', '2024-02-01 12:00', 'Proposal', 'Negotiation'), (6, 'Update', '2024-02-01 12:00', 'Negotiation', 'Closed Won'),
	(7, 'Status', '2024-01-23 09:00', '', 'Meeting Held'), (7, 'Status', '2024-02-15 09:00', '', 'Closed Lost'), (7, 'Status', '2024-03-15 09:00', '', 'Negotiation'), (7, 'Status', '2024-04-30 08:00', '', 'Closed Won'),
	(8, 'Update', '2024-02-15 09:00', 'Prospecting', 'Proposal'), (8, 'Update', '2024-03-15 09:00', 'Proposal', 'Closed Won'), (8, 'Update', '2024-05-01 08:00', 'Closed Won', 'Negotiation'),
	(9, 'Update', '2024-03-01 09:00', 'Prospecting', 'Closed Lost'), (9, 'Update', '2024-03-10 08:00', 'Closed Lost', 'Closed Won'),
	(10, 'Status', '2024-03-02 09:00', '', 'Closed Won'), (10, 'Status', '2024-04-02 08:00', '', 'Negotiation'), (10, 'Status', '2024-04-02 08:00', '', 'Closed Won'), (10, 'Status', '2024-04-20 08:00', '', 'Closed Won'),
	(11, 'Update', '2024-02-18 09:00', 'Meeting Held', 'Proposal'), (11, 'Update', '2024-03-15 08:00', 'Proposal', 'Closed Won'),
	(17, 'Update', '2024-02-12 09:00', 'Prospecting', 'Meeting Held'), (17, 'Update', '2024-02-20 08:00', 'Meeting Held', 'Proposal'),
	(18, 'Update', '2024-03-12 09:00', 'Prospecting', 'Meeting Held'), (18, 'Update', '2024-03-20 08:00', 'Meeting Held', 'Proposal'),
	(21, 'Update', '2024-03-10 08:00', 'Prospecting', 'Closed Won'), (22, 'Update', '2024-03-11 08:00', 'Prospecting', 'Closed Won'), (23, 'Update', '2024-03-12 08:00', 'Prospecting', 'Closed Won'),
	(26, 'Update', '2024-02-25 09:00', 'Prospecting', 'Workshop'),
	(27, 'Status', '2024-02-20 09:00', '', 'Offer sent'), (27, 'Status', '2024-02-26 09:00', '', 'Negotiation'),
	(28, 'Update', '2024-03-19 09:00', 'Prospecting', 'Closed Won'),
	(30, 'Update', '2024-03-01 09:00', 'Prospecting', 'Closed Won'), (30, 'Update', '2024-03-21 09:00', 'Closed Won', 'Negotiation'),
	(31, 'Update', '2024-03-02 09:00', 'Prospecting', 'Negotiation'), (31, 'Update', '2024-03-22 09:00', 'Prospecting', 'Proposal'),
	(32, 'Update', '2024-03-23 09:00', 'Prospecting', 'Proposal'),
	(33, 'Update', '2024-03-26 09:00', 'Prospecting', 'Delivered'),
	(34, 'Status', '2024-03-07 09:00', '', 'Proposal'), (34, 'Status', '2024-03-08 09:00', '', 'Proposal'), (34, 'Status', '2024-03-27 09:00', '', 'Closed Won'), (34, 'Status', '2024-05-27 09:00', '', 'Closed Won')
) AS c(n, type, at, was, became);
UPDATE note SET deleted = true WHERE parent_id = pg_temp.key('o', 31) AND data LIKE '%Negotiation%';
INSERT INTO note (id, type, parent_type, parent_id, created_at, data) VALUES
	(pg_temp.key('x', 1), 'Update', 'Opportunity', pg_temp.key('o', 32), '2024-03-01 09:00', '{"fields":["amount"],"attributes":{"was":{"amount":1},"became":{"amount":2}}}'),
	(pg_temp.key('x', 2), 'Status', 'Opportunity', pg_temp.key('o', 32), '2024-03-02 09:00', '{"field":"priority","value":"Proposal","of":"stage"}'),
	(pg_temp.key('x', 3), 'Status', 'Case', pg_temp.key('o', 32), '2024-03-03 09:00', '{"field":"stage","value":"Proposal"}'),
	(pg_temp.key('x', 4), 'Status', 'Opportunity', pg_temp.key('o', 32), '2024-03-04 09:00', 'the "stage" is lost'),
	(pg_temp.key('x', 5), 'Post', 'Opportunity', pg_temp.key('o', 32), '2024-03-05 09:00', '{"field":"stage","value":"Proposal"}'),
	(pg_temp.key('x', 6), 'Update', 'Opportunity', pg_temp.key('o', 32), '2024-03-06 09:00', NULL);

-- Meetings and calls: about what, owner, status, start
INSERT INTO meeting (id, parent_type, parent_id, assigned_user_id, status, date_start, is_all_day, date_start_date, created_at, deleted)
SELECT pg_temp.key('m', (row_number() OVER ())::integer), type, parent, pg_temp.key('u', owner), status, at, day IS NOT NULL, day, '2024-01-31 09:00', deleted
FROM (VALUES
	('Opportunity', pg_temp.key('o', 17), 1, 'Held', '2024-02-09 12:00'::timestamp, NULL::date, false),
	('Opportunity', pg_temp.key('o', 17), 1, 'Held', '2024-02-15 12:00', NULL, false),
	('Opportunity', pg_temp.key('o', 17), 1, 'Held', '2024-02-07 12:00', NULL, true),
	('Opportunity', pg_temp.key('o', 18), 1, 'Held', '2024-02-14 12:00', NULL, false),
	('Opportunity', pg_temp.key('o', 19), 1, 'Planned', '2024-02-14 12:00', NULL, false),
	('Opportunity', pg_temp.key('o', 19), 1, 'Not Held', '2024-02-13 12:00', NULL, false),
	('Case', pg_temp.key('o', 19), 2, 'Held', '2024-02-12 12:00', NULL, false),
	('Opportunity', pg_temp.key('o', 20), 1, 'Held', NULL, '2024-02-20', false),
	('Opportunity', pg_temp.key('o', 28), 1, 'Held', '2024-04-12 12:00', NULL, false),	-- after the closing
	(NULL, NULL, 9, 'Held', '2024-02-12 12:00', NULL, false)
) AS m(type, parent, owner, status, at, day, deleted);
INSERT INTO call (id, parent_type, parent_id, assigned_user_id, status, date_start, created_at, deleted)
SELECT pg_temp.key('p', (row_number() OVER ())::integer), type, parent, pg_temp.key('u', owner), status, at, '2024-01-31 09:00', deleted
FROM (VALUES
	('Opportunity', pg_temp.key('o', 1), 1, 'Held', '2024-01-09 10:00'::timestamp, false),
	('Opportunity', pg_temp.key('o', 1), 1, 'Not Held', '2024-01-08 10:00', false),
	('Opportunity', pg_temp.key('o', 1), 1, 'Planned', '2024-01-10 10:00', false),
	('Opportunity', pg_temp.key('o', 1), 1, 'Held', '2024-01-11 10:00', true),
	('Lead', pg_temp.key('l', 1), 2, 'Held', '2024-01-12 10:00', false),
	('Lead', pg_temp.key('l', 1), 9, 'Held', '2024-01-13 10:00', false)
) AS c(type, parent, owner, status, at, deleted);

-- what one unit is worth in euros
CREATE TABLE currency (id varchar(3) PRIMARY KEY, rate double precision);
INSERT INTO currency VALUES ('USD', 0.9);
CREATE VIEW exchange AS SELECT id AS currency, rate FROM currency;
