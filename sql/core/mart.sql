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

-- The win ratio to plan with: the own where the own opportunities were followed long enough; else the peers', moved by
-- what the own ended opportunities say against theirs, drawn towards the group (prior), if there are enough of them.
CREATE FUNCTION kpi.mart_win_ratio(own kpi.cycle, peers kpi.cycle, prior kpi.beta_prior, horizon integer, min_decisions integer,
	OUT win_ratio double precision, OUT basis text)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(v.own, v.adjusted, v.peers),
		CASE WHEN v.own IS NOT NULL THEN 'own' WHEN v.adjusted IS NOT NULL THEN 'adjusted' WHEN v.peers IS NOT NULL THEN 'peers' ELSE '' END
	FROM (
		SELECT kpi.win_probability(own, horizon) AS own, p.win_ratio AS peers,
			CASE WHEN e.decided >= min_decisions
				THEN least(1, p.win_ratio * kpi.adjusted_ratio(kpi.rate(e.won, e.decided), prior) / nullif(p.ended_ratio, 0))
			END AS adjusted
		FROM (SELECT kpi.won(own), kpi.won(own) + kpi.lost(own)) AS e(won, decided),
			(SELECT kpi.win_probability(peers, horizon), kpi.ratio(kpi.rate(kpi.won(peers), kpi.won(peers) + kpi.lost(peers)))) AS p(win_ratio, ended_ratio)
	) AS v;
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

-- What of the contract is missing or mistyped in a schema
CREATE FUNCTION kpi.mart_contract_breaches(mart name, OUT relation text, OUT name text, OUT problem text)
	RETURNS SETOF record
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	WITH present AS (
		SELECT c.relname::text AS relation, c.oid
		FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = mart AND c.relkind IN ('r', 'v', 'm', 'f', 'p')
	)
	SELECT c.relation, c.name,
		CASE WHEN p.oid IS NULL THEN 'there is no such relation'
			WHEN a.attname IS NULL THEN pg_catalog.format('there is no such column: %s (%s)', c.types, c.meaning)
			ELSE pg_catalog.format('it is of type %s: %s (%s)', pg_catalog.format_type(a.atttypid, NULL), c.types, c.meaning)
		END
	FROM kpi.mart_contract() AS c
	LEFT JOIN present AS p ON p.relation = c.relation
	LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p.oid AND a.attname = c.name AND a.attnum > 0 AND NOT a.attisdropped
	WHERE CASE WHEN p.oid IS NULL THEN c.required AND c.place = 1
			WHEN a.attname IS NULL THEN NOT c.optional
			ELSE c.types <> 'any' AND pg_catalog.format_type(a.atttypid, NULL) <> ALL (pg_catalog.string_to_array(c.types, ', '))
		END
	ORDER BY c.relation DESC, c.place;
END;

-- Type of a column, or NULL
CREATE FUNCTION kpi.mart_column_type(mart name, relation text, name text) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN (SELECT pg_catalog.format_type(a.atttypid, a.atttypmod)
		FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
			JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = mart AND c.relname = relation AND a.attname = name AND a.attnum > 0 AND NOT a.attisdropped);

-- A template with the names in braces filled in
CREATE FUNCTION kpi.mart_fill(body text, mart name) RETURNS text
	LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	optional text;
	present boolean;
BEGIN
	body := replace(body, '{rep_id}', kpi.mart_column_type(mart, 'rep', 'rep_id'));
	body := replace(body, '{opportunity_id}', kpi.mart_column_type(mart, 'opportunity', 'opportunity_id'));
	body := replace(body, '{kind}', CASE WHEN kpi.mart_column_type(mart, 'opportunity', 'kind') IS NULL THEN '''new''::text' ELSE 'coalesce(kind, ''new'')' END);
	FOREACH optional IN ARRAY ARRAY['offering', 'pipeline', 'lost_reason'] LOOP
		present := kpi.mart_column_type(mart, 'opportunity', optional) IS NOT NULL;
		body := replace(body, format('{%s}', optional), CASE WHEN present THEN format('coalesce(%I::text, '''')', optional) ELSE '''''::text' END);
	END LOOP;
	FOREACH optional IN ARRAY ARRAY['hired_on', 'left_on'] LOOP
		present := kpi.mart_column_type(mart, 'rep', optional) IS NOT NULL;
		body := replace(body, format('{%s}', optional), CASE WHEN present THEN optional ELSE 'NULL::date' END);
	END LOOP;
	RETURN body;
END
$$;

-- Comments: of a relation the head of its template, of a column its entry in the dictionary
CREATE FUNCTION kpi.comment_mart(mart name) RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	r record;
BEGIN
	FOR r IN
		SELECT c.relname, CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END AS kind, coalesce(head, 'what ' || replace(t.relation, '_', ' ') || ' is to hold') AS comment
		FROM kpi.template AS t,
			LATERAL (SELECT regexp_replace(substring(t.body FROM '^\s*((?:--[^\n]*\n)+)'), '\n?-- (?:' || t.relation || ': )?', ' ', 'g')) AS h(text),
			LATERAL (VALUES (t.relation, btrim(text, E' \n')), (t.relation || '_now', NULL), (t.relation || '_new', NULL)) AS n(name, head)
			JOIN pg_class AS c ON c.relname = n.name AND c.relnamespace = to_regnamespace(quote_ident(mart)) AND c.relkind IN ('v', 'r')
		WHERE pg_has_role(c.relowner, 'USAGE')
	LOOP
		EXECUTE format('COMMENT ON %s %I.%I IS %L', r.kind, mart, r.relname, r.comment);
	END LOOP;
	FOR r IN
		SELECT c.relname, a.attname, d.meaning
		FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid JOIN kpi.dictionary AS d ON d.name = a.attname
		WHERE c.relnamespace = to_regnamespace(quote_ident(mart)) AND c.relkind IN ('v', 'r') AND pg_has_role(c.relowner, 'USAGE')
			AND EXISTS (SELECT FROM kpi.template AS t WHERE c.relname IN (t.relation, t.relation || '_now', t.relation || '_new'))
	LOOP
		EXECUTE format('COMMENT ON COLUMN %I.%I.%I IS %L', mart, r.relname, r.attname, r.meaning);
	END LOOP;
END
$$;

-- public functions

CREATE FUNCTION kpi.create_mart(mart name, adapter text DEFAULT NULL, source name DEFAULT NULL, options jsonb DEFAULT '{}') RETURNS void
	LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	settings CONSTANT text[] := ARRAY['time_zone', 'as_of', 'gateways', 'kinds', 'trailing_weeks', 'cycle_horizon_days', 'stale_after_days',
		'confidence', 'q_limit', 'min_effect', 'min_decisions', 'selling_days', 'locale', 'row_security'];
	unknown text;
	breaches text;
	before text[];
	t record;
	r record;
BEGIN
	IF mart IS NULL OR options IS NULL OR jsonb_typeof(options) <> 'object' THEN
		RAISE EXCEPTION 'a mart needs a name, and options that are a JSON object' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	SELECT string_agg(key, ', ' ORDER BY key) INTO unknown FROM jsonb_object_keys(options) AS key WHERE key <> ALL (settings);
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION 'unknown option: %', unknown
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Options are ' || array_to_string(settings, ', ') || '.';
	END IF;
	IF adapter IS NOT NULL THEN
		RAISE EXCEPTION 'unknown adapter "%"', adapter
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Make the relations opportunity and rep by hand, and leave adapter out.';
	END IF;

	IF to_regnamespace(quote_ident(mart)) IS NULL THEN
		EXECUTE format('CREATE SCHEMA %I', mart);
	END IF;
	SELECT string_agg(format('%s.%s: %s', relation, name, problem), E'\n') INTO breaches FROM kpi.mart_contract_breaches(mart);
	IF breaches IS NOT NULL THEN
		RAISE EXCEPTION 'schema "%" does not hold what a mart is made of', mart
			USING ERRCODE = 'invalid_schema_definition', DETAIL = breaches,
				HINT = 'Make these relations as views over the CRM''s tables, or as tables, and call create_mart again.';
	END IF;

	PERFORM set_config('search_path', format('%I, pg_catalog, pg_temp', mart), true);
	SELECT coalesce(array_agg(relname::text), '{}') INTO before FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(mart));
	FOR t IN SELECT body FROM kpi.template ORDER BY place LOOP
		EXECUTE kpi.mart_fill(t.body, mart);
	END LOOP;

	EXECUTE format('INSERT INTO config (kpi_version) SELECT %L WHERE NOT EXISTS (SELECT FROM config)',
		(SELECT extversion FROM pg_extension WHERE extname = 'kpi'));
	FOR r IN SELECT key, value FROM jsonb_each(options) LOOP
		EXECUTE format('UPDATE config SET %1$I = (jsonb_populate_record(NULL::config, jsonb_build_object(%1$L, %2$L::jsonb))).%1$I', r.key, r.value);
	END LOOP;
	EXECUTE 'UPDATE config SET made = ARRAY(
		SELECT unnest(made) UNION SELECT relname::text FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident($1)) AND relkind IN (''r'', ''v'') AND relname <> ALL ($2))'
		USING mart, before;
	PERFORM kpi.comment_mart(mart);
	FOR r IN EXECUTE 'SELECT c.relname, row_security FROM config, pg_class AS c WHERE relkind = ''v'' AND relname = ANY (made) AND relnamespace = to_regnamespace(quote_ident($1))' USING mart LOOP
		EXECUTE format('ALTER VIEW %I SET (security_invoker = %s)', r.relname, r.row_security);
	END LOOP;
END
$$;
COMMENT ON FUNCTION kpi.create_mart(name, text, name, jsonb) IS 'makes, or completes, the relations of a mart in a schema of that name; opportunity and rep must be there; owned by the caller';

-- Brings one stored relation up to date: by key where a view relation_now tells what should be in it, by what is new
-- where a view relation_new does. Gives the number of rows that changed.
CREATE FUNCTION kpi.refresh_relation(relation name) RETURNS bigint
	LANGUAGE plpgsql VOLATILE STRICT
AS $$
DECLARE
	keys text;
	changed bigint;
	added bigint;
BEGIN
	IF pg_catalog.to_regclass(pg_catalog.quote_ident(relation || '_new')) IS NOT NULL THEN
		EXECUTE pg_catalog.format('INSERT INTO %I SELECT * FROM %I', relation, relation || '_new');
		GET DIAGNOSTICS changed = ROW_COUNT;
	ELSE
		SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ') INTO STRICT keys
		FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
		WHERE i.indrelid = pg_catalog.to_regclass(pg_catalog.quote_ident(relation)) AND i.indisprimary;
		EXECUTE pg_catalog.format('CREATE TEMPORARY TABLE kpi_now ON COMMIT DROP AS TABLE %I', relation || '_now');
		EXECUTE pg_catalog.format('DELETE FROM %1$I AS stored USING (
				SELECT %2$s FROM %1$I AS old_row LEFT JOIN pg_temp.kpi_now AS new_row USING (%2$s)
				WHERE new_row.* IS NULL OR pg_catalog.record_image_ne(old_row, new_row)
			) AS gone WHERE (%3$s) = (%4$s)', relation, keys,
			'stored.' || pg_catalog.replace(keys, ', ', ', stored.'), 'gone.' || pg_catalog.replace(keys, ', ', ', gone.'));
		GET DIAGNOSTICS changed = ROW_COUNT;
		EXECUTE pg_catalog.format('INSERT INTO %1$I SELECT new_row.* FROM pg_temp.kpi_now AS new_row LEFT JOIN %1$I AS old_row USING (%2$s)
			WHERE old_row.* IS NULL', relation, keys);
		GET DIAGNOSTICS added = ROW_COUNT;
		DROP TABLE pg_temp.kpi_now;
		changed := GREATEST(changed, added);
	END IF;
	IF changed > 0 THEN
		EXECUTE pg_catalog.format('ANALYZE %I', relation);
	END IF;
	RETURN changed;
END
$$;

CREATE FUNCTION kpi.refresh_mart_now(mart name) RETURNS void
	LANGUAGE plpgsql VOLATILE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t record;
	began timestamptz;
	changed bigint;
	total bigint;
BEGIN
	IF to_regclass(format('%I.config', mart)) IS NULL OR kpi.mart_column_type(mart, 'config', 'kpi_version') IS NULL THEN
		RAISE EXCEPTION 'schema "%" is no mart', mart USING ERRCODE = 'invalid_schema_name', HINT = 'kpi.create_mart makes one.';
	END IF;
	IF NOT pg_try_advisory_xact_lock(hashtext('kpi.refresh_mart'), to_regnamespace(quote_ident(mart))::oid::bigint::integer) THEN
		RAISE EXCEPTION 'mart "%" is being refreshed already', mart USING ERRCODE = 'lock_not_available';
	END IF;
	PERFORM set_config('search_path', format('%I, pg_catalog, pg_temp', mart), true);
	EXECUTE 'UPDATE config SET refreshed_as_of = coalesce(as_of, now()), refreshed_at = now()';
	FOR t IN
		SELECT relation FROM kpi.template
		WHERE to_regclass(quote_ident(relation || '_now')) IS NOT NULL OR to_regclass(quote_ident(relation || '_new')) IS NOT NULL
		ORDER BY place
	LOOP
		began := clock_timestamp();
		changed := kpi.refresh_relation(t.relation);
		EXECUTE format('SELECT count(*) FROM %I', t.relation) INTO total;
		RAISE NOTICE '%: % rows, % changed, % s', t.relation, total, changed, round(extract(epoch FROM clock_timestamp() - began), 2);
	END LOOP;
END
$$;

CREATE PROCEDURE kpi.refresh_mart(mart name)
	LANGUAGE plpgsql
AS $$
BEGIN
	-- All is read from one snapshot, which a new transaction must be told of.
	IF pg_catalog.current_setting('transaction_isolation') OPERATOR(pg_catalog.=) 'read committed' THEN
		COMMIT;
		SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
	END IF;
	PERFORM kpi.refresh_mart_now(mart);
END
$$;
COMMENT ON PROCEDURE kpi.refresh_mart(name) IS 'brings the stored relations of a mart up to date from one snapshot; outside a transaction block, or in one of isolation level repeatable read';
