\set ECHO none
SET default_transaction_isolation = 'repeatable read';
\i test/setup.sql
SELECT plan(21);

-- The source in a schema of an odd name, which a plain role may read
CREATE SCHEMA "Espo ""CRM""";
SET LOCAL search_path = "Espo ""CRM""", kpi, public;
\i test/adapter/espocrm.sql
CREATE ROLE kpi_owner;
SELECT current_database() AS database \gset
GRANT CREATE ON DATABASE :"database" TO kpi_owner;
GRANT USAGE ON SCHEMA "Espo ""CRM""" TO kpi_owner;
GRANT SELECT ON ALL TABLES IN SCHEMA "Espo ""CRM""" TO kpi_owner;
SET LOCAL search_path = kpi, public;
SET LOCAL ROLE kpi_owner;

SELECT throws_ok($$SELECT create_mart('sales', adapter => 'espocrm', source => 'Espo "CRM"')$$, '22023',
	'the opportunities are in several currencies: EUR (29), GBP (1), USD (1)', 'currencies are not added up');
SELECT lives_ok($$SELECT create_mart('sales', adapter => 'espocrm', source => 'Espo "CRM"',
	options => '{"time_zone": "Europe/Oslo", "as_of": "2024-07-01 00:00+02", "currency": "EUR", "rate": "\"Espo \"\"CRM\"\"\".exchange"}')$$, 'made');
RESET ROLE;

-- The contract: each row, by hand

CREATE TEMPORARY TABLE expected (n integer, owner integer, created_at timestamptz, appointment_at timestamptz, proposal_at timestamptz, closed_at timestamptz,
	outcome text, amount numeric, currency text);
INSERT INTO expected
SELECT n, owner, d.created AT TIME ZONE 'UTC', appointment_at::timestamptz, proposal_at::timestamptz, closed_at::timestamptz, outcome, 1000.1 + n, 'EUR'
FROM (VALUES
	(1, 1, '2024-01-15 10:00Z', '2024-02-01 10:00Z', '2024-02-20 15:00Z', 'won'),
	(2, 1, '2024-01-16 10:00Z', '2024-02-02 10:00Z', '2024-02-21 15:00Z', 'won'),
	(3, 1, '2024-01-17 10:00Z', '2024-02-03 10:00Z', '2024-02-22 15:00Z', 'won'),
	(4, 1, NULL, '2024-02-04 10:00Z', '2024-02-28 15:00Z', 'lost'),
	(5, 1, '2024-01-19 15:00Z', NULL, NULL, 'open'),
	(6, 1, NULL, '2024-02-01 12:00Z', '2024-02-01 12:00Z', 'won'),
	(7, 1, '2024-01-23 09:00Z', '2024-03-15 09:00Z', '2024-04-30 08:00Z', 'won'),
	(8, 1, NULL, '2024-02-15 09:00Z', NULL, 'open'),
	(9, 1, NULL, NULL, '2024-03-10 08:00Z', 'won'),
	(10, 1, NULL, '2024-04-02 08:00Z', '2024-04-02 08:00Z', 'won'),
	(11, 1, '2024-01-22 09:00Z', '2024-02-18 09:00Z', '2024-03-15 08:00Z', 'won'),
	(12, 1, '2024-01-23 09:00Z', NULL, NULL, 'open'),
	(13, 1, NULL, '2024-03-19 23:00Z', '2024-03-19 23:00Z', 'lost'),
	(14, 1, NULL, NULL, '2024-03-21 08:00Z', 'won'),
	(15, 1, NULL, NULL, NULL, 'void'),
	(16, 1, NULL, NULL, NULL, 'void'),
	(17, 1, '2024-02-09 12:00Z', '2024-02-20 08:00Z', NULL, 'open'),
	(18, 1, '2024-02-14 12:00Z', '2024-03-20 08:00Z', NULL, 'open'),
	(19, 1, NULL, NULL, NULL, 'open'),
	(20, 1, '2024-02-19 23:00Z', NULL, NULL, 'open'),
	(21, 1, NULL, NULL, '2024-03-10 08:00Z', 'won'),
	(22, 1, NULL, NULL, '2024-03-11 08:00Z', 'won'),
	(23, 1, NULL, NULL, '2024-03-12 08:00Z', 'won'),
	(24, NULL, NULL, NULL, NULL, 'open'),
	(25, 4, NULL, NULL, NULL, 'open'),
	(26, 2, NULL, NULL, NULL, 'open'),
	(27, 3, NULL, '2024-02-20 09:00Z', NULL, 'open'),
	(28, 1, NULL, NULL, '2024-03-19 09:00Z', 'won'),
	(29, 1, NULL, NULL, '2024-02-20 09:00Z', 'won'),
	(30, 1, NULL, '2024-03-21 09:00Z', '2024-04-20 22:00Z', 'won'),
	(31, 1, NULL, '2024-03-22 09:00Z', NULL, 'open'),
	(32, 1, NULL, '2024-03-23 09:00Z', NULL, 'open'),
	(33, 1, NULL, NULL, '2024-03-26 09:00Z', 'won'),
	(34, 1, NULL, '2024-03-07 09:00Z', '2024-03-27 09:00Z', 'won')
) AS e(n, owner, appointment_at, proposal_at, closed_at, outcome) JOIN deal AS d USING (n);
UPDATE expected SET amount = 918.99, currency = 'USD' WHERE n = 21;
UPDATE expected SET amount = NULL, currency = 'GBP' WHERE n = 22;
UPDATE expected SET amount = NULL, currency = NULL WHERE n = 23;

SELECT bag_eq('SELECT substr(opportunity_id, 2)::integer AS n, substr(rep_id, 2)::integer AS owner, created_at, appointment_at, proposal_at, closed_at, outcome, amount, currency FROM sales.opportunity',
	'TABLE expected', 'opportunity');
SELECT bag_eq($$SELECT n FROM (SELECT substr(opportunity_id, 2)::integer AS n, account_id, updated_at FROM sales.opportunity) AS o JOIN deal USING (n)
		WHERE account_id = pg_temp.key('a', n % 7) AND updated_at = modified AT TIME ZONE 'UTC'$$, 'SELECT n FROM deal', 'with account and last change');

SELECT bag_eq('SELECT substr(rep_id, 2)::integer, rep_name, team, peer_group FROM sales.rep', $$VALUES
	(1, 'Ada Lund', 'South', 'Sales Rep'), (2, 'bo', 'North', 'Closer'), (3, 'Moe', NULL, NULL), (4, 'Di Nes', 'North', 'North'), (5, 'Ed Oas', 'North', 'North')$$, 'rep');

SELECT bag_eq('SELECT substr(rep_id, 2)::integer, kind, happened_at, substr(opportunity_id, 2)::integer AS n FROM sales.activity', $$VALUES
	(1, 'booked', '2024-01-31 09:00Z'::timestamptz, 17), (1, 'appointment', '2024-02-09 12:00Z', 17),
	(1, 'booked', '2024-01-31 09:00Z', 17), (1, 'appointment', '2024-02-15 12:00Z', 17),
	(1, 'booked', '2024-01-31 09:00Z', 18), (1, 'appointment', '2024-02-14 12:00Z', 18),
	(1, 'booked', '2024-01-31 09:00Z', 19), (1, 'booked', '2024-01-31 09:00Z', 19),
	(1, 'booked', '2024-01-31 09:00Z', 28), (1, 'appointment', '2024-04-12 12:00Z', 28),
	(1, 'booked', '2024-01-31 09:00Z', 20), (1, 'appointment', '2024-02-19 23:00Z', 20),
	(1, 'call', '2024-01-09 10:00Z', 1), (1, 'conversation', '2024-01-09 10:00Z', 1), (1, 'call', '2024-01-08 10:00Z', 1),
	(2, 'call', '2024-01-12 10:00Z', NULL), (2, 'conversation', '2024-01-12 10:00Z', NULL)$$, 'activity');

SELECT bag_eq('SELECT stage, stage_name, ordinal, milestone FROM sales.stage WHERE pipeline = ''''', $$VALUES
	('Closed Lost', 'Closed Lost', 1, 'lost'), ('Duplicate', 'Duplicate', 2, 'void'), ('Prospecting', 'Prospecting', 3, 'none'), ('Meeting Held', 'Meeting Held', 4, 'appointment'),
	('Workshop', 'Workshop', 5, NULL), ('Proposal', 'Proposal', 6, 'proposal'), ('Negotiation', 'Negotiation', 7, 'proposal'), ('Closed Won', 'Closed Won', 8, 'won'),
	('Delivered', 'Delivered', 9, 'won'), ('Offer sent', 'Offer sent', 10, 'proposal')$$, 'stage');

SELECT bag_eq('SELECT relation, substr(key, 2)::integer AS n, substr(rep_id, 2)::integer AS owner, issue, problem FROM sales.source_issue', $$VALUES
	('opportunity', 7, 1, 'reopened', 'it was closed at 2024-02-15 10:00 already'),
	('opportunity', 8, 1, 'reopened', 'it was closed at 2024-03-15 10:00 already'),
	('opportunity', 9, 1, 'reopened', 'it was closed at 2024-03-01 10:00 already'),
	('opportunity', 10, 1, 'reopened', 'it was closed at 2024-03-02 10:00 already'),
	('opportunity', 30, 1, 'reopened', 'it was closed at 2024-03-01 10:00 already'),
	('opportunity', 18, 1, 'appointment_sources_differ', 'first meeting 2024-02-14 13:00, stage of the appointment entered 2024-03-12 10:00'),
	('opportunity', 22, 1, 'other_currency', 'amount is in GBP, and there is no rate to EUR')$$, 'source_issue');

-- EspoCRM has no goals: they are a table to fill in
INSERT INTO sales.goal SELECT rep_id, '2024-04-01', '2024-06-30', 5000 FROM sales.rep;

-- The whole mart on it
SET LOCAL ROLE kpi_owner;
SELECT lives_ok($$CALL refresh_mart('sales')$$, 'refreshed');
RESET ROLE;
-- Ada, from 1 April: won are 7, 10 and 30
SELECT results_eq('SELECT rep_name, closing_passed, revenue FROM sales.scorecard WHERE rep_name IN (''Ada Lund'', ''bo'') ORDER BY 1',
	$$VALUES ('Ada Lund', 3::bigint, (1007.1 + 1010.1 + 1030.1)::numeric(18,2)), ('bo', 0, 0)$$, 'the scorecard');
SELECT bag_eq($$SELECT issue, substr(key, 2)::integer FROM sales.data_issue WHERE relation = 'opportunity' AND issue IN ('void', 'no_owner', 'won_without_amount', 'reopened')$$,
	$$VALUES ('void', 15), ('void', 16), ('no_owner', 24), ('won_without_amount', 22), ('won_without_amount', 23),
		('reopened', 7), ('reopened', 8), ('reopened', 9), ('reopened', 10), ('reopened', 30)$$, 'what is wrong is told');
SELECT set_eq($$SELECT subject, message FROM check_mart('sales') WHERE subject IN ('stage', 'opportunity.currency') OR message ~ 'goes without'$$, $$VALUES
	('stage', 'stages without a milestone, which are taken as none: Workshop'),
	('opportunity.currency', 'amounts that no rate converts are taken as unknown: GBP (1)')$$, 'and what is to be done');
SELECT is_empty($$SELECT c.relname, a.attname FROM pg_class AS c LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
	WHERE c.relnamespace = 'sales'::regnamespace AND c.relkind IN ('r', 'v', 'm')
		AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL)$$, 'all has a comment');

-- Stages are mapped in one place
UPDATE sales.stage SET milestone = 'proposal' WHERE stage = 'Workshop';
UPDATE sales.stage SET milestone = 'lost' WHERE stage = 'Delivered';
SELECT results_eq($$SELECT substr(opportunity_id, 2)::integer, proposal_at, closed_at, outcome FROM sales.opportunity WHERE substr(opportunity_id, 2)::integer IN (26, 33) ORDER BY 1$$,
	$$VALUES (26, '2024-02-25 09:00Z'::timestamptz, NULL::timestamptz, 'open'), (33, NULL, '2024-03-26 09:00Z', 'lost')$$, 'stages that are mapped anew');

-- One opportunity is found by the CRM's indexes
SET LOCAL enable_seqscan = off;
CREATE FUNCTION pg_temp.plan(query text) RETURNS SETOF text
	LANGUAGE plpgsql
AS $$
BEGIN
	RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END
$$;
SELECT bag_has($$SELECT DISTINCT (regexp_match(line, 'Index (?:Only )?Scan(?: using| on) (\w+)'))[1] FROM pg_temp.plan('SELECT * FROM sales.opportunity WHERE opportunity_id = ''o0000000000000001''') AS line$$,
	$$VALUES ('opportunity_pkey'), ('idx_note_parent'), ('idx_meeting_parent')$$, 'one opportunity is found by index');
RESET enable_seqscan;

-- Views instead of tables, and no more than is required
CREATE SCHEMA bare;
CREATE VIEW bare.opportunity AS SELECT id, stage, amount::numeric(13,4) AS amount, close_date, created_at, assigned_user_id FROM "Espo ""CRM""".opportunity;
CREATE VIEW bare."user" AS SELECT id, user_name FROM "Espo ""CRM"""."user";
SELECT lives_ok($$SELECT create_mart('little', adapter => 'espocrm', source => 'bare', options => '{"time_zone": "Europe/Oslo", "as_of": "2024-07-01 00:00+02"}')$$, 'made of little');
SELECT bag_eq('SELECT opportunity_id, appointment_at, proposal_at, closed_at, outcome FROM little.opportunity', $$
	SELECT id, NULL::timestamptz AS a, NULL::timestamptz AS p, CASE WHEN stage IN ('Closed Won', 'Closed Lost') THEN close_date::timestamp AT TIME ZONE 'Europe/Oslo' END AS c,
		CASE stage WHEN 'Closed Won' THEN 'won' WHEN 'Closed Lost' THEN 'lost' WHEN 'Duplicate' THEN 'void' ELSE 'open' END
	FROM bare.opportunity$$, 'where no history is kept, nobody knows since when');
SELECT set_eq($$SELECT regexp_replace(subject, '.*\.', '') FROM check_mart('little') WHERE message ~ 'goes without'$$,
	$$VALUES ('team'), ('team_user'), ('note'), ('meeting'), ('call')$$, 'optional tables that are missing are told');
DROP VIEW bare.opportunity CASCADE;
DROP VIEW bare."user" CASCADE;
CREATE VIEW bare.opportunity AS SELECT id, stage, close_date, created_at FROM "Espo ""CRM""".opportunity;
SELECT throws_ok($$SELECT create_mart('broken', adapter => 'espocrm', source => 'bare')$$, '42P15', 'schema "bare" does not hold what adapter "espocrm" reads', 'so are required ones');

-- The same with jsonb, decimal amounts and times with a zone, as a loader may land them
ALTER TABLE "Espo ""CRM""".note RENAME TO old_note;
CREATE TABLE "Espo ""CRM""".note AS SELECT number::integer, type, parent_id::text, parent_type, CASE WHEN data LIKE '{%' THEN data::jsonb END AS data,
	created_at AT TIME ZONE 'UTC' AS created_at, CASE WHEN deleted THEN 1 ELSE 0 END AS deleted FROM "Espo ""CRM""".old_note;
GRANT SELECT ON "Espo ""CRM""".note TO kpi_owner;
SET LOCAL ROLE kpi_owner;
SELECT drop_mart('sales', keep_data => false);
SELECT create_mart('sales', adapter => 'espocrm', source => 'Espo "CRM"',
	options => '{"time_zone": "Europe/Oslo", "as_of": "2024-07-01 00:00+02", "currency": "EUR", "rate": "\"Espo \"\"CRM\"\"\".exchange"}');
RESET ROLE;
SELECT bag_eq('SELECT substr(opportunity_id, 2)::integer AS n, substr(rep_id, 2)::integer AS owner, created_at, appointment_at, proposal_at, closed_at, outcome, amount, currency FROM sales.opportunity',
	'TABLE expected', 'another landing');

-- A first stage that is known only by what the first change left, and that was left for another of its milestone
INSERT INTO "Espo ""CRM""".opportunity (id, stage, created_at) VALUES ('before the stream', 'Negotiation', '2024-01-08 09:00');
INSERT INTO "Espo ""CRM""".note (number, type, parent_id, parent_type, data, created_at, deleted) VALUES (100000, 'Update', 'before the stream', 'Opportunity',
	'{"fields": ["stage"], "attributes": {"was": {"stage": "Proposal"}, "became": {"stage": "Negotiation"}}}', '2024-02-05 09:00Z', 0);
SELECT is((SELECT proposal_at FROM sales.opportunity WHERE opportunity_id = 'before the stream'), '2024-01-08 09:00Z', 'the first stage is of the creation');

SELECT * FROM finish();
ROLLBACK;
