-- mart: relations for BI tools and schedulers, made in the user's own schema from the templates in sql/mart/

CREATE TABLE kpi.template (
	place integer PRIMARY KEY,
	relation text NOT NULL UNIQUE,
	body text NOT NULL
);
COMMENT ON TABLE kpi.template IS 'SQL that create_mart runs, in the order of place';
COMMENT ON COLUMN kpi.template.place IS 'order';
COMMENT ON COLUMN kpi.template.relation IS 'relation of the mart that it makes';
COMMENT ON COLUMN kpi.template.body IS 'SQL, with names in braces for what differs between marts';
GRANT SELECT ON kpi.template TO PUBLIC;

-- private functions

-- The rows of a relation as a number: any change of them changes it, but for a chance of 1 in 2^64
CREATE FUNCTION kpi.mart_row_hash(record) RETURNS bigint
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_mart_row_hash';

-- The rows of a whole table, likewise
CREATE FUNCTION kpi.mart_table_hash(regclass) RETURNS bigint
	LANGUAGE C STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'kpi_mart_table_hash';

-- The win ratio to plan with: the own where enough own opportunities ended and they were followed long enough; else the peers', moved by
-- what the own ended opportunities say against theirs, drawn towards the group (prior), if there are enough of them. In a
-- company too small for any curve, the share won of those that ended, drawn towards the group: that is a decision ratio,
-- which misleads under growth and where losses are never clicked.
CREATE FUNCTION kpi.mart_win_ratio(own kpi.cycle, peers kpi.cycle, prior kpi.beta_prior, horizon integer, min_decisions integer,
	OUT win_ratio double precision, OUT basis text)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(v.own, v.adjusted, v.peers, v.decisions),
		CASE WHEN v.own IS NOT NULL THEN 'own' WHEN v.adjusted IS NOT NULL THEN 'adjusted' WHEN v.peers IS NOT NULL THEN 'peers'
			WHEN v.decisions IS NOT NULL THEN 'decisions' ELSE '' END
	FROM (
		SELECT CASE WHEN e.decided >= min_decisions THEN kpi.win_probability(own, horizon) END AS own, p.win_ratio AS peers,
			-- least() of a NULL would be 1
			CASE WHEN e.decided >= min_decisions AND p.win_ratio IS NOT NULL AND p.ended_ratio > 0
				THEN least(1, p.win_ratio * kpi.adjusted_ratio(kpi.rate(e.won, e.decided), prior) / p.ended_ratio)
			END AS adjusted,
			kpi.adjusted_ratio(kpi.rate(e.won, e.decided), prior) AS decisions
		FROM (SELECT kpi.won(own), kpi.won(own) + kpi.lost(own)) AS e(won, decided),
			(SELECT kpi.win_probability(peers, horizon), kpi.ratio(kpi.rate(kpi.won(peers), kpi.won(peers) + kpi.lost(peers)))) AS p(win_ratio, ended_ratio)
	) AS v;
END;

-- Interval of a magic number by win ratio and average sale, from theirs: MOVER on the log scale, as in magic_number_low
CREATE FUNCTION kpi.mart_magic_interval(magic_number double precision, win_ratio double precision, win_low double precision, win_high double precision,
	average double precision, average_low double precision, average_high double precision, OUT low double precision, OUT high double precision)
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN win_ratio > 0 AND average > 0 THEN magic_number / exp(sqrt(ln(win_high / win_ratio) ^ 2 + ln(average_high / average) ^ 2)) END,
		CASE WHEN win_low > 0 AND average_low > 0 THEN magic_number * exp(sqrt(ln(win_ratio / win_low) ^ 2 + ln(average / average_low) ^ 2)) END;
END;

-- Interval of a number of events: the score interval of their share of very many trials, times these
CREATE FUNCTION kpi.mart_count_interval(events bigint, confidence double precision, OUT low double precision, OUT high double precision)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT kpi.low(kpi.rate(events, 1000000000000), confidence) * 1000000000000, kpi.high(kpi.rate(events, 1000000000000), confidence) * 1000000000000;
END;

-- Probability of less than z standard deviations, where all is luck: the normal distribution
CREATE FUNCTION kpi.mart_normal_probability(z double precision) RETURNS double precision
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_normal_probability';

-- Within how many standard deviations so much lies: at 0 of 1 the score interval ends at z^2 / (1 + z^2)
CREATE FUNCTION kpi.mart_normal_distance(confidence double precision) RETURNS double precision
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT sqrt(high / (1 - high)) FROM kpi.high(kpi.rate(0, 1), confidence) AS high;
END;

-- p of the test that the own average sale is not below the reference. A few large sales make an average; who happens to
-- have none of them has a low average and, with it, a small spread, so Welch's test alone sees drops that are luck: at p
-- 0.001 with 20 sales, 11 times as often as it says if sales are log-normal (sigma 0.55). Hence the average must be low by
-- the spread of the reference as well, which knows large sales. Its logarithm is held against it, as the average itself is
-- as skewed as the sales: then 1.2 times as often (normal sales: 0.8; exponential ones: 3.7; Welch alone: 15).
CREATE FUNCTION kpi.mart_p_value_of_drop(own kpi.sales, reference kpi.sales) RETURNS double precision
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN p IS NOT NULL THEN greatest(p, kpi.mart_normal_probability(
		CASE WHEN own_average > 0 AND average > 0 THEN ln(own_average / average) * average ELSE own_average - average END
			/ nullif(deviation * sqrt(1.0::double precision / kpi.sales_count(own) + 1.0::double precision / kpi.sales_count(reference)), 0)))
	END
	FROM kpi.p_value(own, reference, 'less') AS p,
		(SELECT kpi.average(own)::double precision, kpi.average(reference)::double precision, kpi.stddev(reference)::double precision) AS m(own_average, average, deviation);
END;

-- What a mart must be given, or may be. A kind of type rather than one type:
-- any number will do for an amount.
CREATE FUNCTION kpi.mart_contract(
	OUT relation text, OUT required boolean, OUT place integer, OUT name text, OUT optional boolean, OUT types text, OUT meaning text)
	RETURNS SETOF record
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT * FROM (VALUES
		('opportunity', true, 1, 'opportunity_id', false, 'any', 'one value for each opportunity'),
		('opportunity', true, 2, 'rep_id', false, 'any', 'the owner, as in rep'),
		('opportunity', true, 3, 'created_at', false, 'timestamp with time zone', 'when it came in'),
		('opportunity', true, 4, 'appointment_at', false, 'timestamp with time zone', 'when the first appointment was held, NULL if not'),
		('opportunity', true, 5, 'proposal_at', false, 'timestamp with time zone', 'when the next step was taken, NULL if not'),
		('opportunity', true, 6, 'closed_at', false, 'timestamp with time zone', 'when it was won or lost, NULL while open'),
		('opportunity', true, 7, 'outcome', false, 'text, character varying', 'won, lost, open or void'),
		('opportunity', true, 8, 'amount', false, 'numeric, bigint, integer, smallint, double precision, real', 'revenue, in one currency'),
		('opportunity', true, 9, 'offering', true, 'text, character varying', 'what is offered'),
		('opportunity', true, 10, 'lost_reason', true, 'text, character varying', 'why it was lost'),
		('opportunity', true, 11, 'pipeline', true, 'text, character varying', 'the sales process it runs through'),
		('opportunity', true, 12, 'kind', true, 'text, character varying', 'new, expansion or renewal'),
		('opportunity', true, 13, 'account_id', true, 'any', 'the customer'),
		('opportunity', true, 14, 'updated_at', true, 'timestamp with time zone', 'when it was last changed'),
		('rep', true, 1, 'rep_id', false, 'any', 'one value for each rep'),
		('rep', true, 2, 'rep_name', false, 'text, character varying', 'name'),
		('rep', true, 3, 'team', false, 'text, character varying', 'team'),
		('rep', true, 4, 'peer_group', false, 'text, character varying', 'whom to compare with'),
		('rep', true, 5, 'hired_on', true, 'date', 'first day at work'),
		('rep', true, 6, 'left_on', true, 'date', 'last day at work'),
		('goal', false, 1, 'rep_id', false, 'any', 'the rep'),
		('goal', false, 2, 'starts_on', false, 'date', 'first day of the period'),
		('goal', false, 3, 'ends_on', false, 'date', 'last day of the period'),
		('goal', false, 4, 'revenue', false, 'numeric, bigint, integer, smallint, double precision, real', 'revenue to bring in, in the currency of the opportunities'),
		('activity', false, 1, 'rep_id', false, 'any', 'the rep'),
		('activity', false, 2, 'kind', false, 'text, character varying', 'call, conversation, booked or appointment'),
		('activity', false, 3, 'happened_at', false, 'timestamp with time zone', 'when'),
		('activity', false, 4, 'opportunity_id', false, 'any', 'the opportunity, NULL if none')
	) AS c(relation, required, place, name, optional, types, meaning);
END;

-- Whether the values of a type can be told apart and put in order, as a key needs
CREATE FUNCTION kpi.mart_is_ordered(type oid) RETURNS boolean
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN (
		-- down through domains and arrays
		WITH RECURSIVE base AS (
			SELECT t.oid, t.typtype, t.below
			FROM part AS t
			WHERE t.oid = type
			UNION ALL
			SELECT t.oid, t.typtype, t.below
			FROM base AS b JOIN part AS t ON t.oid = b.below
		),
		part AS (
			SELECT t.oid, t.typtype,
				CASE WHEN t.typtype = 'd' THEN t.typbasetype WHEN t.typcategory = 'A' AND t.typlen = -1 THEN nullif(t.typelem, 0) END AS below
			FROM pg_catalog.pg_type AS t
		)
		SELECT coalesce(pg_catalog.bool_or(b.typtype IN ('e', 'r', 'm') OR EXISTS (
			SELECT
			FROM pg_catalog.pg_opclass AS o JOIN pg_catalog.pg_am AS m ON m.oid = o.opcmethod
			WHERE m.amname = 'btree' AND o.opcdefault AND (o.opcintype = b.oid OR EXISTS (
				SELECT
				FROM pg_catalog.pg_cast AS c
				WHERE c.castsource = b.oid AND c.casttarget = o.opcintype AND c.castmethod = 'b' AND c.castcontext = 'i')))), false)
		FROM base AS b
		WHERE b.below IS NULL);

-- What of the contract is missing or mistyped in a schema. The types of a table that kpi made are not held against it:
-- kpi brings it into shape.
CREATE FUNCTION kpi.mart_contract_breaches(mart name, made text[] DEFAULT '{}', OUT relation text, OUT name text, OUT problem text)
	RETURNS SETOF record
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	WITH present AS (
		SELECT c.relname::text AS relation, c.oid
		FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = mart AND c.relkind IN ('r', 'v', 'm', 'f', 'p')
	),
	part AS (
		SELECT p.relation, a.attname::text AS name, a.atttypid AS type, pg_catalog.format_type(a.atttypid, NULL) AS type_name
		FROM present AS p JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p.oid
		WHERE a.attnum > 0 AND NOT a.attisdropped
	)
	SELECT c.relation, c.name,
		CASE
			WHEN p.oid IS NULL THEN 'there is no such relation'
			WHEN a.name IS NULL THEN pg_catalog.format('there is no such column: %s (%s)', c.types, c.meaning)
			WHEN c.types <> 'any' THEN pg_catalog.format('it is of type %s: %s (%s)', a.type_name, c.types, c.meaning)
			WHEN a.type <> k.type THEN pg_catalog.format('it is of type %s, but %s.%s is of type %s', a.type_name, k.relation, k.name, k.type_name)
			ELSE pg_catalog.format('it is of type %s, whose values have no order', a.type_name)
		END
	FROM kpi.mart_contract() AS c
	LEFT JOIN present AS p ON p.relation = c.relation
	LEFT JOIN part AS a ON a.relation = c.relation AND a.name = c.name
	-- a key is of one type wherever it stands
	LEFT JOIN part AS k ON k.name = c.name AND (k.relation, k.name) IN (('rep', 'rep_id'), ('opportunity', 'opportunity_id'))
	WHERE CASE
		WHEN p.oid IS NULL THEN c.required AND c.place = 1
		WHEN a.name IS NULL THEN NOT c.optional
		WHEN c.types <> 'any' THEN a.type_name <> ALL (pg_catalog.string_to_array(c.types, ', '))
		WHEN k.type IS NULL OR c.relation = ANY (made) THEN false
		ELSE a.type <> k.type OR NOT kpi.mart_is_ordered(a.type)
	END
	ORDER BY c.relation DESC, c.place;
END;

-- A type as it is declared; its collation only where that is not the type's own
CREATE FUNCTION kpi.mart_type(type oid, typmod integer, "collation" oid) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.format_type(type, typmod) || coalesce((
		SELECT pg_catalog.format(' COLLATE %I.%I', n.nspname, c.collname)
		FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_collation AS c ON c.oid = "collation" JOIN pg_catalog.pg_namespace AS n ON n.oid = c.collnamespace
		WHERE t.oid = type AND t.typcollation <> "collation"), '');

-- Type of a column as it is declared, or NULL
CREATE FUNCTION kpi.mart_column_type(mart name, relation text, name text) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN (SELECT kpi.mart_type(a.atttypid, a.atttypmod, a.attcollation)
		FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
			JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = mart AND c.relname = relation AND a.attname = name AND a.attnum > 0 AND NOT a.attisdropped);

-- The settings that create_mart takes as options, and what their values must be; what is valid is checked by config
CREATE FUNCTION kpi.mart_options(OUT name text, OUT bound text) RETURNS SETOF record
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT * FROM (VALUES
		('time_zone', 'a name of pg_timezone_names'),
		('as_of', 'a moment, or null for now'),
		('gateways', 'an array of appointment, proposal and closing, with closing in it'),
		('kinds', 'an array of text, not empty'),
		('dimensions', 'an array of the names of columns of opportunity'),
		('trailing_weeks', 'an integer from 1 to 52'),
		('cycle_horizon_days', 'an integer from 1 to 10000'),
		('stale_after_days', 'an integer from 1 to 10000'),
		('confidence', 'a number above 0 and below 1'),
		('q_limit', 'a number above 0 and below 1'),
		('min_effect', 'a number from 0 to below 10'),
		('min_decisions', 'an integer above 0'),
		('selling_days', 'an integer from 1 to 7'),
		('locale', 'en or nb'),
		('row_security', 'true or false'),
		('currency', 'the code of a currency'),
		('rate', 'schema and name of a relation with columns currency, rate and, if rates change, from_date')
	) AS o(name, bound);
END;

-- The statements of the templates, and of an adapter; of one that makes a relation, what it makes
CREATE FUNCTION kpi.mart_statements(adapter text DEFAULT '',
	OUT relation text, OUT kind text, OUT name text, OUT statement text, OUT of_adapter boolean)
	RETURNS SETOF record
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE t.relation WHEN adapter THEN m.made[2] ELSE t.relation END, m.made[1], m.made[2], s.statement, t.of_adapter
	FROM (
			SELECT place, relation, body, relation IN ('stage', 'currency_rate') AS of_adapter
			FROM kpi.template
			WHERE CASE WHEN relation IN ('stage', 'currency_rate') THEN adapter <> ''
				WHEN relation IN ('goal', 'activity') THEN NOT EXISTS (
					SELECT FROM kpi.adapter AS a WHERE a.name = adapter AND a.body ~ ('(?n)^CREATE OR REPLACE VIEW ' || relation || ' '))
				ELSE true
			END
			UNION ALL
			-- after what it reads, before what reads it
			SELECT t.place + 0.5, a.name, a.body, true
			FROM kpi.adapter AS a, kpi.template AS t
			WHERE a.name = adapter AND t.relation = 'currency_rate'
		) AS t(place, relation, body, of_adapter),
		-- at the semicolons at the end of a line, but for lines of comment
		LATERAL pg_catalog.regexp_split_to_table(t.body, '(?n)(?<!^[ \t]*--.*);[ \t]*$') WITH ORDINALITY AS s(statement, place)
		LEFT JOIN LATERAL pg_catalog.regexp_match(s.statement,
			'(?n)^CREATE (?:OR REPLACE |UNIQUE )?(VIEW|TABLE|INDEX) (?:IF NOT EXISTS )?(\w+)') AS m(made) ON true
	WHERE s.statement ~ '\S'
	ORDER BY t.place, s.place;
END;

-- A statement with the names in braces filled in. What becomes of dimensions ends in a comma, as there may be none.
CREATE FUNCTION kpi.mart_fill(body text, mart name, dimensions text[] DEFAULT '{}') RETURNS text
	LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	word text;
	pattern text;
	filled text;
BEGIN
	FOR word IN SELECT DISTINCT m[1] FROM regexp_matches(body, '\{([a-z_]+)\}', 'g') AS m LOOP
		pattern := CASE word
			WHEN 'dimensions' THEN '%1$I, '
			WHEN 'dimension_names' THEN '%1$I, '
			WHEN 'least_dimensions' THEN 'min(%1$I) AS %1$I, '
			WHEN 'dimensions_of_o' THEN 'coalesce(o.%1$I, '''') AS %1$I, '
			WHEN 'more_dimensions' THEN 'coalesce(%1$I::text, '''') AS %1$I, '
		END;
		filled := CASE
			WHEN pattern IS NOT NULL THEN (
				SELECT coalesce(string_agg(format(pattern, d), '' ORDER BY place), '')
				FROM unnest(dimensions) WITH ORDINALITY AS u(d, place)
				WHERE word NOT IN ('dimension_names', 'more_dimensions') OR d NOT IN ('pipeline', 'lost_reason'))
			WHEN word = 'rep_id' THEN kpi.mart_column_type(mart, 'rep', word)
			WHEN word = 'opportunity_id' THEN kpi.mart_column_type(mart, 'opportunity', word)
			-- what tells ids apart and is quick to sort
			WHEN word = 'opportunity_key' THEN CASE WHEN kpi.mart_column_type(mart, 'opportunity', 'opportunity_id') IN ('smallint', 'integer', 'bigint') THEN 'opportunity_id'
				ELSE 'hash_record_extended(ROW(opportunity_id), 0)' END
			WHEN word IN ('hired_on', 'left_on') THEN CASE WHEN kpi.mart_column_type(mart, 'rep', word) IS NULL THEN 'NULL::date' ELSE word END
			WHEN word = 'kind' THEN CASE WHEN kpi.mart_column_type(mart, 'opportunity', word) IS NULL THEN '''new''::text' ELSE 'coalesce(kind, ''new'')' END
			WHEN word IN ('offering', 'pipeline', 'lost_reason') THEN
				CASE WHEN kpi.mart_column_type(mart, 'opportunity', word) IS NULL THEN '''''::text' ELSE format('coalesce(%I::text, '''')', word) END
			WHEN word = 'source_issue' THEN CASE WHEN kpi.mart_column_type(mart, 'source_issue', 'problem') IS NOT NULL THEN format('%I.source_issue', mart)
				ELSE '(SELECT NULL::text AS relation, NULL::text AS key, NULL::text AS rep_id, NULL::text AS issue, NULL::text AS problem WHERE false)' END
		END;
		body := coalesce(replace(body, format('{%s}', word), filled), body);
	END LOOP;
	RETURN body;
END
$$;

-- What a relation of the mart is: the head of its template, unless an adapter made it as a view
CREATE FUNCTION kpi.mart_heading(relation text, relkind "char" DEFAULT 'r') RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN relkind = 'v' AND relation = 'goal' THEN 'the goals of the reps in the CRM, one row each'
		WHEN relkind = 'v' AND relation = 'activity' THEN 'the activities in the CRM, one row each'
		ELSE (SELECT pg_catalog.regexp_replace(pg_catalog.btrim(pg_catalog.regexp_replace(
				pg_catalog.substring(t.body, '^\s*((?:--[^\n]*\n)+)'), '\n?-- (?:' || t.relation || ': )?', ' ', 'g'), E' \n'), ' key: ', '; key: ')
		FROM kpi.template AS t WHERE t.relation = mart_heading.relation) END;

-- The word for a kind of relation
CREATE FUNCTION kpi.mart_kind(relkind "char") RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END;

-- Comments: of a relation the head of its template, of a column what the contract says of it, or the dictionary
CREATE FUNCTION kpi.mart_comment(mart name, made text[], dimensions text[]) RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	adapter text;
	r record;
BEGIN
	EXECUTE format('SELECT adapter FROM %I.config', mart) INTO adapter;
	FOR r IN
		SELECT c.oid::regclass AS relation, kpi.mart_kind(c.relkind) AS kind, n.comment
		FROM (
			SELECT 'opportunity' AS name, 'the opportunities of the CRM, one row each' AS comment
			UNION ALL
			SELECT 'rep', 'the reps of the CRM, one row each'
			UNION ALL
			SELECT 'stage_found', 'the stages of the CRM, with the milestone that they seem to stand for'
			UNION ALL
			SELECT 'source_opportunity', 'the opportunities of the CRM, with what their times are taken from'
			UNION ALL
			SELECT 'source_issue', 'what is the matter with rows of the CRM that the contract does not show'
			UNION ALL
			-- an adapter's own views, which have a head like a template
			SELECT v.part[1], btrim(regexp_replace(v.part[2], '\n(-- )?', ' ', 'g'))
			FROM kpi.adapter AS a, LATERAL regexp_matches(a.body, '(?n)^-- (\w+): (.*\n(?:-- .*\n)*)CREATE OR REPLACE VIEW \1 ', 'g') AS v(part)
			WHERE a.name = adapter
			UNION ALL
			SELECT name, kpi.mart_heading(name, 'v') FROM unnest(ARRAY['goal', 'activity']) AS name
			UNION ALL
			SELECT n.*
			FROM kpi.template AS t,
				LATERAL (VALUES
					(t.relation, kpi.mart_heading(t.relation)),
					(t.relation || '_now', 'what ' || t.relation || ' is to hold at the next refresh'),
					(t.relation || '_new', 'what the next refresh is to add to ' || t.relation),
					(t.relation || '_materialized', t.relation || ' as it was at the last refresh, a materialized view')
				) AS n
			) AS n
			JOIN pg_class AS c ON c.relname = n.name AND c.relnamespace = to_regnamespace(quote_ident(mart)) AND c.relkind IN ('v', 'r', 'm')
		WHERE c.relname = ANY (made) AND (c.relname NOT IN ('goal', 'activity') OR n.comment = kpi.mart_heading(c.relname, c.relkind)) AND obj_description(c.oid, 'pg_class') IS DISTINCT FROM n.comment
	LOOP
		EXECUTE format('COMMENT ON %s %s IS %L', r.kind, r.relation, r.comment);
	END LOOP;
	FOR r IN
		SELECT c.oid::regclass AS relation, a.attname, m.meaning
		FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
			LEFT JOIN kpi.mart_contract() AS k ON k.relation = c.relname AND k.name = a.attname
			LEFT JOIN kpi.dictionary AS d ON d.name = a.attname,
			LATERAL (SELECT CASE
				WHEN k.meaning IS NOT NULL THEN k.meaning
				WHEN a.attname = ANY (dimensions) AND c.relname IN ('fact', 'opportunity_check', 'reached', 'weekly', 'weekly_now', 'deal') THEN format('%s of the opportunity, as text; empty: not known', a.attname)
				ELSE d.meaning
			END) AS m(meaning)
		WHERE c.relnamespace = to_regnamespace(quote_ident(mart)) AND c.relkind IN ('v', 'r', 'm') AND c.relname = ANY (made)
			AND a.attnum > 0 AND NOT a.attisdropped AND col_description(c.oid, a.attnum) IS DISTINCT FROM m.meaning AND m.meaning IS NOT NULL
	LOOP
		EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', r.relation, r.attname, r.meaning);
	END LOOP;
END
$$;

-- Objects that stand in the way when relations, or columns of one, are dropped: those that depend on them and would not
-- go with them by themselves
CREATE FUNCTION kpi.mart_dependents(relations oid[], columns smallint[] DEFAULT '{0}') RETURNS SETOF text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	WITH RECURSIVE gone AS (
		SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::oid AS classid, r AS objid, c::integer AS objsubid
		FROM pg_catalog.unnest(relations) AS r, pg_catalog.unnest(columns) AS c
		UNION
		SELECT d.classid, d.objid, 0
		FROM gone AS g JOIN pg_catalog.pg_depend AS d ON d.refclassid = g.classid AND d.refobjid = g.objid AND (g.objsubid = 0 OR d.refobjsubid = g.objsubid)
		WHERE d.deptype IN ('a', 'i')
	)
	SELECT DISTINCT (o.type || ' ' || o.identity) COLLATE "C"
	FROM gone AS g
	JOIN pg_catalog.pg_depend AS d ON d.refclassid = g.classid AND d.refobjid = g.objid AND (g.objsubid = 0 OR d.refobjsubid = g.objsubid)
	-- a view depends on what it reads through its rule
	LEFT JOIN pg_catalog.pg_rewrite AS w ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND w.oid = d.objid,
		LATERAL pg_catalog.pg_identify_object(
			CASE WHEN w.oid IS NULL THEN d.classid ELSE 'pg_catalog.pg_class'::pg_catalog.regclass::oid END,
			coalesce(w.ev_class, d.objid), CASE WHEN w.oid IS NULL THEN d.objsubid ELSE 0 END) AS o
	WHERE d.deptype = 'n' AND (d.classid, d.objid) NOT IN (SELECT classid, objid FROM gone)
	ORDER BY 1;
END;

-- Stops where objects of the user stand in the way of a change
CREATE FUNCTION kpi.mart_stop(mart name, obstacles text) RETURNS void
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF obstacles IS NOT NULL THEN
		RAISE EXCEPTION 'mart "%" cannot be changed: objects depend on what must change', mart
			USING ERRCODE = 'dependent_objects_still_exist', DETAIL = obstacles, HINT = 'Drop them, and make them again afterwards.';
	END IF;
END
$$;

-- Gives a relation the grants of another, and no others
CREATE FUNCTION kpi.mart_copy_grants(source oid, target oid) RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	owner CONSTANT oid := (SELECT relowner FROM pg_class WHERE oid = target);
	r record;
BEGIN
	FOR r IN
		SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS role
		FROM pg_class AS c, aclexplode(c.relacl)
		WHERE c.oid = target AND grantee <> owner
	LOOP
		EXECUTE format('REVOKE ALL ON %s FROM %s', target::regclass, r.role);
	END LOOP;
	FOR r IN
		SELECT privilege_type AS privilege, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS role, is_grantable
		FROM (
			SELECT x.grantee, x.privilege_type, x.is_grantable
			FROM pg_class AS c, aclexplode(c.relacl) AS x
			WHERE c.oid = source
			UNION
			SELECT x.grantee, format('%s (%I)', x.privilege_type, a.attname), x.is_grantable
			FROM pg_attribute AS a JOIN pg_attribute AS b ON b.attrelid = target AND b.attname = a.attname AND b.attnum > 0, aclexplode(a.attacl) AS x
			WHERE a.attrelid = source AND a.attnum > 0
		) AS g
		WHERE grantee <> owner
	LOOP
		EXECUTE format('GRANT %s ON %s TO %s%s', r.privilege, target::regclass, r.role, CASE WHEN r.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END);
	END LOOP;
END
$$;

-- What kpi made in a schema and is still there, by its own config; nothing where there is no mart. A table to fill in
-- that the user has replaced by a relation of his own bears no comment of kpi's.
CREATE FUNCTION kpi.mart_made(mart name) RETURNS text[]
	LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	names text[];
	version text;
BEGIN
	IF kpi.mart_column_type(mart, 'config', 'kpi_version') IS NULL OR kpi.mart_column_type(mart, 'config', 'made') IS DISTINCT FROM 'text[]' THEN
		RETURN '{}';
	END IF;
	EXECUTE format('SELECT made, kpi_version FROM %I.config', mart) INTO names, version;
	IF version IS NULL THEN
		RAISE EXCEPTION 'config of mart "%" has no row', mart USING ERRCODE = 'object_not_in_prerequisite_state',
			HINT = 'It tells what kpi made in the schema: put it back from a backup, or drop the schema.';
	END IF;
	RETURN ARRAY(
		SELECT c.relname::text
		FROM pg_class AS c LEFT JOIN pg_description AS d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
		WHERE c.relnamespace = to_regnamespace(quote_ident(mart)) AND c.relname = ANY (names) AND c.relkind IN ('r', 'v', 'm')
			AND (c.relname NOT IN ('goal', 'activity') OR d.description = kpi.mart_heading(c.relname, c.relkind)
				OR version <> (SELECT extversion FROM pg_extension WHERE extname = 'kpi') AND d.description IS NOT NULL)
		ORDER BY c.relname COLLATE "C");
END
$$;

-- Sees to it that a schema is a mart that the caller may change, and that nobody else changes it until the transaction
-- ends. Whatever works on a mart runs what its owner wrote, with the rights of who calls: so a superuser does not, unless
-- the mart is his; and what is made there must be the owner's.
CREATE FUNCTION kpi.mart_hold(mart name, as_owner boolean DEFAULT true) RETURNS void
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	owner regrole;
BEGIN
	SELECT c.relowner INTO owner
	FROM pg_class AS c
	WHERE c.oid = to_regclass(format('%I.config', mart)) AND kpi.mart_column_type(mart, 'config', 'kpi_version') IS NOT NULL;
	IF owner IS NULL THEN
		RAISE EXCEPTION 'schema "%" is no mart', mart USING ERRCODE = 'invalid_schema_name', HINT = 'kpi.create_mart makes one.';
	END IF;
	IF owner <> current_user::regrole AND (as_owner OR NOT pg_has_role(owner, 'USAGE') OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)) THEN
		RAISE EXCEPTION 'mart "%" belongs to role %', mart, owner
			USING ERRCODE = 'insufficient_privilege', HINT = format('SET ROLE %s first.', owner);
	END IF;
	IF NOT pg_try_advisory_xact_lock(hashtext('kpi.mart'), (to_regnamespace(quote_ident(mart))::oid::bigint - 2147483648)::integer) THEN
		RAISE EXCEPTION 'mart "%" is being refreshed or changed by somebody else', mart USING ERRCODE = 'lock_not_available';
	END IF;
END
$$;

-- A version as numbers, which compare
CREATE FUNCTION kpi.mart_version_number(version text) RETURNS integer[]
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.string_to_array(pg_catalog.substring(version, '^[0-9]+(?:[.][0-9]+)*'), '.')::integer[];

-- A table of a mart: made, or brought into the shape that its template gives it. What is in it is kept, unless it is
-- derived (LIKE its view _now) and has another key. True if it was made.
CREATE FUNCTION kpi.mart_table(mart name, relation text, body text) RETURNS boolean
	LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	derived CONSTANT boolean := body LIKE format('%%(LIKE %s_now,%%', replace(relation, '_', '\_'));
	pattern CONSTANT text := relation || ' (kpi)';
	present regclass := to_regclass(format('%I.%I', mart, relation));
	wanted regclass;
	present_key text;
	wanted_key text;
	touched smallint[];
	c record;
BEGIN
	PERFORM set_config('search_path', format('%I, pg_temp', mart), true);
	IF present IS NULL THEN
		EXECUTE body;
		RETURN true;
	END IF;
	EXECUTE regexp_replace(body, 'CREATE TABLE IF NOT EXISTS \w+', format('CREATE TABLE %I', pattern));
	wanted := to_regclass(format('%I.%I', mart, pattern));

	SELECT pg_get_constraintdef(oid) INTO present_key FROM pg_constraint WHERE conrelid = present AND contype = 'p';
	SELECT pg_get_constraintdef(oid) INTO wanted_key FROM pg_constraint WHERE conrelid = wanted AND contype = 'p';
	SELECT array_agg(p.attnum) INTO touched
	FROM pg_attribute AS p LEFT JOIN pg_attribute AS w ON w.attrelid = wanted AND w.attname = p.attname AND w.attnum > 0
	WHERE p.attrelid = present AND p.attnum > 0 AND NOT p.attisdropped
		AND CASE WHEN w.attname IS NULL THEN derived ELSE (w.atttypid, w.atttypmod, w.attcollation) <> (p.atttypid, p.atttypmod, p.attcollation) END;
	PERFORM kpi.mart_stop(mart, string_agg(d || ' depends on ' || relation, E'\n')) FROM kpi.mart_dependents(ARRAY[present], touched) AS d;

	IF derived AND (present_key IS DISTINCT FROM wanted_key
		OR touched && (SELECT conkey FROM pg_constraint WHERE conrelid = present AND contype = 'p'))
	THEN
		EXECUTE format('DELETE FROM %s', present);
		RAISE NOTICE '% has another key and is empty until the next refresh', relation;
	END IF;
	IF present_key IS DISTINCT FROM wanted_key THEN
		FOR c IN SELECT conname FROM pg_constraint WHERE conrelid = present AND contype = 'p' LOOP
			EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', present, c.conname);
		END LOOP;
	END IF;
	FOR c IN
		SELECT coalesce(w.attname, p.attname) AS name, kpi.mart_type(w.atttypid, w.atttypmod, w.attcollation) AS type,
			w.attname IS NULL AS is_surplus, p.attname IS NULL AS is_missing, p.attnum = ANY (touched) AS is_touched,
			pg_get_expr(d.adbin, d.adrelid) AS wanted_default, pg_get_expr(e.adbin, e.adrelid) AS present_default,
			w.attnotnull AS wanted_not_null, p.attnotnull AS present_not_null
		FROM (SELECT * FROM pg_attribute WHERE attrelid = wanted AND attnum > 0) AS w
			FULL JOIN (SELECT * FROM pg_attribute WHERE attrelid = present AND attnum > 0 AND NOT attisdropped) AS p USING (attname)
			LEFT JOIN pg_attrdef AS d ON d.adrelid = w.attrelid AND d.adnum = w.attnum
			LEFT JOIN pg_attrdef AS e ON e.adrelid = p.attrelid AND e.adnum = p.attnum
		ORDER BY w.attnum
	LOOP
		IF c.is_missing THEN
			EXECUTE format('ALTER TABLE %s ADD COLUMN %I %s%s%s', present, c.name, c.type, ' DEFAULT ' || c.wanted_default,
				CASE WHEN c.wanted_not_null THEN ' NOT NULL' ELSE '' END);
		ELSIF c.is_surplus THEN
			IF derived THEN
				EXECUTE format('ALTER TABLE %s DROP COLUMN %I', present, c.name);
			END IF;
		ELSE
			IF c.is_touched THEN
				BEGIN
					EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT, ALTER COLUMN %2$I TYPE %3$s USING %2$I::%3$s', present, c.name, c.type);
				EXCEPTION WHEN data_exception OR cannot_coerce OR datatype_mismatch THEN
					IF NOT derived THEN
						RAISE EXCEPTION 'column % of % cannot be brought to type %', c.name, relation, c.type
							USING ERRCODE = 'datatype_mismatch', DETAIL = SQLERRM, HINT = 'Change its type by hand, or empty the table.';
					END IF;
					EXECUTE format('ALTER TABLE %s ALTER COLUMN %I TYPE %3$s USING NULL::%3$s', present, c.name, c.type);
				END;
			END IF;
			IF c.wanted_default IS NOT NULL AND (c.is_touched OR c.wanted_default IS DISTINCT FROM c.present_default) THEN
				EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s', present, c.name, c.wanted_default);
			END IF;
			IF c.present_not_null <> c.wanted_not_null THEN
				EXECUTE format('ALTER TABLE %s ALTER COLUMN %I %s NOT NULL', present, c.name, CASE WHEN c.wanted_not_null THEN 'SET' ELSE 'DROP' END);
			END IF;
		END IF;
	END LOOP;
	FOR c IN
		SELECT w.name, w.definition, p.conname IS NOT NULL AS is_present
		FROM (SELECT replace(conname, pattern, relation) AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conrelid = wanted AND contype = 'c') AS w
			LEFT JOIN pg_constraint AS p ON p.conrelid = present AND p.contype = 'c' AND p.conname = w.name
		WHERE pg_get_constraintdef(p.oid) IS DISTINCT FROM w.definition
	LOOP
		IF c.is_present THEN
			EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', present, c.name);
		END IF;
		EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', present, c.name, c.definition);
	END LOOP;
	IF present_key IS DISTINCT FROM wanted_key AND wanted_key IS NOT NULL THEN
		EXECUTE format('ALTER TABLE %s ADD %s', present, wanted_key);
	END IF;
	EXECUTE format('DROP TABLE %s', wanted);
	RETURN false;
END
$$;

-- The settings that options give, as config takes them
CREATE FUNCTION kpi.mart_set(mart name, options jsonb) RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET DateStyle = 'ISO, YMD'
AS $$
DECLARE
	o record;
	zone text;
	problem text;
BEGIN
	-- the time zone first: a moment without one is of the mart's
	FOR o IN SELECT m.name, m.bound, options -> m.name AS value FROM kpi.mart_options() AS m WHERE options ? m.name ORDER BY m.name = 'time_zone' DESC LOOP
		BEGIN
			IF o.name = 'as_of' THEN
				EXECUTE format('SELECT time_zone FROM %I.config', mart) INTO zone;
				PERFORM set_config('TimeZone', zone, true);
			END IF;
			EXECUTE format('UPDATE %1$I.config SET %2$I = (jsonb_populate_record(NULL::%1$I.config, jsonb_build_object(%2$L, %3$L::jsonb))).%2$I RETURNING time_zone',
				mart, o.name, o.value) INTO zone;
			IF o.name = 'time_zone' THEN
				-- AT TIME ZONE knows abbreviations, which have no summer time
				PERFORM kpi.weekly_agg(NULL, NULL, NULL, NULL, NULL, NULL::numeric, zone, NULL);
			END IF;
		EXCEPTION WHEN data_exception OR integrity_constraint_violation OR datatype_mismatch THEN
			GET STACKED DIAGNOSTICS problem = MESSAGE_TEXT;
			RAISE EXCEPTION 'option "%" must be %, not %', o.name, o.bound, o.value USING ERRCODE = 'invalid_parameter_value', DETAIL = problem;
		END;
	END LOOP;
END
$$;

-- What is wrong with the dimensions of a mart, one line each: a name that a template which reads fact or weekly uses could
-- be ambiguous there.
CREATE FUNCTION kpi.mart_dimension_breaches(mart name, dimensions text[]) RETURNS SETOF text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	WITH used AS (
		SELECT DISTINCT w.word
		FROM (SELECT relation, pg_catalog.regexp_replace(body, '--[^\n]*|''[^'']*''', ' ', 'g') FROM kpi.template) AS t(relation, code),
			LATERAL pg_catalog.regexp_split_to_table(t.code, '\W+') AS w(word)
		WHERE (t.code ~ '\m(FROM|JOIN) (fact|reached|weekly)\M' OR t.relation = 'opportunity_check') AND w.word NOT IN ('pipeline', 'lost_reason', 'kind')
	)
	SELECT CASE
			WHEN u.n > 1 THEN pg_catalog.format('dimension "%s" is named more than once', u.d)
			WHEN u.is_taken THEN pg_catalog.format('dimension "%s" has a name that the mart uses itself', u.d)
			ELSE pg_catalog.format('dimension "%s" is no column of opportunity', u.d)
		END
	FROM (
		SELECT v.d, pg_catalog.count(*) AS n, v.d ~ '[{}]' OR v.d IN (SELECT word FROM used) AS is_taken
		FROM pg_catalog.unnest(dimensions) AS v(d)
		GROUP BY v.d
	) AS u
	WHERE u.n > 1 OR u.is_taken OR kpi.mart_column_type(mart, 'opportunity', u.d) IS NULL
	ORDER BY u.d COLLATE "C";
END;

-- Key of each view that can be materialized: the line "-- key: ..." of its template
CREATE FUNCTION kpi.mart_keys(OUT relation text, OUT key text) RETURNS SETOF record
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT t.relation, pg_catalog.substring(t.body, '(?n)^-- key: (.*)$')
	FROM kpi.template AS t
	WHERE t.body ~ '(?n)^-- key: ' AND t.body ~ ('(?n)^CREATE OR REPLACE VIEW ' || t.relation || ' ')
	ORDER BY t.relation;
END;

CREATE FUNCTION kpi.mart_materialize(mart name, view text) RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format('CREATE MATERIALIZED VIEW %1$I.%3$I AS SELECT * FROM %1$I.%2$I', mart, view, view || '_materialized');
	EXECUTE format('CREATE UNIQUE INDEX ON %I.%I (%s)', mart, view || '_materialized', (SELECT key FROM kpi.mart_keys() WHERE relation = view));
END
$$;

-- What the rows of a table of the mart come to, as an expression
CREATE FUNCTION kpi.mart_content_digest(relation text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.format('(SELECT encode(sha256(convert_to(coalesce(string_agg(p::text, E''\n'' ORDER BY p::text COLLATE "C"), ''''), ''UTF8'')), ''hex'') FROM %I AS p)', relation);

-- Whether a table that kpi filled is as kpi left it
CREATE FUNCTION kpi.mart_is_pristine(mart name, relation text) RETURNS boolean
	LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	is_pristine boolean;
BEGIN
	IF kpi.mart_column_type(mart, 'config', relation || '_digest') IS NOT NULL THEN
		PERFORM set_config('search_path', format('%I, pg_temp', mart), true);
		EXECUTE format('SELECT %I = %s FROM config', relation || '_digest', kpi.mart_content_digest(relation)) INTO is_pristine;
	END IF;
	RETURN coalesce(is_pristine, true);
END
$$;

-- Makes the relations of a mart, or brings them up to date with the present templates, contract and options.
--
-- CREATE OR REPLACE VIEW can only add columns at the end. So every view first becomes a stub, with its columns but reading
-- nothing, and the tables can change under it. Of a view that must change in another way the old one steps aside under
-- another name, and with it what the user built on it: if there is something, all is undone and the user told. So does a
-- view that there is no more.
CREATE FUNCTION kpi.mart_build(mart name, options jsonb, schema_made boolean, adapter text DEFAULT '', source text DEFAULT '') RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	schema CONSTANT oid := to_regnamespace(quote_ident(mart));
	made text[] := kpi.mart_made(mart);
	mart_version text;
	mart_adapter text;
	mart_source text;
	names jsonb;
	version CONSTANT text := (SELECT extversion FROM pg_extension WHERE extname = 'kpi');
	before CONSTANT text[] := ARRAY(SELECT relname::text FROM pg_class WHERE relnamespace = schema);
	barriers CONSTANT text[] := ARRAY(SELECT relname::text FROM pg_class WHERE relnamespace = schema AND 'security_barrier=true' = ANY (reloptions));
	set_aside text[] := '{}';
	created text[] := '{}';
	pristine text[] := '{playbook,stage}';
	is_set boolean := false;
	dimensions text[];
	row_security boolean;
	obstacles text;
	s record;
	r record;
BEGIN
	IF 'config' = ANY (made) THEN
		EXECUTE format('SELECT adapter, source FROM %I.config', mart) INTO mart_adapter, mart_source;
		IF adapter <> '' AND mart_adapter NOT IN ('', adapter) THEN
			RAISE EXCEPTION 'mart "%" was made by adapter "%"', mart, mart_adapter
				USING ERRCODE = 'invalid_parameter_value', HINT = format('SELECT kpi.drop_mart(%L)', mart);
		END IF;
		adapter := coalesce(nullif(adapter, ''), mart_adapter);
		source := coalesce(nullif(source, ''), mart_source);
	END IF;
	IF (adapter = '') <> (source = '') THEN
		RAISE EXCEPTION '%', CASE adapter WHEN '' THEN format('source "%s" is given without adapter', source) ELSE format('adapter "%s" is given without source', adapter) END
			USING ERRCODE = 'invalid_parameter_value', HINT = 'source is the schema that holds the tables of the CRM.';
	END IF;
	SELECT string_agg(pg_describe_object(o.class, o.oid, 0), E'\n' ORDER BY o.name) INTO obstacles
	FROM (
		SELECT 'pg_class'::regclass AS class, oid, relname::text AS name
		FROM pg_class
		WHERE relnamespace = schema AND relname <> ALL (made) AND NOT (relname IN ('goal', 'activity') AND relkind IN ('r', 'v', 'm', 'f', 'p'))
			AND NOT (relkind = 'i' AND EXISTS (SELECT FROM pg_index JOIN pg_class AS t ON t.oid = indrelid WHERE indexrelid = pg_class.oid AND t.relname = ANY (made)))
		UNION ALL
		SELECT 'pg_type'::regclass, oid, typname FROM pg_type WHERE typnamespace = schema AND typrelid = 0
	) AS o
	WHERE o.name IN (SELECT name FROM kpi.mart_statements(adapter));
	IF obstacles IS NOT NULL THEN
		RAISE EXCEPTION 'schema "%" holds objects with names that the mart needs', mart
			USING ERRCODE = 'duplicate_object', DETAIL = obstacles, HINT = 'Rename them, or make the mart in a schema of another name.';
	END IF;

	FOR r IN
		SELECT c.oid::regclass AS view, c.relname::text AS name, c.relname NOT IN (SELECT name FROM kpi.mart_statements(adapter) WHERE kind = 'VIEW') AS is_gone,
			string_agg(format('NULL::%s AS %I', kpi.mart_type(a.atttypid, a.atttypmod, a.attcollation), a.attname), ', ' ORDER BY a.attnum) AS columns
		FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
		WHERE c.relnamespace = schema AND c.relkind = 'v' AND c.relname = ANY (made)
			AND (c.relname NOT IN (SELECT relation FROM kpi.mart_contract()) OR c.relname IN (SELECT name FROM kpi.mart_statements(adapter) WHERE kind = 'VIEW'))
		GROUP BY c.oid
	LOOP
		EXECUTE format('CREATE OR REPLACE VIEW %s AS SELECT %s', r.view, r.columns);
		IF r.is_gone THEN
			EXECUTE format('ALTER VIEW %s RENAME TO %I', r.view, r.name || ' (kpi)');
			set_aside := set_aside || r.name;
		END IF;
	END LOOP;

	PERFORM set_config('search_path', format('%I, pg_temp', mart), true);
	IF 'config' = ANY (made) THEN
		EXECUTE 'SELECT kpi_version FROM config' INTO mart_version;
		IF kpi.mart_version_number(mart_version) > kpi.mart_version_number(version) THEN
			RAISE EXCEPTION 'mart "%" was made by kpi %, and here is kpi %', mart, mart_version, version
				USING ERRCODE = 'feature_not_supported', HINT = 'ALTER EXTENSION kpi UPDATE first.';
		END IF;
	END IF;
	pristine := ARRAY(SELECT relation FROM unnest(pristine) AS relation WHERE relation <> ALL (made) OR kpi.mart_is_pristine(mart, relation));
	FOR s IN SELECT * FROM kpi.mart_statements(adapter) LOOP
		IF s.relation <> 'config' AND NOT is_set THEN
			-- the config stands: what it says is needed from here on
			EXECUTE 'INSERT INTO config (kpi_version, schema_made) SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM config)' USING version, schema_made;
			EXECUTE 'UPDATE config SET adapter = $1, source = $2' USING adapter, source;
			PERFORM kpi.mart_set(mart, options);
			IF adapter = '' AND options ->> 'rate' IS NOT NULL THEN
				RAISE EXCEPTION 'option "rate" takes an adapter' USING ERRCODE = 'invalid_parameter_value', HINT = 'In a view opportunity made by hand amounts are converted there.';
			END IF;
			names := CASE WHEN adapter <> '' THEN kpi.adapter_names(mart, adapter, source) END;
			is_set := true;
		END IF;
		IF s.relation <> 'config' AND NOT s.of_adapter AND dimensions IS NULL THEN
			IF adapter <> '' THEN
				PERFORM kpi.adapter_finish(mart);
			END IF;
			EXECUTE 'SELECT dimensions, row_security FROM config' INTO dimensions, row_security;
			SELECT string_agg(b, E'\n') INTO obstacles FROM kpi.mart_dimension_breaches(mart, dimensions) AS b;
			IF obstacles IS NOT NULL AND kpi.mart_column_type(mart, 'opportunity', 'opportunity_id') IS NOT NULL THEN
				RAISE EXCEPTION 'option "dimensions" must be %', (SELECT bound FROM kpi.mart_options() WHERE name = 'dimensions')
					USING ERRCODE = 'invalid_parameter_value', DETAIL = obstacles, HINT = 'Give a column another name in the view opportunity, if need be.';
			END IF;
			SELECT string_agg(format('%s.%s: %s', b.relation, b.name, b.problem), E'\n') INTO obstacles FROM kpi.mart_contract_breaches(mart, made) AS b;
			IF obstacles IS NOT NULL THEN
				RAISE EXCEPTION 'schema "%" does not hold what a mart is made of', mart
					USING ERRCODE = 'invalid_schema_definition', DETAIL = obstacles,
						HINT = 'Make these relations as views over the CRM''s tables, or as tables, and call create_mart again.';
			END IF;
		END IF;
		s.statement := CASE WHEN s.of_adapter THEN kpi.adapter_fill(s.statement, names) ELSE kpi.mart_fill(s.statement, mart, coalesce(dimensions, '{}')) END;
		IF s.of_adapter AND s.name IN ('goal', 'activity') AND s.name = ANY (before)
			AND NOT (s.name = ANY (made) AND EXISTS (SELECT FROM pg_class WHERE relnamespace = schema AND relname = s.name AND relkind = 'v'))
		THEN
			RAISE NOTICE '%.% stays as it is', quote_ident(mart), s.name
				USING HINT = format('To show what the CRM holds instead, rename it and call create_mart again.');
		ELSIF s.kind = 'VIEW' THEN
			BEGIN
				EXECUTE s.statement;
			EXCEPTION WHEN invalid_table_definition THEN
				EXECUTE format('ALTER VIEW %I.%I RENAME TO %I', mart, s.name, s.name || ' (kpi)');
				EXECUTE s.statement;
				set_aside := set_aside || s.name;
			END;
		ELSIF s.kind = 'TABLE' THEN
			IF s.name <> ALL (before) OR s.name = ANY (made) THEN
				IF kpi.mart_table(mart, s.name, s.statement) THEN
					created := created || s.relation;
				END IF;
			END IF;
		ELSIF s.kind = 'INDEX' THEN
			IF to_regclass(quote_ident(s.name)) IS NULL THEN
				EXECUTE s.statement;
			END IF;
		ELSIF s.relation = ANY (created) THEN
			EXECUTE s.statement;
		END IF;
	END LOOP;
	FOR r IN SELECT relation FROM unnest(pristine) AS relation WHERE relation = ANY (created || made) LOOP
		EXECUTE format('UPDATE config SET %I = %s', r.relation || '_digest', kpi.mart_content_digest(r.relation));
	END LOOP;

	-- A materialized view has the columns that its view had, which may have changed, or goes with it.
	FOR r IN
		SELECT v.relname::text AS view, c.relname::text AS name
		FROM pg_class AS c LEFT JOIN pg_class AS v ON v.relnamespace = schema AND v.relname || '_materialized' = c.relname
		WHERE c.relnamespace = schema AND c.relkind = 'm' AND c.relname = ANY (made)
			AND (v.oid IS NULL OR v.relname = ANY (set_aside) OR (
				SELECT array_agg((attname, atttypid, atttypmod) ORDER BY attnum) FROM pg_attribute WHERE attrelid = v.oid AND attnum > 0
			) <> (
				SELECT array_agg((attname, atttypid, atttypmod) ORDER BY attnum) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0
			))
	LOOP
		EXECUTE format('ALTER MATERIALIZED VIEW %I.%I RENAME TO %I', mart, r.name, r.name || ' (kpi)');
		IF r.view IS NOT NULL THEN
			PERFORM kpi.mart_materialize(mart, r.view);
		END IF;
		set_aside := set_aside || r.name;
	END LOOP;
	IF row_security AND EXISTS (SELECT FROM pg_class WHERE relnamespace = schema AND relkind = 'm' AND relname = ANY (made)) THEN
		RAISE EXCEPTION 'mart "%" has materialized views, which cannot have row security', mart
			USING ERRCODE = 'feature_not_supported', HINT = 'Drop them, or leave row_security false.';
	END IF;

	-- what stepped aside goes, if nobody stands on it
	PERFORM kpi.mart_stop(mart, string_agg(d || ' depends on ' || n, E'\n' ORDER BY n, d))
	FROM unnest(set_aside) AS n,
		LATERAL kpi.mart_dependents(ARRAY[to_regclass(format('%I.%I', mart, n || ' (kpi)'))::oid]) AS d
	WHERE d <> ALL (ARRAY(SELECT format('materialized view %I.%I', mart, m || ' (kpi)') FROM unnest(set_aside) AS m));
	FOR r IN
		SELECT o.oid, o.oid::regclass AS relation, n.oid AS heir, kpi.mart_kind(o.relkind) AS kind
		FROM unnest(set_aside) AS a(name) JOIN pg_class AS o ON o.relname = a.name || ' (kpi)' AND o.relnamespace = schema
			LEFT JOIN pg_class AS n ON n.relname = a.name AND n.relnamespace = schema
		ORDER BY o.relkind
	LOOP
		PERFORM kpi.mart_copy_grants(r.oid, r.heir);	-- nothing without an heir
		EXECUTE format('DROP %s %s', r.kind, r.relation);
	END LOOP;

	-- the next refresh is to compute all, whatever has changed
	EXECUTE 'UPDATE config SET source_digest = '''', kpi_version = $1, made = ARRAY(
			SELECT relname::text FROM pg_class WHERE relnamespace = $2 AND relkind IN (''r'', ''v'', ''m'') AND (relname <> ALL ($3) OR relname = ANY ($4))
			ORDER BY relname COLLATE "C")
		RETURNING made'
		INTO made USING version, schema, before, made;
	FOR r IN SELECT c.oid::regclass AS view, c.relname = ANY (barriers) AS is_barrier FROM pg_class AS c WHERE c.relnamespace = schema AND c.relkind = 'v' AND c.relname = ANY (made) LOOP
		EXECUTE format('ALTER VIEW %s SET (security_invoker = %s%s)', r.view, row_security::text, CASE WHEN r.is_barrier THEN ', security_barrier = true' ELSE '' END);
	END LOOP;
	PERFORM kpi.mart_comment(mart, made, dimensions);
	FOR r IN SELECT unnest(created) AS name INTERSECT SELECT unnest(ARRAY['goal', 'activity']) ORDER BY name LOOP
		RAISE NOTICE 'made table %.%, to be filled in', quote_ident(mart), r.name
			USING HINT = format('To show what the CRM holds instead, rename it, make a view %s and call create_mart again.', r.name);
	END LOOP;
	IF row_security THEN
		FOR r IN
			SELECT format('%I.%I', mart, c.relname) AS view FROM pg_class AS c
			WHERE c.relnamespace = schema AND c.relkind = 'v' AND c.relname IN (SELECT relation FROM kpi.mart_contract()) AND c.relname <> ALL (made)
				AND NOT coalesce((SELECT option_value::boolean FROM pg_options_to_table(c.reloptions) WHERE option_name = 'security_invoker'), false)
			ORDER BY c.relname
		LOOP
			RAISE WARNING 'view % shows rows by the rights of its owner, not of who reads', r.view
				USING HINT = format('ALTER VIEW %s SET (security_invoker = true)', r.view);
		END LOOP;
	END IF;
END
$$;

-- public functions

CREATE FUNCTION kpi.create_mart(mart name, adapter text DEFAULT NULL, source name DEFAULT NULL, options jsonb DEFAULT '{}') RETURNS void
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	unknown text;
	schema_made boolean := false;
BEGIN
	IF options IS NULL OR jsonb_typeof(options) <> 'object' THEN
		RAISE EXCEPTION 'options must be a JSON object, not %', coalesce(options::text, 'null') USING ERRCODE = 'invalid_parameter_value';
	END IF;
	SELECT string_agg(format('"%s"', key), ', ' ORDER BY key COLLATE "C") INTO unknown FROM jsonb_object_keys(options) AS key WHERE key NOT IN (SELECT name FROM kpi.mart_options());
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION 'unknown option: %', unknown
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Options are ' || (SELECT string_agg(name, ', ') FROM kpi.mart_options()) || '.';
	END IF;
	IF adapter NOT IN (SELECT a.name FROM kpi.adapter AS a) THEN
		RAISE EXCEPTION 'unknown adapter "%"', adapter
			USING ERRCODE = 'invalid_parameter_value', HINT = format('Adapters are %s. For another CRM make the relations opportunity and rep by hand, and leave adapter out.',
				(SELECT string_agg(a.name, ', ' ORDER BY a.name COLLATE "C") FROM kpi.adapter AS a));
	END IF;
	-- "$user" means something else in a search_path
	IF coalesce(mart IN ('', '$user', 'kpi', 'information_schema') OR starts_with(mart, 'pg_'), true) THEN
		RAISE EXCEPTION 'no mart can be made in schema "%"', mart USING ERRCODE = 'invalid_parameter_value';
	END IF;

	IF to_regnamespace(quote_ident(mart)) IS NULL THEN
		EXECUTE format('CREATE SCHEMA %I', mart);
		schema_made := true;
	END IF;
	IF kpi.mart_column_type(mart, 'config', 'kpi_version') IS NOT NULL THEN
		PERFORM kpi.mart_hold(mart);
	END IF;
	PERFORM kpi.mart_build(mart, options, schema_made, coalesce(adapter, ''), coalesce(source, ''));
END
$$;
COMMENT ON FUNCTION kpi.create_mart(name, text, name, jsonb) IS 'makes, or completes, the relations of a mart in a schema of that name; owned by the caller; opportunity and rep must be there, unless an adapter reads them from the tables of a CRM';

CREATE FUNCTION kpi.upgrade_mart(mart name) RETURNS void
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM kpi.mart_hold(mart);
	PERFORM kpi.mart_build(mart, '{}', false);
END
$$;
COMMENT ON FUNCTION kpi.upgrade_mart(name) IS 'brings the relations of a mart up to date with this version of kpi and with its contract; keeps settings, what was filled in, what is remembered, and grants';

CREATE FUNCTION kpi.drop_mart(mart name, keep_data boolean DEFAULT true) RETURNS void
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	schema CONSTANT oid := to_regnamespace(quote_ident(mart));
	names text[];
	obstacles text[];
	data text[] := '{}';
	schema_made boolean;
	is_filled boolean;
	r record;
BEGIN
	PERFORM kpi.mart_hold(mart);
	names := kpi.mart_made(mart);
	SELECT coalesce(array_agg(d || ' depends on the mart'), '{}') INTO obstacles
	FROM kpi.mart_dependents(ARRAY(SELECT oid FROM pg_class WHERE relnamespace = schema AND relname = ANY (names))) AS d;
	IF keep_data IS DISTINCT FROM false THEN
		-- what can be filled in: the tables that no refresh fills
		FOR r IN
			SELECT c.oid::regclass AS relation, c.relname
			FROM pg_class AS c
			WHERE c.relnamespace = schema AND c.relkind = 'r' AND c.relname = ANY (names) AND c.relname <> 'config'
				AND c.relname || '_now' <> ALL (names) AND c.relname || '_new' <> ALL (names)
			ORDER BY c.relname
		LOOP
			IF r.relname IN ('playbook', 'stage') THEN
				is_filled := NOT kpi.mart_is_pristine(mart, r.relname);
			ELSE
				EXECUTE format('SELECT EXISTS (SELECT FROM %s)', r.relation) INTO is_filled;
			END IF;
			IF is_filled THEN
				data := data || format('table %s holds what you filled in', r.relation);
			END IF;
		END LOOP;
	END IF;
	IF obstacles || data <> '{}' THEN
		RAISE EXCEPTION 'mart "%" cannot be dropped', mart
			USING ERRCODE = 'dependent_objects_still_exist', DETAIL = array_to_string(obstacles || data, E'\n'),
				HINT = concat_ws(' ', CASE WHEN obstacles <> '{}' THEN 'Drop the objects that depend on it first.' END,
					CASE WHEN data <> '{}' THEN 'keep_data => false drops the tables with what is in them.' END);
	END IF;

	EXECUTE format('SELECT schema_made FROM %I.config', mart) INTO schema_made;
	FOR r IN
		SELECT kpi.mart_kind(relkind) AS kind, string_agg(oid::regclass::text, ', ') AS relations
		FROM pg_class
		WHERE relnamespace = schema AND relname = ANY (names)
		GROUP BY relkind
		ORDER BY position(relkind::text IN 'mvr')
	LOOP
		EXECUTE format('DROP %s %s', r.kind, r.relations);
	END LOOP;
	IF schema_made THEN
		BEGIN
			EXECUTE format('DROP SCHEMA %I', mart);
		EXCEPTION WHEN dependent_objects_still_exist THEN
			RAISE NOTICE 'schema "%" stays, as there are other objects in it', mart;
		END;
	END IF;
END
$$;
COMMENT ON FUNCTION kpi.drop_mart(name, boolean) IS 'drops what kpi made in a mart; stops where an object of the user depends on it, and where a table holds what he filled in unless keep_data is false';

CREATE FUNCTION kpi.materialize_view(mart name, view name) RETURNS void
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	schema CONSTANT oid := to_regnamespace(quote_ident(mart));
	target CONSTANT text := view || '_materialized';
	made text[];
	row_security boolean;
BEGIN
	PERFORM kpi.mart_hold(mart);
	made := kpi.mart_made(mart);
	IF view IS NULL OR view <> ALL (ARRAY(SELECT relation FROM kpi.mart_keys() WHERE relation = ANY (made))) THEN
		RAISE EXCEPTION 'mart "%" has no view "%" that can be materialized', mart, view
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Views are ' || (SELECT string_agg(relation, ', ') FROM kpi.mart_keys() WHERE relation = ANY (made)) || '.';
	END IF;
	EXECUTE format('SELECT row_security FROM %I.config', mart) INTO row_security;
	IF row_security THEN
		RAISE EXCEPTION 'a materialized view cannot have the row security of mart "%"', mart USING ERRCODE = 'feature_not_supported';
	END IF;
	IF target <> ALL (made) THEN
		PERFORM kpi.mart_materialize(mart, view);
		EXECUTE format('UPDATE %I.config SET made = ARRAY(SELECT unnest(made) UNION SELECT $1 ORDER BY 1)', mart) USING target;
		PERFORM kpi.mart_comment(mart, ARRAY[target], '{}');
	END IF;
END
$$;
COMMENT ON FUNCTION kpi.materialize_view(name, name) IS 'makes a materialized view, named the view_materialized, of a view of a mart, with its unique index; refresh_mart refreshes it too';

-- Brings one stored relation up to date: by key where a view relation_now tells what should be in it, by what is new
-- where a view relation_new does. Gives the number of rows that changed.
CREATE FUNCTION kpi.refresh_relation(mart name, relation name) RETURNS bigint
	LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	stored CONSTANT regclass := to_regclass(format('%I.%I', mart, relation));
	is_synced CONSTANT boolean := to_regclass(format('%I.%I', mart, relation || '_now')) IS NOT NULL;
	view CONSTANT regclass := to_regclass(format('%I.%I', mart, relation || CASE WHEN is_synced THEN '_now' ELSE '_new' END));
	source CONSTANT text := kpi.mart_source(mart, view);
	difference CONSTANT text := format('%I.%I', mart, relation || ' (kpi)');
	columns text;
	now_columns text;
	stored_columns text;
	same_key text;
	is_new boolean := NOT is_synced;
	changed bigint;
	added bigint;
BEGIN
	IF is_synced AND '0' IN (current_setting('max_parallel_workers_per_gather'), current_setting('max_parallel_workers')) THEN
		-- all of it is a difference, and there is no worker to compute the table of them
		EXECUTE format('SELECT NOT EXISTS (SELECT FROM %s)', stored) INTO is_new;
	END IF;
	SELECT string_agg(format('%I', attname), ', ' ORDER BY attnum), string_agg(format('now.%I', attname), ', ' ORDER BY attnum),
		string_agg(format('stored.%I', attname), ', ' ORDER BY attnum)
	INTO columns, now_columns, stored_columns
	FROM pg_attribute
	WHERE attrelid = view AND attnum > 0;
	-- as the query of the view was written out
	PERFORM set_config('search_path', format('pg_catalog, %I, pg_temp', mart), true);
	IF is_new THEN
		EXECUTE format('INSERT INTO %s (%s) SELECT %2$s FROM %3$s AS view', stored, columns, source);
		GET DIAGNOSTICS changed = ROW_COUNT;
	ELSE
		SELECT string_agg(format('now.%1$I OPERATOR(pg_catalog.=) stored.%1$I', a.attname), ' AND ') INTO STRICT same_key
		FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
		WHERE i.indrelid = stored AND i.indisprimary;
		-- A table of the differences, as CREATE TABLE AS may compute in parallel, which what writes to another table may
		-- not. Not a temporary one: the owner of a mart may lack the right to make those. Nobody sees it, it is gone
		-- before the transaction ends.
		EXECUTE format('CREATE UNLOGGED TABLE %s AS
			SELECT stored.ctid AS "(stored)", now."(now)", %s
			FROM %s AS stored FULL JOIN (SELECT true AS "(now)", * FROM %s AS view) AS now ON %s
			WHERE stored.ctid IS NULL OR now."(now)" IS NULL OR record_image_ne(ROW(%2$s), ROW(%6$s))',
			difference, now_columns, stored, source, same_key, stored_columns);
		EXECUTE format('DELETE FROM %s AS stored USING %s AS d WHERE stored.ctid = d."(stored)"', stored, difference);
		GET DIAGNOSTICS changed = ROW_COUNT;
		EXECUTE format('INSERT INTO %s (%s) SELECT %2$s FROM %3$s WHERE "(now)"', stored, columns, difference);
		GET DIAGNOSTICS added = ROW_COUNT;
		EXECUTE format('DROP TABLE %s', difference);
		changed := greatest(changed, added);
	END IF;
	IF changed > 0 THEN
		EXECUTE format('ANALYZE %s', stored);
	END IF;
	RETURN changed;
END
$$;

-- Reads the CRM into a table, which mart_source has in place of the view reached until it is dropped; gives the number of
-- rows. Not a temporary table: the owner of a mart may lack the right to make those, and workers cannot read them. Nobody
-- else sees it, it is gone before the transaction ends.
CREATE FUNCTION kpi.mart_read(mart name) RETURNS bigint
	LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	read bigint;
BEGIN
	IF to_regclass(format('%I."reached (kpi)"', mart)) IS NOT NULL THEN
		RAISE EXCEPTION 'mart "%" holds a relation "reached (kpi)", the name that a refresh needs', mart
			USING ERRCODE = 'duplicate_table', HINT = format('DROP TABLE %I."reached (kpi)", if it is nobody''s.', mart);
	END IF;
	EXECUTE format('CREATE UNLOGGED TABLE %1$I."reached (kpi)" AS SELECT * FROM %1$I.reached', mart);
	GET DIAGNOSTICS read = ROW_COUNT;
	EXECUTE format('ANALYZE %I."reached (kpi)"', mart);
	RETURN read;
END
$$;

-- What a view of a mart shows, as a subquery: the view or, while the CRM stands in a table, its query with that in place of
-- the view reached. To change the view instead would block who reads it, and be blocked by a dump under way.
CREATE FUNCTION kpi.mart_source(mart name, view regclass) RETURNS text
	LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF to_regclass(format('%I."reached (kpi)"', mart)) IS NULL THEN
		RETURN view::text;
	END IF;
	-- so that the query names reached as the name that WITH gives
	PERFORM set_config('search_path', format('pg_catalog, %I, pg_temp', mart), true);
	RETURN format('(WITH reached AS NOT MATERIALIZED (SELECT * FROM %I."reached (kpi)") SELECT * FROM (%s) AS view)', mart, rtrim(pg_get_viewdef(view), ';'));
END
$$;

-- What the stored relations are computed from, as a number: the settings, the day, and the rows of the CRM and of the
-- tables to fill in, as far as they can be seen at the moment of the figures
CREATE FUNCTION kpi.mart_digest(mart name) RETURNS text
	LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	digest text;
BEGIN
	EXECUTE format('
		SELECT encode(sha256(convert_to(concat_ws('' '', (SELECT extversion FROM pg_extension WHERE extname = ''kpi''),
			(SELECT to_jsonb(c) - ''{as_of,refreshed_as_of,refreshed_at,made,source_digest}''::text[] || jsonb_build_array(as_of IS NULL) FROM %1$I.config AS c),
			(SELECT to_jsonb(p) - ''as_of'' FROM %1$I.period_now AS p),
			kpi.mart_table_hash(%2$L),
			(SELECT ROW(count(*), sum(kpi.mart_row_hash(r.*))) FROM %1$I.rep AS r),
			(SELECT ROW(count(*), sum(kpi.mart_row_hash(r.*))) FROM %1$I.goal AS r),
			(SELECT ROW(count(*), sum(kpi.mart_row_hash(r.*))) FROM %1$I.activity AS r WHERE happened_at <= (SELECT refreshed_as_of FROM %1$I.config)),
			(SELECT ROW(count(*), sum(kpi.mart_row_hash(r.*))) FROM %1$I.coaching AS r),
			(SELECT ROW(count(*), sum(kpi.mart_row_hash(r.*))) FROM %1$I.playbook AS r)), ''UTF8'')), ''hex'')', mart, format('%I."reached (kpi)"', mart)) INTO digest;
	RETURN digest;
END
$$;

-- What is stored as text must not depend on the settings of who refreshes.
CREATE FUNCTION kpi.refresh_mart_now(mart name) RETURNS void
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET DateStyle = 'ISO, YMD' SET IntervalStyle = 'postgres' SET extra_float_digits = 1
AS $$
DECLARE
	made text[];
	lacking text;
	t record;
	began timestamptz;
	changed bigint;
	total bigint;
	digest text;
	is_changed boolean;
BEGIN
	PERFORM kpi.mart_hold(mart, false);
	made := kpi.mart_made(mart);
	SELECT string_agg(name, ', ' ORDER BY name COLLATE "C") INTO lacking
	FROM kpi.mart_statements()
	WHERE kind IN ('TABLE', 'VIEW') AND to_regclass(format('%I.%I', mart, name)) IS NULL
		AND (relation = ANY (made) OR relation || '_now' = ANY (made) OR relation || '_new' = ANY (made));
	IF lacking IS NOT NULL THEN
		RAISE EXCEPTION 'mart "%" lacks %', mart, lacking USING ERRCODE = 'undefined_table', HINT = 'kpi.create_mart makes what is missing.';
	END IF;
	BEGIN
		EXECUTE format('UPDATE %I.config SET refreshed_as_of = coalesce(as_of, now()), refreshed_at = now()', mart);
	EXCEPTION WHEN serialization_failure THEN
		-- the lock was free, but only since after this transaction's snapshot
		RAISE EXCEPTION 'mart "%" was being refreshed or changed by somebody else', mart USING ERRCODE = 'lock_not_available';
	END;
	-- summaries are stored, and read, several times as fast as with pglz
	IF EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
		PERFORM set_config('default_toast_compression', 'lz4', true);
	END IF;
	EXECUTE format('ANALYZE %I.config', mart);	-- of a table so small nobody else tells the planner that it has one row
	began := clock_timestamp();
	total := kpi.mart_read(mart);
	RAISE NOTICE '%: % rows, % s', 'reached', total, round(extract(epoch FROM clock_timestamp() - began), 2);
	digest := kpi.mart_digest(mart);
	EXECUTE format('UPDATE %1$I.config SET source_digest = $1 FROM %1$I.config AS before RETURNING before.source_digest <> $1', mart) INTO is_changed USING digest;
	IF NOT is_changed THEN
		RAISE NOTICE 'nothing has changed since the last refresh';
	END IF;
	FOR t IN
		SELECT relation FROM kpi.template
		WHERE relation = ANY (made) AND (relation || '_now' = ANY (made) AND (is_changed OR relation = 'period') OR relation || '_new' = ANY (made))
		ORDER BY place
	LOOP
		began := clock_timestamp();
		changed := kpi.refresh_relation(mart, t.relation);
		EXECUTE format('SELECT count(*) FROM %I.%I', mart, t.relation) INTO total;
		RAISE NOTICE '%: % rows, % changed, % s', t.relation, total, changed, round(extract(epoch FROM clock_timestamp() - began), 2);
	END LOOP;
	EXECUTE format('DROP TABLE %I."reached (kpi)"', mart);
	-- A table of which nothing is known is taken for many rows, config too, which every view reads.
	FOR t IN
		SELECT c.oid::regclass AS relation
		FROM pg_class AS c
		WHERE c.relnamespace = to_regnamespace(quote_ident(mart)) AND c.relname = ANY (made) AND c.relkind = 'r' AND c.reltuples < 0
	LOOP
		EXECUTE format('ANALYZE %s', t.relation);
	END LOOP;
	FOR t IN
		SELECT c.oid::regclass AS relation, c.relname, c.relispopulated AND has_database_privilege(c.relowner, current_database(), 'TEMPORARY') AS concurrently
		FROM pg_class AS c
		WHERE c.relnamespace = to_regnamespace(quote_ident(mart)) AND c.relname = ANY (made) AND c.relkind = 'm'
		ORDER BY c.relname
	LOOP
		began := clock_timestamp();
		-- CONCURRENTLY blocks no reader, but makes a temporary table, and cannot change what was changed since the snapshot
		BEGIN
			EXECUTE format('REFRESH MATERIALIZED VIEW %s %s', CASE WHEN t.concurrently THEN 'CONCURRENTLY' ELSE '' END, t.relation);
		EXCEPTION WHEN serialization_failure THEN
			EXECUTE format('REFRESH MATERIALIZED VIEW %s', t.relation);
		END;
		EXECUTE format('SELECT count(*) FROM %s', t.relation) INTO total;
		RAISE NOTICE '%: % rows, % s', t.relname, total, round(extract(epoch FROM clock_timestamp() - began), 2);
	END LOOP;
END
$$;

-- false inside a transaction block, a function, or a block that catches errors
CREATE FUNCTION kpi.mart_may_commit() RETURNS boolean
	AS 'MODULE_PATHNAME', 'kpi_mart_may_commit'
	LANGUAGE C VOLATILE STRICT;

-- It commits, so it cannot set parameters: every name is qualified.
CREATE PROCEDURE kpi.refresh_mart(mart name)
	LANGUAGE plpgsql
AS $$
BEGIN
	-- All is read from one snapshot, which a new transaction must be told of.
	IF pg_catalog.current_setting('transaction_isolation') OPERATOR(pg_catalog.=) ANY (ARRAY['read committed', 'read uncommitted']) THEN
		IF NOT kpi.mart_may_commit() THEN
			RAISE EXCEPTION 'refresh_mart cannot run inside a transaction block of isolation level read committed'
				USING ERRCODE = 'active_sql_transaction', HINT = 'CALL it by itself, or begin the block with BEGIN ISOLATION LEVEL REPEATABLE READ.';
		END IF;
		COMMIT;
		SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
	END IF;
	PERFORM kpi.refresh_mart_now(mart);
END
$$;
COMMENT ON PROCEDURE kpi.refresh_mart(name) IS 'brings the stored relations of a mart up to date from one snapshot; outside a transaction block, or in one of isolation level repeatable read';
