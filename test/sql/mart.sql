\set ECHO none
SET default_transaction_isolation = 'repeatable read';
\i test/setup.sql
\i test/mart.sql
SELECT plan(97);

-- The names, definitions and comments of a mart's relations, to see what has changed
CREATE FUNCTION pg_temp.shape(mart text) RETURNS TABLE (relation text, shape text)
	LANGUAGE sql
BEGIN ATOMIC
	SELECT c.relname::text,
		concat_ws(' | ', c.relkind, obj_description(c.oid, 'pg_class'), pg_get_viewdef(c.oid), array_to_string(c.reloptions, ','),
			(SELECT string_agg(format('%s %s %s %s', attname, format_type(atttypid, atttypmod), attnotnull, col_description(attrelid, attnum)), ', ' ORDER BY attnum)
				FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
			(SELECT string_agg(conname || ' ' || pg_get_constraintdef(oid), ', ' ORDER BY conname) FROM pg_constraint WHERE conrelid = c.oid),
			(SELECT string_agg(pg_get_indexdef(indexrelid), ', ' ORDER BY pg_get_indexdef(indexrelid)) FROM pg_index WHERE indrelid = c.oid))
	FROM pg_class AS c
	WHERE c.relnamespace = to_regnamespace(quote_ident(mart)) AND c.relkind IN ('r', 'v', 'm');
END;

-- What a mart cannot be made of
PREPARE make AS SELECT kpi.create_mart('sales', options => $1);
SELECT throws_like(format('EXECUTE make(%L)', options), message, name)
FROM (VALUES
	('unknown option', '{"confidance": 0.9, "weeks": 4}', 'unknown option: "confidance", "weeks"'),
	('not an object', '[1]', 'options must be a JSON object, not [1]'),
	('time zone', '{"time_zone": "Mars/Olympus"}', 'option "time_zone" must be a name of pg\_timezone\_names, not "Mars/Olympus"'),
	('abbreviation of a time zone', '{"time_zone": "PDT"}', 'option "time_zone" must be a name of %, not "PDT"'),
	('no time zone', '{"time_zone": null}', 'option "time_zone" must be % not null'),
	('moment', '{"as_of": "yesteryear"}', 'option "as_of" must be a moment, or null for now, not "yesteryear"'),
	('infinite moment', '{"as_of": "infinity"}', 'option "as_of" must be %, not "infinity"'),
	('gateway', '{"gateways": ["closing", "demo"]}', 'option "gateways" must be an array of appointment, %, not %demo%'),
	('no closing', '{"gateways": ["proposal"]}', 'option "gateways" must be %with closing in it, not ["proposal"]'),
	('no gateways', '{"gateways": []}', 'option "gateways" must be %'),
	('gateway that is null', '{"gateways": ["closing", null]}', 'option "gateways" must be %'),
	('gateways that are no array', '{"gateways": "closing"}', 'option "gateways" must be %'),
	('no kinds', '{"kinds": []}', 'option "kinds" must be an array of text, not empty, not []'),
	('kind that is null', '{"kinds": [null]}', 'option "kinds" must be %'),
	('weeks', '{"trailing_weeks": 53}', 'option "trailing_weeks" must be an integer from 1 to 52, not 53'),
	('half a week', '{"trailing_weeks": 12.5}', 'option "trailing_weeks" must be an integer %, not 12.5'),
	('too many weeks for an integer', '{"trailing_weeks": 1e30}', 'option "trailing_weeks" must be %'),
	('days', '{"cycle_horizon_days": 0}', 'option "cycle_horizon_days" must be %'),
	('stale days', '{"stale_after_days": -1}', 'option "stale_after_days" must be %'),
	('confidence', '{"confidence": 1}', 'option "confidence" must be a number above 0 and below 1, not 1'),
	('confidence that is no number', '{"confidence": "NaN"}', 'option "confidence" must be %'),
	('q', '{"q_limit": 0}', 'option "q_limit" must be %'),
	('effect that is no number', '{"min_effect": "NaN"}', 'option "min_effect" must be %'),
	('decisions', '{"min_decisions": "many"}', 'option "min_decisions" must be %'),
	('selling days', '{"selling_days": 8}', 'option "selling_days" must be an integer from 1 to 7, not 8'),
	('locale', '{"locale": "fr"}', 'option "locale" must be en or nb, not "fr"'),
	('row security', '{"row_security": "perhaps"}', 'option "row_security" must be true or false, not "perhaps"'),
	('dimension that is no column', '{"dimensions": ["industry"]}', 'option "dimensions" must be %'),
	('dimension with a name of the mart''s', '{"dimensions": ["week"]}', 'option "dimensions" must be %'),
	('dimension twice', '{"dimensions": ["region", "region"]}', 'option "dimensions" must be %')
) AS c(name, options, message);
SELECT throws_ok(format('SELECT kpi.create_mart(%L)', name), '22023', NULL, 'no mart in a schema named ' || coalesce(name, 'NULL'))
FROM (VALUES ('kpi'), ('information_schema'), ('pg_mart'), ('$user'), (''), (NULL)) AS s(name);
SELECT throws_ok($$SELECT kpi.create_mart('sales', adapter => 'abacus')$$, '22023', 'unknown adapter "abacus"', 'unknown adapter');
SELECT set_eq(
	$$SELECT name FROM kpi.mart_options()$$,
	$$SELECT (regexp_matches(body, '(?n)^\t(\w+)', 'g'))[1] FROM kpi.template WHERE relation = 'config'
		EXCEPT VALUES ('kpi_version'), ('adapter'), ('source'), ('refreshed_as_of'), ('refreshed_at'), ('made'), ('schema_made'), ('playbook_digest'), ('source_digest'), ('stage_digest')$$,
	'every setting is an option');

-- The contract
SELECT throws_ok($$SELECT kpi.create_mart('nowhere')$$, '42P15', 'schema "nowhere" does not hold what a mart is made of', 'a schema with nothing in it');
SELECT hasnt_schema('nowhere', 'and is not left behind');
CREATE FUNCTION pg_temp.detail(command text) RETURNS text
	LANGUAGE plpgsql
AS $$
DECLARE
	detail text;
BEGIN
	EXECUTE command;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN detail;
END
$$;
CREATE SCHEMA broken;
CREATE VIEW broken.opportunity AS SELECT opportunity_id, rep_id::text AS rep_id, created_at::timestamp, proposal_at, closed_at, outcome, amount FROM crm.opportunity;
CREATE VIEW broken.rep AS SELECT rep_id, rep_name, team, peer_group FROM crm.rep;
CREATE TABLE broken.goal (rep_id json, starts_on date, ends_on date);
SELECT is(pg_temp.detail($$SELECT kpi.create_mart('broken')$$), $$opportunity.rep_id: it is of type text, but rep.rep_id is of type integer
opportunity.created_at: it is of type timestamp without time zone: timestamp with time zone (when it came in)
opportunity.appointment_at: there is no such column: timestamp with time zone (when the first appointment was held, NULL if not)
goal.rep_id: it is of type json, but rep.rep_id is of type integer
goal.revenue: there is no such column: numeric, bigint, integer, smallint, double precision, real (revenue to bring in, in the currency of the opportunities)$$,
	'all that is missing or mistyped is listed');
DROP VIEW broken.opportunity, broken.rep;
DROP TABLE broken.goal;
CREATE TABLE broken.rep (rep_id json, rep_name text, team text, peer_group text);
CREATE VIEW broken.opportunity AS SELECT opportunity_id, NULL::json AS rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount FROM crm.opportunity;
SELECT is(pg_temp.detail($$SELECT kpi.create_mart('broken')$$), $$rep.rep_id: it is of type json, whose values have no order
opportunity.rep_id: it is of type json, whose values have no order$$, 'a key has an order');

-- Names that are taken
CREATE TABLE sales.config (kpi_version text);
CREATE VIEW sales.scorecard AS SELECT 1 AS one;
CREATE DOMAIN sales.measure AS integer;
CREATE SEQUENCE sales.config_one_row;
SELECT is(pg_temp.detail($$SELECT kpi.create_mart('sales')$$), $$table sales.config
sequence sales.config_one_row
type sales.measure
view sales.scorecard$$, 'all foreign objects with the mart''s names are listed');
SELECT throws_ok($$SELECT kpi.create_mart('sales')$$, '42710', 'schema "sales" holds objects with names that the mart needs', 'and nothing is made');
DROP TABLE sales.config;
DROP VIEW sales.scorecard;
DROP DOMAIN sales.measure;
DROP SEQUENCE sales.config_one_row;
SELECT is((SELECT array_agg(relation ORDER BY relation) FROM pg_temp.shape('sales')), '{opportunity,rep}', 'a failure leaves nothing behind');

-- Made
SELECT lives_ok($$SELECT kpi.create_mart('sales', options =>
	'{"time_zone": "Europe/Oslo", "as_of": "2024-06-26 12:00", "trailing_weeks": 12, "kinds": ["new"], "gateways": ["appointment", "proposal", "closing"], "locale": "nb"}')$$, 'made');
SELECT results_eq(
	$$SELECT kpi_version, time_zone, as_of, trailing_weeks, kinds, locale, schema_made, row_security FROM sales.config$$,
	$$SELECT extversion COLLATE "default", 'Europe/Oslo', timestamptz '2024-06-26 10:00Z', 12, '{new}'::text[], 'nb', false, false FROM pg_extension WHERE extname = 'kpi'$$,
	'with the options given; a moment is in the time zone of the mart');
SELECT set_eq(
	$$SELECT unnest(made) FROM sales.config$$,
	$$SELECT relation FROM pg_temp.shape('sales') WHERE relation NOT IN ('opportunity', 'rep')$$,
	'config tells what was made');
SELECT set_eq(
	$$SELECT relation FROM pg_temp.shape('sales') WHERE relation NOT IN ('opportunity', 'rep')$$,
	$$SELECT name FROM kpi.mart_statements() WHERE kind IN ('TABLE', 'VIEW')$$,
	'all that the templates make');
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'refreshed');
SELECT is((SELECT sum(new_opportunities) FROM sales.weekly), (SELECT count(*)::numeric FROM crm.opportunity WHERE appointment_at <= '2024-06-26 10:00Z'), 'every appointment is in weekly');

-- Comments
SELECT is_empty(
	$$SELECT c.relname, a.attname
		FROM pg_class AS c LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped, sales.config
		WHERE c.relnamespace = 'sales'::regnamespace AND c.relname = ANY (made)
			AND (coalesce(obj_description(c.oid, 'pg_class'), '') = '' OR col_description(c.oid, a.attnum) IS NULL)$$,
	'every relation and column has a comment');
SELECT is(obj_description('sales.team_scorecard'::regclass), 'each team''s KPIs of the trailing window against the other teams, and its reps'' goals together; key: team', 'a comment is the head of the template');
SELECT is_empty($$SELECT relation FROM pg_temp.shape('sales') WHERE relation IN ('opportunity', 'rep') AND obj_description(('sales.' || relation)::regclass) IS NOT NULL$$,
	'what the user made is not commented');

-- Made again
CREATE TEMPORARY TABLE before AS SELECT * FROM pg_temp.shape('sales');
INSERT INTO sales.goal SELECT * FROM crm.goal;
UPDATE sales.playbook SET floor = 0.7 WHERE kpi = 'closing_ratio';
SELECT lives_ok($$SELECT kpi.create_mart('sales')$$, 'made again');
SELECT set_eq($$SELECT * FROM pg_temp.shape('sales')$$, $$SELECT * FROM before$$, 'nothing changes');
SELECT results_eq($$SELECT trailing_weeks, locale, refreshed_as_of FROM sales.config$$, $$VALUES (12, 'nb', timestamptz '2024-06-26 10:00Z')$$, 'the settings are kept');
SELECT results_eq(
	$$SELECT (SELECT count(*) FROM sales.goal), (SELECT min(floor) FROM sales.playbook WHERE kpi = 'closing_ratio'), (SELECT sum(new_opportunities) > 600 FROM sales.weekly)$$,
	$$VALUES (9::bigint, 0.7, true)$$, 'and so are goals, playbook and figures');
SELECT lives_ok($$SELECT kpi.create_mart('sales', options => '{"trailing_weeks": 13, "as_of": null}')$$, 'made again with options');
SELECT results_eq($$SELECT trailing_weeks, locale, as_of FROM sales.config$$, $$VALUES (13, 'nb', NULL::timestamptz)$$, 'options given are changed, others kept');
DELETE FROM sales.playbook;
SELECT lives_ok($$SELECT kpi.create_mart('sales')$$, 'made again over an empty playbook');
SELECT is_empty($$SELECT FROM sales.playbook$$, 'a playbook that was emptied stays empty');

-- Relations that are missing are made
DROP VIEW sales.fact, sales.weekly_now, sales.curve_now, sales.measure_now CASCADE;
DROP TABLE sales.playbook CASCADE;
SELECT throws_like($$CALL kpi.refresh_mart('sales')$$, 'mart "sales" lacks %curve_now%', 'a mart that lacks something is not refreshed');
SELECT lives_ok($$SELECT kpi.create_mart('sales', options => '{"trailing_weeks": 12, "as_of": "2024-06-26 12:00"}')$$, 'completed');
SELECT set_eq($$SELECT * FROM pg_temp.shape('sales')$$, $$SELECT * FROM before$$, 'what was missing is made');
SELECT isnt_empty($$SELECT FROM sales.playbook$$, 'a playbook that was dropped is filled');

-- The contract changes underneath
DROP VIEW sales.opportunity CASCADE;
CREATE VIEW sales.opportunity AS
SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount, 'new' || nullif(opportunity_id % 2, 0) AS kind, region AS "Région ""x""; --" FROM crm.opportunity;
SELECT lives_ok($$SELECT kpi.create_mart('sales', options => '{"kinds": ["new"]}')$$, 'a column less, a column more');
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'refreshed');
SELECT results_eq($$SELECT array_agg(DISTINCT offering), sum(new_opportunities) FROM sales.weekly$$,
	$$SELECT '{""}'::text[], count(*)::numeric FROM crm.opportunity WHERE appointment_at <= '2024-06-26 10:00Z' AND opportunity_id % 2 = 0$$,
	'are seen after create_mart is called again');

-- Dimensions
SELECT lives_ok($$SELECT kpi.create_mart('sales', options => '{"kinds": ["new", "new1"], "dimensions": ["Région \"x\"; --", "kind"]}')$$, 'with dimensions');
SELECT is_empty($$SELECT FROM sales.weekly$$, 'weekly has another key and is empty');
SELECT col_is_pk('sales', 'weekly', ARRAY['rep_id', 'offering', 'Région "x"; --', 'kind', 'week', 'month'], 'dimensions are part of the key');
SELECT lives_ok($$CALL kpi.refresh_mart('sales')$$, 'refreshed');
SELECT results_eq(
	$$SELECT "Région ""x""; --", kind, sum(new_opportunities)::bigint FROM sales.weekly GROUP BY 1, 2 ORDER BY 1, 2$$,
	$$SELECT coalesce(region, ''), coalesce('new' || nullif(opportunity_id % 2, 0), ''), count(*) FROM crm.opportunity
		WHERE appointment_at <= '2024-06-26 10:00Z' GROUP BY 1, 2 ORDER BY 1, 2$$,
	'a dimension is text, NULL is empty');
SELECT results_eq(
	$$SELECT sum(new_opportunities)::bigint, sum(closing_decided)::bigint FROM sales.rep_week$$,
	$$SELECT sum(new_opportunities)::bigint, sum(closing_decided)::bigint FROM sales.weekly$$, 'rep_week sums over them');
SELECT is(col_description(attrelid, attnum), 'Région "x"; -- of the opportunity, as text; empty: not known', 'a dimension has a comment')
FROM pg_attribute WHERE attrelid = 'sales.weekly'::regclass AND attname = 'Région "x"; --';
SELECT lives_ok($$SELECT kpi.create_mart('sales', options => '{"dimensions": []}')$$, 'without');
SELECT hasnt_column('sales', 'weekly', 'kind', 'a dimension no longer named goes');
SELECT lives_ok($$SELECT kpi.create_mart('sales', options => '{"dimensions": ["kind"]}')$$, 'with one dimension');
DROP VIEW sales.opportunity CASCADE;
CREATE VIEW sales.opportunity AS SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount FROM crm.opportunity;
SELECT is(pg_temp.detail($$SELECT kpi.create_mart('sales')$$), 'dimension "kind" is no column of opportunity', 'a dimension that is gone from the contract is told');

-- Goals of the CRM instead of those filled in
SELECT lives_ok($$SELECT kpi.create_mart('sales', options => '{"dimensions": []}')$$, 'without any again');
ALTER TABLE sales.goal RENAME TO goal_before;
CREATE VIEW sales.goal AS SELECT * FROM crm.goal;
SELECT lives_ok($$SELECT kpi.create_mart('sales')$$, 'a view takes the place of the table to fill in');
SELECT results_eq($$SELECT 'goal' = ANY (made), 'goal_before' = ANY (made) FROM sales.config$$, $$VALUES (false, false)$$, 'and is the user''s, as is the table then');
SELECT lives_ok($$DROP TABLE sales.goal_before$$, 'on which nothing stands any more');
SELECT is(obj_description('sales.goal'::regclass), NULL, 'it is not commented');

-- Any name
ALTER SCHEMA sales RENAME TO "My ""mart"", x; $1 'é' \n %s";
SELECT lives_ok($$SELECT kpi.create_mart('My "mart", x; $1 ''é'' \n %s')$$, 'a hostile name');
SELECT lives_ok($$CALL kpi.refresh_mart('My "mart", x; $1 ''é'' \n %s')$$, 'is refreshed');
SELECT lives_ok($$SELECT kpi.materialize_view('My "mart", x; $1 ''é'' \n %s', 'scorecard')$$, 'materialized');
SELECT lives_ok($$SELECT kpi.upgrade_mart('My "mart", x; $1 ''é'' \n %s')$$, 'upgraded');
SELECT lives_ok($$SELECT kpi.drop_mart('My "mart", x; $1 ''é'' \n %s')$$, 'and dropped');

-- Any type of key
CREATE FUNCTION pg_temp.keyed(expression text) RETURNS text
	LANGUAGE plpgsql
AS $$
DECLARE
	figures text;
BEGIN
	EXECUTE 'CREATE SCHEMA keyed';
	EXECUTE format('CREATE VIEW keyed.rep AS SELECT %s AS rep_id, rep_name, team, peer_group, hired_on, left_on FROM crm.rep', expression);
	EXECUTE format('CREATE VIEW keyed.opportunity AS SELECT %s AS opportunity_id, %s AS rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount FROM crm.opportunity',
		replace(expression, 'rep_id', 'opportunity_id'), expression);
	EXECUTE format('CREATE VIEW keyed.activity AS SELECT %s AS rep_id, kind, happened_at, %s AS opportunity_id FROM crm.activity', expression, replace(expression, 'rep_id', 'opportunity_id'));
	PERFORM kpi.create_mart('keyed', options => '{"as_of": "2024-06-26", "cycle_horizon_days": 50}');
	EXECUTE format('INSERT INTO keyed.goal SELECT %s, starts_on, ends_on, revenue FROM crm.goal', expression);
	PERFORM kpi.refresh_mart_now('keyed');
	EXECUTE 'SELECT string_agg(concat_ws('' '', rep_name, new_opportunities, closing_ratio, round(magic_number, 2), calls), '', '' ORDER BY rep_name)
		FROM keyed.scorecard LEFT JOIN (SELECT rep_id, sum(calls) AS calls FROM keyed.weekly GROUP BY rep_id) AS w USING (rep_id)' INTO figures;
	PERFORM kpi.drop_mart('keyed', keep_data => false);
	EXECUTE 'DROP SCHEMA keyed CASCADE';
	RETURN figures;
END
$$;
CREATE DOMAIN crm.number AS bigint CHECK (VALUE > 0);
CREATE COLLATION crm.posix FROM "POSIX";
CREATE TEMPORARY TABLE keyed AS SELECT pg_temp.keyed('rep_id') AS figures;
SELECT matches(figures, '^Rep 1 \d+ 0[.]\d+ \d+[.]\d+ \d+, .*, Rep 9 ', 'rep_id of type integer') FROM keyed;
SELECT is(pg_temp.keyed(expression), figures, expression)
FROM keyed, (VALUES ('rep_id::text'), ('rep_id::character(12)'), ('rep_id::crm.number'), ('lpad(rep_id::text, 32, ''0'')::uuid'), ('rep_id::text COLLATE crm.posix'), ('ARRAY[rep_id]')) AS k(expression);

SELECT * FROM finish();
ROLLBACK;
