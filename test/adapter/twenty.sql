-- A workspace of Twenty, in the schema :source. 35 opportunities, each with one trap, which is named there. The stages ON_HOLD
-- and LOST were added by the workspace, DEMO was there once. Ids say what they are by their last digits: opportunities from
-- 1 on, members from 101, persons from 201, meetings from 401, tasks from 501.
CREATE SCHEMA :"source";
SET LOCAL search_path = :"source", public;

CREATE TYPE opportunity_stage_enum AS ENUM ('NEW', 'SCREENING', 'MEETING', 'PROPOSAL', 'CUSTOMER', 'ON_HOLD', 'LOST');
CREATE TYPE task_status_enum AS ENUM ('TODO', 'IN_PROGRESS', 'DONE');
CREATE TYPE "calendarEventParticipant_responseStatus_enum" AS ENUM ('NEEDS_ACTION', 'DECLINED', 'TENTATIVE', 'ACCEPTED');
CREATE TABLE "workspaceMember" (
	id uuid PRIMARY KEY, "createdAt" timestamptz, "updatedAt" timestamptz, "deletedAt" timestamptz, "nameFirstName" text, "nameLastName" text,
	"userEmail" text, "timeZone" text
);
CREATE TABLE opportunity (
	id uuid PRIMARY KEY, "createdAt" timestamptz NOT NULL, "updatedAt" timestamptz NOT NULL, "deletedAt" timestamptz, name text,
	"amountAmountMicros" numeric, "amountCurrencyCode" text, "closeDate" timestamptz, stage opportunity_stage_enum NOT NULL DEFAULT 'NEW',
	position double precision, "createdBySource" text, "createdByWorkspaceMemberId" uuid, "createdByName" text, "pointOfContactId" uuid, "companyId" uuid,
	"ownerId" uuid
);
CREATE TABLE "timelineActivity" (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "createdAt" timestamptz, "updatedAt" timestamptz, "deletedAt" timestamptz, "happensAt" timestamptz NOT NULL,
	name text, properties jsonb, "linkedRecordCachedName" text, "linkedRecordId" uuid, "linkedObjectMetadataId" uuid, "workspaceMemberId" uuid,
	"targetPersonId" uuid, "targetOpportunityId" uuid
);
CREATE INDEX ON "timelineActivity" ("targetOpportunityId");
CREATE TABLE task (
	id uuid PRIMARY KEY, "createdAt" timestamptz, "updatedAt" timestamptz, "deletedAt" timestamptz, title text, "dueAt" timestamptz,
	status task_status_enum DEFAULT 'TODO', "assigneeId" uuid
);
CREATE TABLE "taskTarget" (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "createdAt" timestamptz, "deletedAt" timestamptz, "taskId" uuid, "targetPersonId" uuid,
	"targetCompanyId" uuid, "targetOpportunityId" uuid
);
CREATE TABLE "calendarEvent" (
	id uuid PRIMARY KEY, "createdAt" timestamptz, "deletedAt" timestamptz, title text, "isCanceled" boolean NOT NULL DEFAULT false,
	"isFullDay" boolean NOT NULL DEFAULT false, "startsAt" timestamptz, "endsAt" timestamptz, "externalCreatedAt" timestamptz, "iCalUid" text
);
CREATE TABLE "calendarEventParticipant" (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "deletedAt" timestamptz, "calendarEventId" uuid, "personId" uuid, "workspaceMemberId" uuid, handle text,
	"isOrganizer" boolean NOT NULL DEFAULT false, "responseStatus" "calendarEventParticipant_responseStatus_enum" NOT NULL DEFAULT 'NEEDS_ACTION'
);
CREATE INDEX ON "calendarEventParticipant" ("calendarEventId");
CREATE INDEX ON "calendarEventParticipant" ("personId");

CREATE FUNCTION u(n integer) RETURNS uuid
	LANGUAGE sql IMMUTABLE
	RETURN ('00000000-0000-4000-8000-' || pg_catalog.lpad(n::text, 12, '0'))::uuid;

INSERT INTO "workspaceMember" (id, "createdAt", "deletedAt", "nameFirstName", "nameLastName", "userEmail") VALUES
	(u(101), '2025-01-01', NULL, 'Ada', 'Moe', 'ada@example.org'),
	(u(102), '2025-01-01', NULL, 'Bo', '', 'bo@example.org'),
	(u(103), '2025-01-01', NULL, '', '', 'cy@example.org'),
	-- has left, on 1 April in Oslo
	(u(104), '2025-01-01', '2026-03-31 22:30Z', 'Di', 'Vik', 'di@example.org');

INSERT INTO opportunity (id, "createdAt", "updatedAt", stage, "createdByWorkspaceMemberId", "closeDate", "amountAmountMicros")
SELECT u(id), '2026-01-05 09:00Z', '2026-05-01 12:00Z', stage::opportunity_stage_enum, u(101), close_date::timestamptz, 1000000000 + id * 1000000
FROM (
	VALUES
		-- won; the closing date was a plan
		(1, 'CUSTOMER', '2026-03-31'),
		-- lost in a stage that the workspace has added, after a proposal
		(2, 'LOST', '2026-03-31'),
		-- lost before anything
		(3, 'LOST', NULL),
		-- open, the plan ahead
		(4, 'MEETING', '2026-12-31'),
		-- open, the plan overdue
		(5, 'PROPOSAL', '2026-02-01'),
		-- no change of stage: it was made in this one
		(6, 'MEETING', NULL),
		(7, 'PROPOSAL', NULL),
		-- made as a customer: no later than when it was made, the plan says when
		(8, 'CUSTOMER', '2025-12-12'),
		(9, 'CUSTOMER', '2026-12-12'),
		-- its first stage was that of the appointment
		(10, 'PROPOSAL', NULL),
		-- its first stage was that of the proposal
		(11, 'CUSTOMER', NULL),
		-- entered the stage of the appointment and left it in one moment
		(12, 'PROPOSAL', NULL),
		-- a change back and forth within ten minutes is merged into one that says nothing
		(13, 'NEW', NULL),
		-- won, reopened, won
		(14, 'CUSTOMER', NULL),
		-- lost, reopened, open
		(15, 'SCREENING', '2026-02-01'),
		-- lost, then won
		(16, 'CUSTOMER', NULL),
		-- from the proposal back to the meeting
		(17, 'MEETING', NULL),
		-- by way of a stage that is no more
		(18, 'PROPOSAL', NULL),
		-- deleted
		(19, 'CUSTOMER', NULL),
		-- owner given: the owner counts, not who made it
		(20, 'NEW', NULL),
		-- made by the API: nobody's
		(21, 'NEW', NULL),
		-- of a member who is not there
		(22, 'NEW', NULL),
		-- no amount
		(23, 'CUSTOMER', NULL),
		-- micros with cents
		(24, 'CUSTOMER', NULL),
		-- another currency
		(25, 'CUSTOMER', NULL),
		-- a meeting with the point of contact, and one before the opportunity was there
		(26, 'NEW', NULL),
		-- a meeting two weeks after the stage
		(27, 'MEETING', NULL),
		-- canceled, declined, deleted, and to come
		(28, 'NEW', NULL),
		-- the first meeting came after the sale
		(29, 'CUSTOMER', NULL),
		-- two with one point of contact: the meeting is of both
		(30, 'NEW', NULL),
		(31, 'NEW', NULL),
		-- changes of other fields, of another object, and a deleted one
		(32, 'NEW', NULL),
		-- on hold, which is nothing
		(33, 'ON_HOLD', NULL),
		-- moved between unknown stages
		(34, 'LOST', NULL),
		-- from its first stage, that of a proposal, to another such
		(35, 'PROPOSAL', NULL)
	) AS o(id, stage, close_date);
UPDATE opportunity SET "deletedAt" = '2026-04-01' WHERE id = u(19);
UPDATE opportunity SET "ownerId" = u(102) WHERE id IN (u(2), u(14), u(20), u(26));
UPDATE opportunity SET "ownerId" = u(104) WHERE id = u(5);
UPDATE opportunity SET "createdByWorkspaceMemberId" = NULL, "createdBySource" = 'API' WHERE id = u(21);
UPDATE opportunity SET "ownerId" = u(109) WHERE id = u(22);
UPDATE opportunity SET "amountCurrencyCode" = CASE WHEN id = u(25) THEN 'EUR' WHEN id = u(24) THEN '' ELSE 'NOK' END;
UPDATE opportunity SET "amountAmountMicros" = CASE WHEN id = u(24) THEN 1024990000 END WHERE id IN (u(23), u(24));
UPDATE opportunity SET "companyId" = u(301) WHERE id = u(1);
UPDATE opportunity SET "pointOfContactId" = CASE WHEN id IN (u(30), u(31)) THEN u(230) WHEN id IN (u(26), u(27), u(28), u(29)) THEN (replace(id::text, '0000000000', '0000000002'))::uuid END;
UPDATE opportunity SET "createdAt" = '2026-01-06 09:00Z' WHERE id = u(31);

INSERT INTO "timelineActivity" ("happensAt", name, properties, "targetOpportunityId")
SELECT happens_at::timestamptz, 'opportunity.updated', jsonb_build_object('diff', jsonb_build_object('stage', jsonb_build_object('before', before, 'after', after))), u(id)
FROM (
	VALUES
		(1, '2026-01-12 09:00Z', 'NEW', 'MEETING'), (1, '2026-01-20 09:00Z', 'MEETING', 'PROPOSAL'), (1, '2026-02-02 10:00Z', 'PROPOSAL', 'CUSTOMER'),
		(2, '2026-01-12 09:00Z', 'NEW', 'MEETING'), (2, '2026-01-22 09:00Z', 'MEETING', 'PROPOSAL'), (2, '2026-02-10 10:00Z', 'PROPOSAL', 'LOST'),
		(3, '2026-01-08 10:00Z', 'NEW', 'LOST'),
		(4, '2026-01-14 09:00Z', 'SCREENING', 'MEETING'), (4, '2026-01-07 09:00Z', 'NEW', 'SCREENING'),
		(5, '2026-01-15 09:00Z', 'NEW', 'PROPOSAL'),
		(10, '2026-01-20 09:00Z', 'MEETING', 'PROPOSAL'),
		(11, '2026-02-11 10:00Z', 'PROPOSAL', 'CUSTOMER'),
		(12, '2026-01-16 09:00Z', 'NEW', 'MEETING'), (12, '2026-01-16 09:00Z', 'MEETING', 'PROPOSAL'),
		(13, '2026-01-17 09:00Z', 'NEW', 'NEW'),
		(14, '2026-01-18 09:00Z', 'NEW', 'PROPOSAL'), (14, '2026-02-01 10:00Z', 'PROPOSAL', 'CUSTOMER'), (14, '2026-02-10 10:00Z', 'CUSTOMER', 'PROPOSAL'),
			(14, '2026-03-05 10:00Z', 'PROPOSAL', 'CUSTOMER'),
		(15, '2026-02-01 10:00Z', 'NEW', 'LOST'), (15, '2026-02-20 10:00Z', 'LOST', 'SCREENING'),
		(16, '2026-02-12 10:00Z', 'NEW', 'LOST'), (16, '2026-03-12 10:00Z', 'LOST', 'CUSTOMER'),
		(17, '2026-01-13 09:00Z', 'NEW', 'PROPOSAL'), (17, '2026-01-26 09:00Z', 'PROPOSAL', 'MEETING'),
		(18, '2026-01-19 09:00Z', 'NEW', 'DEMO'), (18, '2026-01-29 09:00Z', 'DEMO', 'PROPOSAL'),
		(19, '2026-02-19 10:00Z', 'NEW', 'CUSTOMER'),
		(23, '2026-02-23 10:00Z', 'NEW', 'CUSTOMER'),
		(24, '2026-02-24 10:00Z', 'NEW', 'CUSTOMER'),
		(25, '2026-02-25 10:00Z', 'NEW', 'CUSTOMER'),
		(27, '2026-01-19 09:00Z', 'NEW', 'MEETING'),
		(29, '2026-01-19 09:00Z', 'NEW', 'MEETING'), (29, '2026-02-02 10:00Z', 'MEETING', 'CUSTOMER'),
		(33, '2026-02-03 10:00Z', 'NEW', 'ON_HOLD'),
		(34, '2026-01-24 09:00Z', 'BLUE', 'GREEN'), (34, '2026-02-24 10:00Z', 'GREEN', 'LOST'),
		(35, '2026-01-25 09:00Z', 'PROPOSAL', 'DEMO'), (35, '2026-01-30 09:00Z', 'DEMO', 'PROPOSAL')
	) AS c(id, happens_at, before, after);
INSERT INTO "timelineActivity" ("happensAt", name, properties, "targetOpportunityId", "deletedAt") VALUES
	('2026-01-05 09:00Z', 'opportunity.created', '{"after": {"stage": "NEW"}}', u(32), NULL),
	('2026-01-20 09:00Z', 'opportunity.updated', '{"diff": {"closeDate": {"before": null, "after": "2026-03-01"}}}', u(32), NULL),
	('2026-01-21 09:00Z', 'linked-task.updated', '{"diff": {"stage": {"before": "NEW", "after": "CUSTOMER"}}}', u(32), NULL),
	('2026-01-22 09:00Z', 'opportunity.updated', '{"diff": {"stage": {"before": "NEW", "after": "CUSTOMER"}}}', u(32), '2026-01-23'),
	('2026-01-23 09:00Z', 'opportunity.updated', NULL, u(32), NULL),
	('2026-01-24 09:00Z', 'person.updated', '{"diff": {"stage": {"before": "NEW", "after": "CUSTOMER"}}}', NULL, NULL);

INSERT INTO "calendarEvent" (id, "createdAt", title, "startsAt", "externalCreatedAt", "isCanceled", "deletedAt") VALUES
	(u(401), '2026-01-30', 'before', '2026-01-02 09:00Z', '2026-01-01 09:00Z', false, NULL),
	(u(402), '2026-01-30', 'first', '2026-01-15 09:00Z', '2026-01-07 09:00Z', false, NULL),
	(u(403), '2026-01-30', 'second', '2026-01-25 09:00Z', NULL, false, NULL),
	(u(404), '2026-01-30', 'late', '2026-02-02 09:00Z', '2026-01-20 09:00Z', false, NULL),
	(u(405), '2026-01-30', 'canceled', '2026-01-16 09:00Z', '2026-01-07 09:00Z', true, NULL),
	(u(406), '2026-01-30', 'declined', '2026-01-17 09:00Z', '2026-01-07 09:00Z', false, NULL),
	(u(407), '2026-01-30', 'deleted', '2026-01-18 09:00Z', '2026-01-07 09:00Z', false, '2026-01-18'),
	(u(408), '2026-01-30', 'taken off', '2026-01-19 09:00Z', '2026-01-07 09:00Z', false, NULL),
	(u(409), '2026-01-30', 'to come', '2026-07-20 09:00Z', '2026-06-01 09:00Z', false, NULL),
	(u(410), '2026-01-30', 'after the sale', '2026-02-23 09:00Z', '2026-02-03 09:00Z', false, NULL),
	(u(411), '2026-01-30', 'both', '2026-01-21 09:00Z', '2026-01-08 09:00Z', false, NULL),
	(u(412), '2026-01-30', 'among ourselves', '2026-01-22 09:00Z', '2026-01-08 09:00Z', false, NULL);
INSERT INTO "calendarEventParticipant" ("calendarEventId", "personId", "workspaceMemberId", "isOrganizer", "responseStatus", "deletedAt")
SELECT u(400 + event), u(200 + person), u(100 + member), coalesce(is_organizer, false), coalesce(status, 'ACCEPTED')::"calendarEventParticipant_responseStatus_enum",
	deleted_at::timestamptz
FROM (
	VALUES
		(1, 26, NULL, NULL, NULL, NULL), (1, NULL, 2, true, NULL, NULL),
		-- the organizer counts, not the other member
		(2, 26, NULL, NULL, NULL, NULL), (2, NULL, 1, NULL, NULL, NULL), (2, NULL, 2, true, NULL, NULL),
		-- the customer invited: of the members the first
		(3, 26, NULL, true, NULL, NULL), (3, NULL, 2, NULL, NULL, NULL), (3, NULL, 3, NULL, NULL, NULL),
		(4, 27, NULL, NULL, NULL, NULL), (4, NULL, 1, true, NULL, NULL),
		(5, 28, NULL, NULL, NULL, NULL), (5, NULL, 1, true, NULL, NULL),
		(6, 28, NULL, NULL, 'DECLINED', NULL), (6, NULL, 1, true, NULL, NULL),
		(7, 28, NULL, NULL, NULL, NULL), (7, NULL, 1, true, NULL, NULL),
		(8, 28, NULL, NULL, NULL, '2026-01-18'), (8, NULL, 1, true, NULL, NULL),
		(9, 28, NULL, NULL, NULL, NULL), (9, NULL, 1, true, NULL, NULL),
		(10, 29, NULL, NULL, NULL, NULL), (10, NULL, 1, true, NULL, NULL),
		(11, 30, NULL, NULL, 'NEEDS_ACTION', NULL), (11, NULL, 3, true, NULL, NULL),
		(12, NULL, 1, true, NULL, NULL), (12, NULL, 2, NULL, NULL, NULL)
	) AS p(event, person, member, is_organizer, status, deleted_at);
INSERT INTO task (id, "createdAt", "updatedAt", "deletedAt", title, "dueAt", status, "assigneeId") VALUES
	(u(501), '2026-01-05', '2026-01-06 10:00Z', NULL, 'Call Ms Berg', '2026-01-06 09:00Z', 'DONE', u(101)),
	-- done before it was due
	(u(502), '2026-01-05', '2026-01-07 10:00Z', NULL, 'Ringe Hansen', '2026-07-06 09:00Z', 'DONE', u(101)),
	(u(503), '2026-01-05', '2026-01-08 10:00Z', NULL, 'Phone, no day set', NULL, 'DONE', u(102)),
	(u(504), '2026-01-05', '2026-01-08 10:00Z', NULL, 'Call to be made', '2026-01-08 09:00Z', 'TODO', u(101)),
	(u(505), '2026-01-05', '2026-01-08 10:00Z', NULL, 'Send the recall notice', '2026-01-08 09:00Z', 'DONE', u(101)),
	(u(506), '2026-01-05', '2026-01-08 10:00Z', '2026-01-09', 'Call by mistake', '2026-01-08 09:00Z', 'DONE', u(101));
-- the first is of two opportunities
INSERT INTO "taskTarget" ("taskId", "targetOpportunityId", "targetPersonId", "deletedAt") VALUES
	(u(501), u(30), NULL, NULL), (u(501), u(31), NULL, NULL), (u(501), NULL, u(230), NULL), (u(502), u(1), NULL, '2026-01-06');
ANALYZE opportunity, "timelineActivity", "calendarEvent", "calendarEventParticipant";
