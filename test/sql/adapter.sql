\set ECHO none
SET default_transaction_isolation = 'repeatable read';
\i test/setup.sql
SELECT plan(74);

CREATE FUNCTION pg_temp.report(command text) RETURNS text
	LANGUAGE plpgsql
AS $$
DECLARE
	state text;
	message text;
	detail text;
	hint text;
BEGIN
	EXECUTE command;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(E'\n', state, message, nullif(detail, ''), nullif(hint, ''));
END
$$;

-- The adapters that there are
SELECT is_empty(
	$$SELECT a.name, w.relation FROM kpi.adapter AS a, unnest(ARRAY['stage_found', 'opportunity', 'rep', 'source_issue']) AS w(relation)
		WHERE NOT EXISTS (SELECT FROM kpi.mart_statements(a.name) AS s WHERE s.name = w.relation AND s.of_adapter AND s.kind = 'VIEW')$$,
	'each makes what an adapter must');
SELECT is_empty(
	$$SELECT a.name, s.name FROM kpi.adapter AS a, kpi.mart_statements(a.name) AS s
		WHERE s.of_adapter AND (s.name IS NULL OR s.name NOT IN ('stage', 'currency_rate', 'stage_found', 'source_opportunity', 'opportunity', 'rep', 'goal', 'activity', 'source_issue')
			AND a.body !~ format('(?n)^-- %s: ', s.name))$$,
	'and no more than it may, but what it heads');
SELECT is_empty(
	$$SELECT a.name, r.tables, r.column_place FROM kpi.adapter AS a, kpi.adapter_reads(a.name) AS r
		WHERE r.columns IS NULL OR r.type <> 'any' AND to_regtype(r.type) IS NULL OR r.type = 'any' AND (r.optional OR r.table_optional)$$,
	'what it reads is declared, and what may be missing in a type');
SELECT is_empty(
	$$SELECT a.name, t.token FROM kpi.adapter AS a, LATERAL (SELECT DISTINCT (regexp_matches(a.body, '\{(\w+)\}', 'g'))[1]) AS t(token)
		WHERE t.token NOT IN (SELECT r.tables[1] FROM kpi.adapter_reads(a.name) AS r UNION VALUES ('currency'), ('rate'), ('zone'), ('now'), ('other_currency'))$$,
	'nothing is in braces that is not read');
SELECT is_empty(
	$$SELECT a.name, r.tables FROM kpi.adapter AS a, kpi.adapter_reads(a.name) AS r WHERE a.body NOT LIKE '%{' || r.tables[1] || '}%'$$,
	'and nothing is read that is not used');

-- A CRM for these tests, and what is said of its stages
INSERT INTO kpi.adapter VALUES ('toy', $body$
-- toy: a CRM of two tables and what may be missing
--
-- reads deal|deals: id any, owner|owner_id integer, Stage text, made timestamptz,
--   changed timestamptz?, amount numeric, currency text?, won boolean, tags jsonb?, closing date?
-- reads person: id integer, name text
-- reads target?: person integer, revenue numeric
CREATE OR REPLACE VIEW stage_found AS
SELECT ''::text AS pipeline, "Stage" AS stage, initcap("Stage") AS stage_name, NULL::integer AS ordinal, kpi.adapter_milestone("Stage") AS milestone
FROM {deal} AS d;
CREATE OR REPLACE VIEW opportunity AS
SELECT o.opportunity_id, o.rep_id, o.created_at, NULL::timestamptz AS appointment_at, o.proposal_at, o.closed_at, o.outcome,
	CASE WHEN o.currency <> {currency} THEN o.amount * {rate} ELSE o.amount END AS amount, o.currency, o.tags
FROM (
	SELECT d.id AS opportunity_id, d.owner AS rep_id, d.made AS created_at, CASE s.milestone WHEN 'proposal' THEN d.changed END AS proposal_at,
		CASE WHEN d.won IS NOT NULL THEN coalesce(d.changed, d.closing::timestamp AT TIME ZONE {zone}) END AS closed_at,
		CASE WHEN s.milestone = 'void' THEN 'void' WHEN d.won THEN 'won' WHEN NOT d.won THEN 'lost' ELSE 'open' END AS outcome,
		d.amount, CASE WHEN d.amount IS NOT NULL THEN d.currency END AS currency, d.tags ->> 0 AS tags
	FROM {deal} AS d LEFT JOIN stage AS s ON s.stage = d."Stage"
) AS o;
CREATE OR REPLACE VIEW rep AS
SELECT id AS rep_id, name AS rep_name, 'all'::text AS team, 'all'::text AS peer_group FROM {person} AS p;
CREATE OR REPLACE VIEW goal AS
SELECT person AS rep_id, date '2026-01-01' AS starts_on, date '2026-03-31' AS ends_on, revenue FROM {target} AS t;
CREATE OR REPLACE VIEW source_issue AS
{other_currency};
$body$);
SELECT results_eq(
	$$SELECT tables, table_optional, columns, type, optional FROM kpi.adapter_reads('toy') WHERE place = 1 AND column_place IN (1, 2, 10) OR place = 3 ORDER BY place, column_place$$,
	$$VALUES ('{deal,deals}'::text[], false, '{id}'::text[], 'any', false), ('{deal,deals}', false, '{owner,owner_id}', 'integer', false),
		('{deal,deals}', false, '{closing}', 'date', true), ('{target}', true, '{person}', 'integer', false), ('{target}', true, '{revenue}', 'numeric', false)$$, 'what is read');
CREATE TEMPORARY TABLE stage_case (place serial, name text, milestone text);
INSERT INTO stage_case (name, milestone) VALUES
	-- Odoo
	('New', 'none'), ('Qualified', 'none'), ('Proposition', 'proposal'), ('Won', 'won'),
	-- Salesforce
	('Prospecting', 'none'), ('Qualification', 'none'), ('Needs Analysis', 'appointment'), ('Value Proposition', NULL), ('Id. Decision Makers', NULL),
	('Perception Analysis', NULL), ('Proposal/Price Quote', 'proposal'), ('Negotiation/Review', 'proposal'), ('Closed Won', 'won'), ('Closed Lost', 'lost'),
	-- HubSpot
	('Appointment Scheduled', 'none'), ('Qualified To Buy', 'none'), ('Presentation Scheduled', NULL), ('Decision Maker Bought-In', NULL), ('Contract Sent', 'proposal'),
	-- Twenty, EspoCRM
	('NEW', 'none'), ('SCREENING', 'none'), ('MEETING', 'appointment'), ('PROPOSAL', 'proposal'), ('CUSTOMER', 'won'), ('Negotiation', 'proposal'),
	-- Norwegian
	('Ny', 'none'), ('Kvalifisert', 'none'), ('Kontaktet', 'none'), ('Møte booket', 'none'), ('Møte avholdt', 'appointment'), ('Første møte', 'appointment'),
	('Kundemøte', 'appointment'), ('Behovsanalyse', 'appointment'), ('Tilbud sendt', 'proposal'), ('Forhandling', 'proposal'), ('Befaring', 'proposal'),
	('Vunnet', 'won'), ('Signert', 'won'), ('Kunde', 'won'), ('Tapt', 'lost'), ('MØTE', 'appointment'), ('AVSLÅTT', 'lost'), ('Åpen', 'none'), ('Møte ønsket', 'none'), ('Avslått', 'lost'), ('Duplikat', 'void'),
	-- others
	('Meeting booked', 'none'), ('  Demo ', 'proposal'), ('Demo booked', NULL), ('Lost - no budget', 'lost'), ('Disqualified', 'lost'), ('New customer', 'won'),
	('Customer visit', 'appointment'), ('On hold', 'none'), ('Test', 'void'), ('Test drive', NULL), ('Contract signed', 'won'), ('Contract to be signed', 'proposal'), ('Awaiting signature', 'proposal'),
	('Testimonials', NULL), ('Lostrup', NULL), ('', NULL), ('42', NULL);

-- Nothing, or not enough, to read. The names are as hostile as names can be.
SELECT 'My "CRM" {deal} ''x'' {zone}' AS source, 'The "mart" {rate} %s' AS mart \gset
SELECT is(pg_temp.report(c.command), c.report, c.name)
FROM (VALUES
	('unknown adapter', $$SELECT kpi.create_mart('m', adapter => 'abacus', source => 'public')$$,
		E'22023\nunknown adapter "abacus"\nAdapters are ' || (SELECT string_agg(name, ', ' ORDER BY name COLLATE "C") FROM kpi.adapter)
		|| '. For another CRM make the relations opportunity and rep by hand, and leave adapter out.'),
	('adapter without source', $$SELECT kpi.create_mart('m', adapter => 'toy')$$,
		E'22023\nadapter "toy" is given without source\nsource is the schema that holds the tables of the CRM.'),
	('source without adapter', $$SELECT kpi.create_mart('m', source => 'public')$$,
		E'22023\nsource "public" is given without adapter\nsource is the schema that holds the tables of the CRM.'),
	('no such schema', $$SELECT kpi.create_mart('m', 'toy', 'nowhere')$$,
		E'3F000\nschema "nowhere" does not exist\nsource is the schema that holds the tables of toy.'),
	('rates without adapter', $$SELECT kpi.create_mart('m', options => '{"rate": "a.b"}')$$,
		E'22023\noption "rate" takes an adapter\nIn a view opportunity made by hand amounts are converted there.')
) AS c(name, command, report);
CREATE SCHEMA :"source";
SELECT is(pg_temp.report(format('SELECT kpi.create_mart(%L, ''toy'', %L)', :'mart', :'source')),
	format(E'42P15\nschema "%s" does not hold what adapter "toy" reads\ndeal or deals: there is no such table\nperson: there is no such table\nColumns of other names can be mapped by views in a schema of their own, which source then names.',
		:'source'), 'tables that are missing are listed');
SELECT hasnt_schema(:'mart', 'and nothing is left behind');
CREATE TABLE :"source".deal (id bigint, owner json, "Stage" text, won boolean);
CREATE TABLE :"source".person (id integer, "Name" text);
CREATE TABLE :"source".target (person integer);
SELECT is(pg_temp.report(format('SELECT kpi.create_mart(%L, ''toy'', %L)', :'mart', :'source')),
	format(E'42P15\nschema "%s" does not hold what adapter "toy" reads\n%s\nColumns of other names can be mapped by views in a schema of their own, which source then names.',
		:'source', $$deal.owner: it is of type json: integer
deal.made: there is no such column: timestamp with time zone
deal.amount: there is no such column: numeric
person.name: there is no such column: text$$), 'and so are columns, and those of a type that cannot be taken');
DROP TABLE :"source".deal, :"source".person, :"source".target;

-- Columns of other types than declared, a table by its second name; keys with blanks behind them, a view in place of a table
CREATE TABLE :"source".deals (
	id character(6) PRIMARY KEY, owner_id text, "Stage" varchar(20), made timestamp, changed date, amount double precision, currency character(3),
	won smallint, tags json, closing timestamptz, noise xml
);
INSERT INTO :"source".deals VALUES
	('D1', '1', 'New', '2026-03-29 00:59:59', NULL, 100, 'NOK', NULL, '["x"]', '2026-12-31'),
	('D2', '1', 'Quote', '2026-01-05 09:00', '2026-01-12', 200.25, 'NOK', 1, NULL, '2026-01-31 23:30Z'),
	('D3', '2', 'Quote', '2026-01-05 09:00', NULL, 300, 'EUR', 0, NULL, '2026-01-31 23:30Z'),
	('D4', '2', 'Hocus', '2026-01-05 09:00', NULL, NULL, 'EUR', NULL, NULL, NULL),
	('D5', '2', 'Test', '2026-01-05 09:00', NULL, 500, 'SEK', NULL, NULL, NULL),
	('D6', '2', NULL, '2026-01-05 09:00', NULL, 600, NULL, NULL, NULL, NULL);
CREATE TABLE :"source".people (id integer, name text);
INSERT INTO :"source".people VALUES (1, 'Ada'), (2, 'Bo');
CREATE VIEW :"source".person AS SELECT * FROM :"source".people;

-- Several currencies
SELECT is(pg_temp.report(format('SELECT kpi.create_mart(%L, ''toy'', %L)', :'mart', :'source')), $$22023
the opportunities are in several currencies: NOK (2), EUR (1)
options => '{"currency": "NOK"}' makes it the mart's; "rate" names a relation with columns currency, rate and, if they change, from_date.$$,
	'several currencies, and none is named');
SELECT lives_ok(format('SELECT kpi.create_mart(%L, ''toy'', %L, ''{"currency": "NOK", "time_zone": "Europe/Oslo", "as_of": "2026-03-31"}'')', :'mart', :'source'), 'with one it is made');
SET LOCAL search_path = :"mart", kpi, public;
SELECT results_eq('SELECT opportunity_id::text, rep_id, created_at, proposal_at, closed_at, outcome, amount, currency, tags FROM opportunity ORDER BY opportunity_id', $$VALUES
	('D1'::text, 1, timestamptz '2026-03-29 00:59:59Z', NULL::timestamptz, NULL::timestamptz, 'open', 100, 'NOK', 'x'),
	('D2', 1, '2026-01-05 09:00Z', '2026-01-12 00:00Z', '2026-01-12 00:00Z', 'won', 200.25, 'NOK', NULL),
	('D3', 2, '2026-01-05 09:00Z', NULL, '2026-01-30 23:00Z', 'lost', NULL, 'EUR', NULL),
	('D4', 2, '2026-01-05 09:00Z', NULL, NULL, 'open', NULL, NULL, NULL),
	('D5', 2, '2026-01-05 09:00Z', NULL, NULL, 'void', NULL, 'SEK', NULL),
	('D6', 2, '2026-01-05 09:00Z', NULL, NULL, 'open', 600, NULL, NULL)$$, 'each column in the type declared, a time without a zone as UTC');
SELECT results_eq('SELECT adapter, source, currency, rate FROM config', format('SELECT ''toy'', %L, ''NOK'', NULL::text', :'source'), 'what was given is kept');
SELECT results_eq('SELECT pipeline, stage, stage_name, milestone FROM stage ORDER BY stage',
	$$VALUES ('', 'Hocus', 'Hocus', NULL), ('', 'New', 'New', 'none'), ('', 'Quote', 'Quote', 'proposal'), ('', 'Test', 'Test', 'void')$$, 'the stages');
SELECT lives_ok(format('SELECT kpi.refresh_mart_now(%L)', :'mart'), 'refreshed');
SELECT results_eq('SELECT relation, key, issue, problem, counted, fault FROM data_issue WHERE key = ''D3'' ORDER BY issue', $$VALUES
	('opportunity', 'D3', 'other_currency', 'amount is in EUR, and there is no rate to NOK', true, true)$$, 'what has no rate is an issue');
SELECT results_eq(format('SELECT severity, subject, message, hint FROM kpi.check_mart(%L) WHERE subject LIKE ''%%.target'' OR subject IN (''stage'', ''opportunity.currency'')', :'mart'),
	format($$VALUES
		('info', %L, 'adapter "toy" goes without: target: there is no such table', %L),
		('warning', 'stage', 'stages without a milestone, which are taken as none: Hocus', %L),
		('warning', 'opportunity.currency', 'amounts that no rate converts are taken as unknown: EUR (1)', %L)$$,
		:'source' || '.target', format('Once it is there: SELECT kpi.create_mart(%L)', :'mart'),
		format('UPDATE %I.stage SET milestone = ... WHERE milestone IS NULL', :'mart'),
		format('SELECT kpi.create_mart(%L, options => ''{"currency": ..., "rate": ...}'')', :'mart')), 'and check_mart tells');
SELECT is_empty(
	$$SELECT c.oid::regclass, a.attname FROM config, unnest(made) AS m(name) JOIN pg_class AS c ON c.relname = m.name AND c.relnamespace = to_regnamespace('"' || replace(current_schema, '"', '""') || '"')
			JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE a.attname <> 'tags' AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL)$$, 'relations and columns have comments');
SELECT is(obj_description('goal'::regclass, 'pg_class'), 'the goals of the reps in the CRM, one row each', 'a view that an adapter made says so');

-- Rates
CREATE SCHEMA finance;
CREATE TABLE finance."Rate s" (currency character(3), rate double precision, from_date date);
INSERT INTO finance."Rate s" VALUES ('EUR', 10, '2026-01-01'), ('EUR', 11, '2026-01-31'), ('EUR', 12, '2026-02-01'), ('EUR', 'NaN', '2026-01-15'), ('EUR', 0, '2026-01-16'), ('USD', 9, NULL);
SELECT is(pg_temp.report(format('SELECT kpi.create_mart(%L, options => %L)', :'mart', json_build_object('rate', r.rate))), r.report, coalesce(r.rate, 'NULL') || ' for rates')
FROM (VALUES
	('finance.none', E'22023\noption "rate" must be schema and name of a relation with columns currency, rate and, if rates change, from_date, not "finance.none"\nThere is no such relation.'),
	('"Rate s"', E'22023\noption "rate" must be schema and name of a relation with columns currency, rate and, if rates change, from_date, not ""Rate s""\nThere is no such relation.'),
	('fi nance.x(', E'22023\noption "rate" must be schema and name of a relation with columns currency, rate and, if rates change, from_date, not "fi nance.x("\nThere is no such relation.'),
	('pg_catalog.pg_class', E'22023\noption "rate" must be schema and name of a relation with columns currency, rate and, if rates change, from_date, not "pg_catalog.pg_class"\ncolumn "currency" does not exist'),
	('', E'22023\noption "rate" must be schema and name of a relation with columns currency, rate and, if rates change, from_date, not ""\nnew row for relation "config" violates check constraint "config_rate_check"')
) AS r(rate, report);
SELECT lives_ok(format('SELECT kpi.create_mart(%L, options => ''{"rate": "finance.\"Rate s\""}'')', :'mart'), 'rates');
SELECT results_eq('SELECT opportunity_id::text, amount FROM opportunity WHERE currency <> ''NOK'' ORDER BY 1', $$VALUES ('D3', 3300::numeric), ('D5', NULL)$$,
	'that of the day on which it was closed, in the time zone of the mart');
SELECT is_empty('SELECT FROM data_issue WHERE issue = ''other_currency''', 'no issue any more');
DELETE FROM finance."Rate s" WHERE from_date < '2026-02-01';
SELECT results_eq('SELECT amount FROM opportunity WHERE opportunity_id = ''D3''', 'VALUES (NULL::numeric)', 'no rate holds before the first');
ALTER TABLE finance."Rate s" DROP COLUMN from_date CASCADE;
SELECT lives_ok(format('SELECT kpi.create_mart(%L)', :'mart'), 'rates without days');
SELECT results_eq('SELECT amount FROM opportunity WHERE opportunity_id = ''D3''', 'VALUES (3600::numeric)', 'hold always');
SELECT lives_ok(format('SELECT kpi.create_mart(''by_rate'', ''toy'', %L, ''{"rate": "finance.\"Rate s\""}'')', :'source'), 'without a currency');
SELECT results_eq('SELECT currency FROM by_rate.config', $$VALUES ('NOK'::text)$$, 'it is the one that has no rate');

-- The stages are the user's to edit; create_mart adds those that are new
SELECT lives_ok(format('SELECT kpi.drop_mart(%L)', 'by_rate'), 'a mart whose stages nobody edited is dropped');
UPDATE stage SET milestone = 'proposal' WHERE stage = 'New';
DELETE FROM stage WHERE stage = 'Hocus';
SELECT lives_ok(format('INSERT INTO %I.deals (id, owner_id, "Stage", made, changed, won) VALUES (''D7'', 2, ''Visit'', ''2026-01-05 09:00'', ''2026-01-15'', NULL)', :'source'), 'a stage more');
SELECT results_eq(format('SELECT message, hint FROM kpi.check_mart(%L) WHERE subject = ''stage''', :'mart'),
	format($$VALUES ('stages of the CRM that stage has not, which are taken as none: Hocus, Visit', %L)$$, format('SELECT kpi.create_mart(%L)', :'mart')), 'check_mart lists what is not there');
SELECT lives_ok(format('SELECT kpi.create_mart(%L)', :'mart'), 'made again');
SELECT results_eq('SELECT stage, milestone FROM stage ORDER BY stage COLLATE "C"',
	$$VALUES ('Hocus', NULL), ('New', 'proposal'), ('Quote', 'proposal'), ('Test', 'void'), ('Visit', 'appointment')$$, 'what was edited is kept');
SELECT throws_ok('UPDATE stage SET milestone = ''customer''', '23514', NULL, 'a milestone is one of six');
SELECT is(pg_temp.report(format('SELECT kpi.drop_mart(%L)', :'mart')), format(E'2BP01\nmart "%s" cannot be dropped\ntable %s.stage holds what you filled in\nkeep_data => false drops the tables with what is in them.',
	:'mart', quote_ident(:'mart')), 'stages that were edited stop drop_mart');

-- What may be missing comes; the user's own stays
SELECT is_empty('SELECT FROM goal', 'without its table goal is empty');
CREATE TABLE :"source".target (person integer, revenue integer);
INSERT INTO :"source".target VALUES (1, 1000);
SELECT lives_ok(format('SELECT kpi.create_mart(%L)', :'mart'), 'made again');
SELECT results_eq('SELECT rep_id, revenue FROM goal', 'VALUES (1, 1000::numeric)', 'now it is there');
SELECT lives_ok(format('SELECT kpi.upgrade_mart(%L)', :'mart'), 'upgraded');
SELECT results_eq('SELECT rep_id, revenue FROM goal', 'VALUES (1, 1000::numeric)', 'it is as it was');
ALTER VIEW goal RENAME TO goal_of_crm;
CREATE VIEW goal AS SELECT rep_id, starts_on, ends_on, 2 * revenue AS revenue FROM goal_of_crm;
SELECT lives_ok(format('SELECT kpi.create_mart(%L)', :'mart'), 'made again, with a goal of the user''s own');
SELECT results_eq('SELECT rep_id, revenue FROM goal', 'VALUES (1, 2000::numeric)', 'which stays');

-- Another version of the adapter, and what stands on its views
UPDATE kpi.adapter SET body = replace(body, 'o.currency, o.tags', 'o.currency, ''field''::text AS offering') WHERE name = 'toy';
CREATE SCHEMA mine;
CREATE VIEW mine.tags AS SELECT tags FROM opportunity;
SELECT is(pg_temp.report(format('SELECT kpi.upgrade_mart(%L)', :'mart')), format(E'2BP01\nmart "%s" cannot be changed: objects depend on what must change\nview mine.tags depends on opportunity\nDrop them, and make them again afterwards.', :'mart'),
	'a view of the user''s on a column that goes stops upgrade_mart');
DROP SCHEMA mine CASCADE;
SELECT lives_ok(format('SELECT kpi.upgrade_mart(%L)', :'mart'), 'upgraded without it');
SELECT results_eq('SELECT DISTINCT offering FROM fact', $$VALUES ('field'::text)$$, 'the views are the new ones');
SELECT is(pg_temp.report(format('SELECT kpi.create_mart(%L, ''odoo'', %L)', :'mart', :'source')), format(E'22023\nmart "%s" was made by adapter "toy"\nSELECT kpi.drop_mart(%L)', :'mart', :'mart'),
	'a mart keeps its adapter');

-- Dropped
SELECT lives_ok(format('SELECT kpi.drop_mart(%L, keep_data => false)', :'mart'), 'dropped');
SELECT is((SELECT array_agg(c.relname::text ORDER BY c.relname) FROM pg_class AS c WHERE c.relnamespace = to_regnamespace(quote_ident(:'mart'))), '{goal,goal_of_crm}', 'the user''s own stays');
SELECT is((SELECT count(*)::integer FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(:'source')) AND relkind IN ('r', 'v')), 4, 'and so does the CRM');
DROP SCHEMA :"mart" CASCADE;

-- A plain role: SELECT on the tables, and CREATE on the database
SET LOCAL search_path = kpi, public;
CREATE ROLE kpi_plain;
SELECT current_database() AS database \gset
SELECT format('SELECT kpi.create_mart(%L, ''toy'', %L, ''{"currency": "NOK", "as_of": "2026-03-31"}'')', :'mart', :'source') AS create_mart,
	format('SELECT kpi.refresh_mart_now(%L)', :'mart') AS refresh_mart \gset
GRANT CREATE ON DATABASE :"database" TO kpi_plain;
SET LOCAL ROLE kpi_plain;
SELECT throws_ok(:'create_mart', '42501', 'permission denied for schema ' || :'source', 'without a right on the source');
RESET ROLE;
GRANT USAGE ON SCHEMA :"source" TO kpi_plain;
GRANT SELECT ON :"source".deals TO kpi_plain;
GRANT SELECT (id) ON :"source".person TO kpi_plain;
SET LOCAL ROLE kpi_plain;
SELECT throws_ok(:'create_mart', '42P15', NULL, 'without a right on a table');
RESET ROLE;
SELECT is((SELECT array_agg(p) FROM kpi.adapter_tables('toy', :'source'), unnest(problems) AS p), NULL, 'who may read all lacks nothing');
SET LOCAL ROLE kpi_plain;
SELECT is((SELECT array_agg(p) FROM kpi.adapter_tables('toy', :'source'), unnest(problems) AS p),
	'{"person.name: role kpi_plain may not read it","target.person: role kpi_plain may not read it","target.revenue: role kpi_plain may not read it"}', 'what it may not read is listed');
RESET ROLE;
GRANT SELECT (name) ON :"source".person TO kpi_plain;
SET LOCAL ROLE kpi_plain;
SELECT lives_ok(:'create_mart', 'with rights on what is read it can make the mart');
SELECT lives_ok(:'refresh_mart', 'and refresh it');
SELECT results_eq(format('SELECT rep_name, closing_decided FROM %I.scorecard ORDER BY rep_name', :'mart'), $$VALUES ('Ada', 1::bigint), ('Bo', 0)$$, 'and read it');
SELECT lives_ok(format('SELECT kpi.drop_mart(%L)', :'mart'), 'and drop it');
RESET ROLE;
-- an empty schema in place of CREATE on the database
REVOKE CREATE ON DATABASE :"database" FROM kpi_plain;
CREATE SCHEMA :"mart";
GRANT USAGE, CREATE ON SCHEMA :"mart" TO kpi_plain;
SET LOCAL ROLE kpi_plain;
SELECT lives_ok(:'create_mart', 'in a schema of its name');
SELECT lives_ok(:'refresh_mart', 'refreshed');
RESET ROLE;

-- Issues of the source in a mart that was made by hand
CREATE SCHEMA by_hand;
CREATE VIEW by_hand.opportunity AS
SELECT 1 AS opportunity_id, 1 AS rep_id, timestamptz '2026-01-05' AS created_at, NULL::timestamptz AS appointment_at, NULL::timestamptz AS proposal_at,
	NULL::timestamptz AS closed_at, 'open'::text AS outcome, 100 AS amount;
CREATE VIEW by_hand.rep AS SELECT 1 AS rep_id, 'Ada'::text AS rep_name, 'all'::text AS team, 'all'::text AS peer_group;
CREATE VIEW by_hand.source_issue AS
SELECT 'opportunity'::text AS relation, '1'::text AS key, rep_id, issue, 'told by hand'::text AS problem
FROM (VALUES ('1', 'reopened'), (NULL, 'reopened'), ('1', 'nonsense')) AS i(rep_id, issue);
CREATE TABLE by_hand.stage (mine text);
SELECT lives_ok($$SELECT kpi.create_mart('by_hand', options => '{"as_of": "2026-03-31"}')$$, 'made by hand, beside a stage of the user''s own');
SELECT results_eq('SELECT key, rep_id, issue, problem, counted, fault FROM by_hand.data_issue', $$VALUES ('1', '1', 'reopened', 'told by hand', true, false)$$,
	'with a view source_issue');
SELECT is(pg_temp.report(format('SELECT kpi.create_mart(''by_hand'', ''toy'', %L)', :'source')),
	E'42710\nschema "by_hand" holds objects with names that the mart needs\nview by_hand.opportunity\nview by_hand.rep\nview by_hand.source_issue\ntable by_hand.stage\nRename them, or make the mart in a schema of another name.',
	'an adapter does not take the place of what was made by hand');
SELECT lives_ok($$SELECT kpi.drop_mart('by_hand')$$, 'dropped');
SELECT is((SELECT array_agg(relname::text ORDER BY relname) FROM pg_class WHERE relnamespace = 'by_hand'::regnamespace), '{opportunity,rep,source_issue,stage}', 'they stay');

-- Stages by name
SELECT results_eq(
	$$SELECT name, kpi.adapter_milestone(name) FROM stage_case ORDER BY place$$,
	$$SELECT name, milestone FROM stage_case ORDER BY place$$, 'the milestone of a stage by its name');

SELECT * FROM finish();
ROLLBACK;
