-- adapter: the contract of a mart as views over the tables of a CRM, from the files in sql/adapter/
--
-- A file begins with what it reads, one line a table, which may go on over lines that begin with "--   ":
--     -- reads crm_lead: id integer, type text, won_status text?, write_date timestamptz
--     -- reads calendar_event?: opportunity_id integer, start timestamptz
--     -- reads opportunity_history|opportunityhistory?: id text, stage_name|stagename text
-- Of names with a bar between them the first that is there is taken, and the body knows it by the first. A column with a
-- question mark may be missing, and then is NULL; so may a table, and then is empty. Types are any type of pg_catalog, or
-- any: as it is (not for what may be missing: there it would be text), or salesforce_id: text.
--
-- What follows are statements like those of a template, with these names in braces:
--     {crm_lead}        a subquery with the columns declared, in the types declared
--     {currency}        the mart's currency, NULL if it is not known: CASE WHEN o.currency <> {currency} THEN o.amount * {rate} ELSE o.amount END
--     {rate}            what one unit of o.currency is worth in the mart's, on the day of o.closed_at, or else of o.created_at
--     {zone}            the mart's time zone
--     {now}             the moment that the figures are of: a meeting after it has not been held
--     {other_currency}  query for source_issue: the opportunities whose amount could not be converted; reads opportunity once more
-- They make the views stage_found, opportunity (with a column currency, NULL where the CRM has no amount), rep and
-- source_issue; goal and activity, if the CRM has them; and, for themselves to read, source_opportunity and others, each
-- with a head that begins with its name, as a template has. They may read the table stage of the mart. A rep of whom no more
-- is known is compared with the team: that is the peer_group.

CREATE TABLE kpi.adapter (
	name text PRIMARY KEY,
	body text NOT NULL
);
COMMENT ON TABLE kpi.adapter IS 'CRMs that create_mart can read';
COMMENT ON COLUMN kpi.adapter.name IS 'name, as create_mart takes it';
COMMENT ON COLUMN kpi.adapter.body IS 'what it reads, and SQL that makes the views, with the tables of the CRM in braces';
GRANT SELECT ON kpi.adapter TO PUBLIC;

-- private functions

-- What an adapter reads: a row for each column
CREATE FUNCTION kpi.adapter_reads(adapter text,
	OUT place bigint, OUT tables text[], OUT table_optional boolean, OUT column_place bigint, OUT columns text[], OUT type text, OUT optional boolean,
	OUT is_id boolean)
	RETURNS SETOF record
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT r.place, pg_catalog.string_to_array(pg_catalog.rtrim(r.part[1], '?'), '|'), r.part[1] LIKE '%?',
		c.place, pg_catalog.string_to_array(m.part[1], '|'), CASE m.part[2] WHEN 'salesforce_id' THEN 'text' ELSE m.part[2] END, m.part[3] <> '',
		m.part[2] = 'salesforce_id'
	FROM kpi.adapter AS a,
		LATERAL pg_catalog.regexp_matches(a.body, '(?n)^-- reads ([^:]+): *(.*(?:\n--   .*)*)', 'g') WITH ORDINALITY AS r(part, place),
		LATERAL pg_catalog.string_to_table(pg_catalog.regexp_replace(r.part[2], '\n--  ', '', 'g'), ',') WITH ORDINALITY AS c(item, place),
		LATERAL pg_catalog.regexp_match(pg_catalog.btrim(c.item), '^(\S+) +(.+?)(\??)$') AS m(part)
	WHERE a.name = adapter_reads.adapter
	ORDER BY r.place, c.place;
END;

-- A timestamp that is UTC, as AT TIME ZONE 'UTC', and quicker
CREATE FUNCTION kpi.adapter_utc(at timestamp) RETURNS timestamptz
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'kpi_adapter_utc';

-- A moment as text, which is UTC unless it says otherwise
CREATE FUNCTION kpi.adapter_time(text) RETURNS timestamptz
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN CASE WHEN $1 ~ '\d:\d\d.*([Zz]|[+-]\d\d(:?\d\d)?)\s*$' THEN $1::timestamptz ELSE kpi.adapter_utc(nullif(pg_catalog.btrim($1), '')::timestamp) END;

-- A column of the CRM in the type that an adapter takes it for. The times of a CRM without a zone are UTC.
CREATE FUNCTION kpi.adapter_column(name text, type text, wanted text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.format(CASE
			WHEN wanted = 'any' OR type = wanted THEN '%I'
			WHEN wanted = 'timestamp with time zone' AND type = 'timestamp without time zone' THEN 'kpi.adapter_utc(%I)'
			WHEN wanted = 'timestamp with time zone' AND type = 'date' THEN 'kpi.adapter_utc(%I::timestamp)'
			WHEN wanted = 'date' AND type = 'timestamp with time zone' THEN '(%I AT TIME ZONE ''UTC'')::date'
			WHEN wanted = 'jsonb' THEN 'to_jsonb(%I)'
			WHEN wanted = 'boolean' AND type IN ('smallint', 'integer', 'bigint', 'numeric') THEN '%I <> 0'
			WHEN wanted = 'text' AND type = 'character' THEN 'rtrim(%I)'
			-- a loader that lands all as text lands NULL as nothing
			WHEN wanted = 'timestamp with time zone' AND type IN ('text', 'character varying', 'character') THEN 'kpi.adapter_time(%I::text)'
			WHEN wanted <> 'text' AND type IN ('text', 'character varying', 'character') THEN 'nullif(btrim(%I), '''')::%s'
			ELSE '%I::%s'
		END, name, wanted);

-- What stands for each table that an adapter reads, and what is missing of it. Of several names that one is taken which
-- has all that is required.
CREATE FUNCTION kpi.adapter_tables(adapter text, source name, OUT name text, OUT optional boolean, OUT query text, OUT problems text[])
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	present regclass;
	candidate text;
	items text[];
	lacking text[];
	wanted text;
	expression text;
	t record;
	c record;
BEGIN
	FOR t IN
		SELECT r.place, r.tables, r.table_optional
		FROM kpi.adapter_reads(adapter) AS r
		GROUP BY r.place, r.tables, r.table_optional
		ORDER BY r.place
	LOOP
		name := t.tables[1];
		optional := t.table_optional;
		query := NULL;
		problems := NULL;
		FOREACH candidate IN ARRAY t.tables LOOP
			present := (
				SELECT k.oid
				FROM pg_class AS k JOIN pg_namespace AS n ON n.oid = k.relnamespace
				WHERE n.nspname = source AND k.relname = candidate AND k.relkind IN ('r', 'v', 'm', 'f', 'p'));
			CONTINUE WHEN present IS NULL;
			items := '{}';
			lacking := '{}';
			FOR c IN
				SELECT r.columns, r.optional, CASE r.type WHEN 'any' THEN 'any' ELSE format_type(r.type::regtype, NULL) END AS wanted,
					a.attname, format_type(a.atttypid, NULL) AS type, has_column_privilege(present, a.attnum, 'SELECT') AS may_read
				FROM kpi.adapter_reads(adapter) AS r
					LEFT JOIN LATERAL (
						SELECT *
						FROM pg_attribute
						WHERE attrelid = present AND attnum > 0 AND NOT attisdropped AND attname = ANY (r.columns)
						ORDER BY array_position(r.columns, attname::text)
						LIMIT 1
					) AS a ON true
				WHERE r.place = t.place
				ORDER BY r.column_place
			LOOP
				expression := NULL;
				IF c.attname IS NULL THEN
					IF c.optional THEN
						expression := format('NULL::%s', replace(c.wanted, 'any', 'text'));
					ELSE
						lacking := lacking || format('%s.%s: there is no such column: %s', candidate, array_to_string(c.columns, ' or '), c.wanted);
					END IF;
				ELSIF NOT c.may_read THEN
					lacking := lacking || format('%s.%s: role %I may not read it', candidate, c.attname, current_user);
				ELSE
					expression := kpi.adapter_column(c.attname, c.type, c.wanted);
					IF c.wanted NOT IN ('any', c.type) THEN
						BEGIN
							EXECUTE format('SELECT %s FROM %s LIMIT 0', expression, present);
						EXCEPTION WHEN cannot_coerce OR undefined_function OR datatype_mismatch THEN
							lacking := lacking || format('%s.%s: it is of type %s: %s', candidate, c.attname, c.type, c.wanted);
						END;
					END IF;
				END IF;
				items := items || format('%s AS %I', expression, c.columns[1]);
			END LOOP;
			IF lacking = '{}' THEN
				query := format('(SELECT %s FROM %s)', array_to_string(items, ', '), present);
				problems := '{}';
				EXIT;
			END IF;
			problems := coalesce(problems, lacking);
		END LOOP;
		IF query IS NULL THEN
			problems := coalesce(problems, ARRAY[format('%s: there is no such table', array_to_string(t.tables, ' or '))]);
			query := (
				SELECT format('(SELECT %s WHERE false)', string_agg(format('NULL::%s AS %I', replace(r.type, 'any', 'text'), r.columns[1]), ', ' ORDER BY r.column_place))
				FROM kpi.adapter_reads(adapter) AS r
				WHERE r.place = t.place
			);
		END IF;
		RETURN NEXT;
	END LOOP;
END
$$;

-- What the names in braces stand for, for one mart. What is missing is told: an error where it is required, else a notice.
CREATE FUNCTION kpi.adapter_names(mart name, adapter text, source name) RETURNS jsonb
	LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	names jsonb := '{}';
	lacking text[] := '{}';
	rate text;
	rates regclass;
	t record;
BEGIN
	IF to_regnamespace(quote_ident(source)) IS NULL THEN
		RAISE EXCEPTION 'schema "%" does not exist', source
			USING ERRCODE = 'invalid_schema_name', HINT = format('source is the schema that holds the tables of %s.', adapter);
	END IF;
	IF NOT has_schema_privilege(source, 'USAGE') THEN
		RAISE EXCEPTION 'permission denied for schema %', source
			USING ERRCODE = 'insufficient_privilege', HINT = format('GRANT USAGE ON SCHEMA %I TO %I', source, current_user);
	END IF;
	FOR t IN SELECT * FROM kpi.adapter_tables(adapter, source) LOOP
		names := names || jsonb_build_object(t.name, t.query);
		IF t.optional AND t.problems <> '{}' THEN
			RAISE NOTICE 'adapter "%" goes without: %', adapter, array_to_string(t.problems, ', ');
		ELSE
			lacking := lacking || t.problems;
		END IF;
	END LOOP;
	IF lacking <> '{}' THEN
		RAISE EXCEPTION 'schema "%" does not hold what adapter "%" reads', source, adapter
			USING ERRCODE = 'invalid_schema_definition', DETAIL = array_to_string(lacking, E'\n'),
				HINT = 'Columns of other names can be mapped by views in a schema of their own, which source then names.';
	END IF;

	names := kpi.adapter_salesforce_ids(adapter, names);

	EXECUTE format('SELECT rate FROM %I.config', mart) INTO rate;
	IF rate IS NOT NULL THEN
		BEGIN
			rates := to_regclass(rate);
			EXECUTE format('SELECT currency::text, rate::numeric, %s FROM %s LIMIT 0', CASE WHEN kpi.adapter_has_day(rates) THEN 'from_date::date' ELSE 'NULL' END, rates);
		EXCEPTION WHEN syntax_error_or_access_rule_violation OR invalid_name THEN
			RAISE EXCEPTION 'option "rate" must be %, not "%"', (SELECT bound FROM kpi.mart_options() WHERE name = 'rate'), rate
				USING ERRCODE = 'invalid_parameter_value', DETAIL = CASE WHEN rates IS NULL THEN 'There is no such relation.' ELSE SQLERRM END;
		END;
	END IF;
	RETURN names || jsonb_build_object(
		'currency_rate', CASE WHEN rates IS NULL THEN '(SELECT NULL::text AS currency, NULL::date AS valid_from, NULL::numeric AS rate WHERE false)'
			ELSE format('(SELECT currency::text AS currency, %s AS valid_from, rate::numeric AS rate FROM %s)',
				CASE
					WHEN NOT kpi.adapter_has_day(rates) THEN '''-infinity''::date'
					-- an index on the days can be used
					WHEN (SELECT attnotnull FROM pg_attribute WHERE attrelid = rates AND attname = 'from_date') THEN 'from_date::date'
					ELSE 'coalesce(from_date::date, ''-infinity'')'
				END, rates)
			END,
		'zone', '(SELECT time_zone FROM config)',
		'now', '(SELECT coalesce(refreshed_as_of, as_of, now()) FROM config)',
		'currency', '(SELECT currency FROM config)',
		'rate', '(SELECT r.rate FROM currency_rate AS r
			WHERE r.currency = o.currency AND r.valid_from <= kpi.local_date(coalesce(o.closed_at, o.created_at), (SELECT time_zone FROM config))
			ORDER BY r.valid_from DESC LIMIT 1)',
		'other_currency', 'SELECT ''opportunity'' AS relation, o.opportunity_id::text AS key, o.rep_id::text AS rep_id, ''other_currency'' AS issue,
				format(''amount is in %s, and there is no rate to %s'', o.currency, c.currency) AS problem
			FROM opportunity AS o, config AS c
			WHERE o.currency <> c.currency AND o.amount IS NULL AND o.outcome <> ''void''');
END
$$;

-- Whether a relation of rates has days
CREATE FUNCTION kpi.adapter_has_day(rates regclass) RETURNS boolean
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = rates AND attname = 'from_date' AND attnum > 0 AND NOT attisdropped);

-- A statement of an adapter with the names in braces filled in, at once: what is filled in may hold braces
CREATE FUNCTION kpi.adapter_fill(statement text, names jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (
		SELECT pg_catalog.string_agg(p.part || coalesce(names ->> n.name[1], '{' || n.name[1] || '}', ''), '' ORDER BY p.place)
		FROM pg_catalog.regexp_split_to_table(statement, '\{\w+\}') WITH ORDINALITY AS p(part, place)
			LEFT JOIN pg_catalog.regexp_matches(statement, '\{(\w+)\}', 'g') WITH ORDINALITY AS n(name, place) ON n.place = p.place
	);

-- A name that may be in several languages
CREATE FUNCTION kpi.adapter_label(name jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE pg_catalog.jsonb_typeof(name)
		WHEN 'object' THEN coalesce(name ->> 'en_US', (SELECT value FROM pg_catalog.jsonb_each_text(name) WHERE value <> '' ORDER BY key COLLATE "C" LIMIT 1))
		ELSE name #>> '{}'
	END;

-- The milestone that a stage stands for, guessed from its name in English or Norwegian; NULL: cannot be told. What is only
-- planned has not been reached: "Meeting booked" is none.
CREATE FUNCTION kpi.adapter_milestone(stage_name text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (
		SELECT CASE
				WHEN s ~ '\m(duplicate|duplikat)\M' OR s ~ '^(tests?|testing|spam|junk)$' THEN 'void'
				WHEN s ~ '\m(lost|loss|tapt|tap|dead|declined|rejected|avslått|avslag|cancell?ed|kansellert|abandoned|disqualified|unqualified|no decision|no go)\M'
				THEN 'lost'
				WHEN s ~ '\m(to be signed|signature|til signering)\M' THEN 'proposal'
				WHEN s ~ '\m(won|vunnet|signed|signert|ordered|bestilt)\M' OR s ~ '^(new |ny )?(customer|client|kunde|order|ordre|sale|salg)$' THEN 'won'
				WHEN s ~ '\m(booked|scheduled|planned|to be|request(ed)?|set up|booket|avtalt|planlagt|bestilles)\M' OR s ~ 'ønsket' THEN
					CASE WHEN s ~ '\m(meeting|appointment|call|visit|samtale)|møte|besøk' AND s !~ '\m(demo|second|2nd|andre)\M' THEN 'none' END
				WHEN s ~ '\m(proposal|quote|quotation|offer|negotiat|contract|verbal|demo|trial|pilot|survey|site visit|proof of concept|poc\M)'
					OR s ~ 'tilbud|forhandl|kontrakt|muntlig|befaring|kartlegging|prøve' OR s ~ '^(proposition|presentation|presentasjon)$'
				THEN 'proposal'
				WHEN s ~ '\m(meeting|met\M|appointment|visit|discovery|needs analysis)|møte|besøk|behov' THEN 'appointment'
				WHEN s ~ '\m(new|ny|nye|lead|leads|open|incoming|innkommende|inbox|backlog|idea|draft|utkast|prospect(s|ing)?|qualif(y|ied|ication)|kvalifi(sert|sering|sere)|contact(ed|ing)?|kontakt(et)?|attempted|assigned|screening|nurturing|on hold|parked|parkert)\M' OR s ~ '^åpen'
				THEN 'none'
			END
		-- where the database knows ASCII alone, too
		FROM pg_catalog.translate(pg_catalog.lower(pg_catalog.btrim(stage_name)), 'ÆØÅ', 'æøå') AS s
	);

-- Which characters are upper case letters, the first as the lowest bit
CREATE FUNCTION kpi.adapter_upper(text) RETURNS bit(5)
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.regexp_replace(pg_catalog.regexp_replace(pg_catalog.reverse($1), '[^A-Z]', '0', 'g'), '[A-Z]', '1', 'g')::bit(5);

-- An id of Salesforce in its longer form. The last three of 18 characters tell which of the others are upper case.
CREATE FUNCTION kpi.adapter_salesforce_id(id text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN id ~ '^[A-Za-z0-9]{15}$' THEN id
			|| pg_catalog.substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345', 1 + kpi.adapter_upper(pg_catalog.left(id, 5))::integer, 1)
			|| pg_catalog.substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345', 1 + kpi.adapter_upper(pg_catalog.substr(id, 6, 5))::integer, 1)
			|| pg_catalog.substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345', 1 + kpi.adapter_upper(pg_catalog.right(id, 5))::integer, 1)
		ELSE id
	END;

-- Tables with ids of Salesforce, as subqueries: as they are, unless some ids are of 15 characters and some of 18, by the
-- first thousand rows. Then all are brought to 18, and the indexes on them are of no use.
CREATE FUNCTION kpi.adapter_salesforce_ids(adapter text, names jsonb) RETURNS jsonb
	LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	lengths integer[] := '{}';
	found integer[];
	r record;
BEGIN
	FOR r IN SELECT tables[1] AS name, columns[1] AS id FROM kpi.adapter_reads(adapter) WHERE is_id LOOP
		EXECUTE format('SELECT array_agg(DISTINCT length(%1$I)) FROM (SELECT %1$I FROM %2$s AS t WHERE %1$I <> '''' LIMIT 1000) AS s', r.id, names ->> r.name) INTO found;
		lengths := lengths || found;
	END LOOP;
	IF lengths @> '{15,18}' THEN
		FOR r IN
			SELECT tables[1] AS name, string_agg(format(CASE WHEN is_id THEN 'kpi.adapter_salesforce_id(%1$I) AS %1$I' ELSE '%I' END, columns[1]), ', ' ORDER BY column_place) AS items
			FROM kpi.adapter_reads(adapter)
			GROUP BY tables[1]
		LOOP
			names := names || jsonb_build_object(r.name, format('(SELECT %s FROM %s AS t)', r.items, names ->> r.name));
		END LOOP;
	END IF;
	RETURN names;
END
$$;

-- Fills the table stage of a mart, and finds its currency
CREATE FUNCTION kpi.adapter_finish(mart name) RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	present text;
	found text[];
	counts text;
	own text[];
BEGIN
	EXECUTE format('INSERT INTO %1$I.stage (pipeline, stage, stage_name, ordinal, milestone)
		SELECT DISTINCT ON (coalesce(pipeline, ''''), stage) coalesce(pipeline, ''''), stage, stage_name, ordinal, milestone
		FROM %1$I.stage_found
		WHERE stage IS NOT NULL
		ORDER BY coalesce(pipeline, ''''), stage, ordinal, stage_name
		ON CONFLICT DO NOTHING', mart);
	EXECUTE format('ANALYZE %I.stage', mart);

	EXECUTE format('SELECT currency FROM %I.config', mart) INTO present;
	IF present IS NOT NULL THEN
		RETURN;
	END IF;
	EXECUTE format('SELECT array_agg(currency ORDER BY n DESC, currency), string_agg(format(''%%s (%%s)'', currency, n), '', '' ORDER BY n DESC, currency)
		FROM (SELECT currency COLLATE "C", count(*) FROM %I.opportunity WHERE amount IS NOT NULL AND outcome <> ''void'' AND currency IS NOT NULL GROUP BY 1) AS c(currency, n)',
		mart) INTO found, counts;
	own := found;
	IF cardinality(found) > 1 THEN
		-- that of the rates is the one that they do not convert
		EXECUTE format('SELECT array_agg(c) FROM unnest($1) AS c WHERE NOT EXISTS (SELECT FROM %I.currency_rate AS r WHERE r.currency = c AND r.rate <> 1)', mart)
			INTO own USING found;
		IF cardinality(own) IS DISTINCT FROM 1 THEN
			RAISE EXCEPTION 'the opportunities are in several currencies: %', counts
				USING ERRCODE = 'invalid_parameter_value',
					HINT = format('options => ''{"currency": "%s"}'' makes it the mart''s; "rate" names a relation with columns currency, rate and, if they change, from_date.', found[1]);
		END IF;
	END IF;
	EXECUTE format('UPDATE %I.config SET currency = $1 WHERE $1 IS NOT NULL', mart) USING own[1];
END
$$;

-- What is the matter with what an adapter made: rows of check_mart
CREATE FUNCTION kpi.adapter_check(mart name, adapter text, source name, currency text,
	OUT severity text, OUT subject text, OUT message text, OUT hint text)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	r record;
BEGIN
	severity := 'info';
	FOR r IN SELECT * FROM kpi.adapter_tables(adapter, source) AS t WHERE t.problems <> '{}' LOOP
		subject := format('%s.%s', source, r.name);
		message := format('adapter "%s" goes without: %s', adapter, array_to_string(r.problems, ', '));
		hint := format('Once it is there: SELECT kpi.create_mart(%L)', mart);
		RETURN NEXT;
	END LOOP;

	severity := 'warning';
	subject := 'stage';
	FOR r IN EXECUTE format('
		SELECT array_agg(concat_ws(''/'', nullif(pipeline, ''''), coalesce(stage_name, stage)) ORDER BY pipeline, ordinal, stage) AS stages
		FROM %I.stage
		WHERE milestone IS NULL
		HAVING count(*) > 0', mart)
	LOOP
		message := format('stages without a milestone, which are taken as none: %s', kpi.mart_list(r.stages));
		hint := format('UPDATE %I.stage SET milestone = ... WHERE milestone IS NULL', mart);
		RETURN NEXT;
	END LOOP;
	FOR r IN EXECUTE format('
		SELECT array_agg(DISTINCT concat_ws(''/'', nullif(f.pipeline, ''''), coalesce(f.stage_name, f.stage))) AS stages
		FROM %1$I.stage_found AS f
		WHERE f.stage IS NOT NULL
			AND NOT EXISTS (SELECT FROM %1$I.stage AS s WHERE s.pipeline = coalesce(f.pipeline, '''') AND s.stage = f.stage)
		HAVING count(*) > 0', mart)
	LOOP
		message := format('stages of the CRM that stage has not, which are taken as none: %s', kpi.mart_list(r.stages));
		hint := format('SELECT kpi.create_mart(%L)', mart);
		RETURN NEXT;
	END LOOP;

	subject := 'opportunity.currency';
	FOR r IN EXECUTE format('
		SELECT array_agg(format(''%%s (%%s)'', currency, n) ORDER BY n DESC, currency) AS currencies
		FROM (
			SELECT currency, count(*) AS n
			FROM %I.opportunity
			WHERE outcome <> ''void'' AND CASE WHEN $1 IS NULL THEN currency IS NOT NULL ELSE currency <> $1 AND amount IS NULL END
			GROUP BY currency
		) AS c
		HAVING $1 IS NOT NULL AND count(*) > 0 OR count(*) > 1', mart) USING currency
	LOOP
		message := format(CASE WHEN currency IS NULL THEN 'amounts of several currencies are added up: %s' ELSE 'amounts that no rate converts are taken as unknown: %s' END,
			kpi.mart_list(r.currencies));
		hint := format('SELECT kpi.create_mart(%L, options => ''{"currency": ..., "rate": ...}'')', mart);
		RETURN NEXT;
	END LOOP;
END
$$;
