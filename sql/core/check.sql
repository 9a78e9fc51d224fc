-- check: what is the matter with the CRM's rows and with a mart

-- private functions

-- A time as text, in the mart's time zone, whatever the client's
CREATE FUNCTION kpi.mart_text(at timestamptz, zone text) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN pg_catalog.isfinite(at) THEN pg_catalog.to_char(at AT TIME ZONE zone, 'YYYY-MM-DD HH24:MI') ELSE at::text END;

-- A day as text
CREATE FUNCTION kpi.mart_text(day date) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN pg_catalog.isfinite(day) THEN pg_catalog.to_char(day, 'YYYY-MM-DD') ELSE day::text END;

-- The issues that data_issue lists: whether a row that has one is counted, whether it is a fault (NULL: only if as_of is
-- now, as in a replay of the past much comes after it), and what the KPIs do about it.
CREATE FUNCTION kpi.mart_issue(OUT relation text, OUT issue text, OUT counted boolean, OUT fault boolean, OUT treatment text)
	RETURNS SETOF record
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT * FROM (VALUES
		('opportunity', 'void', false, false, 'not counted: it is void'),
		('opportunity', 'kind_not_counted', false, false, 'not counted: kinds in config does not name its kind'),
		('opportunity', 'no_owner', false, true, 'not counted: it is on nobody''s scorecard'),
		('opportunity', 'unknown_rep', false, true, 'not counted: it is on nobody''s scorecard'),
		('opportunity', 'after_as_of', false, NULL, 'not counted until then'),
		('opportunity', 'no_usable_time', false, true, 'not counted: there is no week to count it in'),
		('opportunity', 'no_opportunity_id', true, true, 'counted; its activities do not find it'),
		('opportunity', 'no_created_at', true, true, 'counted at its other times; left out of the sales cycle, it has no days'),
		('opportunity', 'duplicate_opportunity_id', true, true, 'each of its rows is counted, its activities once'),
		('opportunity', 'unknown_outcome', true, true, 'counted as open'),
		('opportunity', 'open_with_closed_at', true, true, 'counted as open; closed_at is not looked at'),
		('opportunity', 'won_without_closed_at', true, true, 'counted as open'),
		('opportunity', 'lost_without_closed_at', true, true, 'counted as open'),
		('opportunity', 'closed_after_as_of', true, NULL, 'counted as open until then'),
		('opportunity', 'milestone_after_as_of', true, NULL, 'that time is taken as unknown until then'),
		('opportunity', 'infinite_time', true, true, 'that time is taken as unknown; without a time of closing, counted as open'),
		('opportunity', 'time_before_1980', true, true, 'counted at that time'),
		('opportunity', 'closed_before_created', true, true, 'won or lost in the week of closed_at; left out of the sales cycle, it has no days'),
		('opportunity', 'created_after_milestone', true, true, 'each is counted in its own week; the sales cycle begins at created_at'),
		('opportunity', 'milestones_out_of_order', true, true, 'each is counted in its own week; left out of the cycles that would end before they begin'),
		('opportunity', 'won_without_amount', true, true, 'counted as won; left out of sales, revenue and average revenue'),
		('opportunity', 'won_with_zero_amount', true, true, 'counted as a sale of 0, which lowers the average revenue'),
		('opportunity', 'negative_amount', true, true, 'counted as it is; once won, it lowers the revenue'),
		('opportunity', 'amount_out_of_range', true, true, 'the amount is taken as unknown; once won, left out of sales, revenue and average revenue'),
		('opportunity', 'created_before_hired', true, false, 'counted for the rep on the row, in a week that is not one of the weeks employed'),
		('opportunity', 'created_after_left', true, true, 'counted for the rep on the row, in a week that is not one of the weeks employed'),
		('opportunity', 'closed_while_not_employed', true, true, 'counted for the rep on the row, in a week that is not one of the weeks employed'),
		('opportunity', 'open_after_left', true, true, 'counted as open, for a rep who has left'),
		('opportunity', 'reopened', true, false, 'counted as closed when it was closed last, or as open'),
		('opportunity', 'appointment_sources_differ', true, true, 'the meeting counts, not the stage'),
		('opportunity', 'proposal_sources_differ', true, true, 'the quote counts, not the stage'),
		('opportunity', 'other_currency', true, true, 'the amount is taken as unknown; once won, left out of sales, revenue and average revenue'),
		('rep', 'rep_without_id', false, true, 'left out'),
		('rep', 'rep_twice', true, true, 'counted once: of its rows the first by team, peer group and name is taken'),
		('rep', 'rep_without_name', true, true, 'shown by rep_id'),
		('rep', 'rep_without_team', true, true, 'counted, but in no team'),
		('rep', 'rep_without_peer_group', true, true, 'compared with the whole company'),
		('rep', 'hired_after_left', true, true, 'both days are taken as unknown'),
		('goal', 'goal_of_unknown_rep', false, true, 'left out'),
		('goal', 'goal_without_days', false, true, 'left out: it holds no day'),
		('goal', 'goal_without_revenue', false, true, 'left out'),
		('goal', 'goal_out_of_range', false, true, 'left out'),
		('goal', 'negative_goal', true, true, 'it is the goal of its days, and takes no opportunities'),
		('goal', 'goals_of_equal_length', true, true, 'of goals of equal length the one that begins first is taken, and of those the smallest'),
		('goal', 'goals_partly_overlapping', true, true, 'on the days of both the shorter one is taken'),
		('goal', 'goal_off_edges', true, false, 'what was sold in a week that it cuts is counted if the week, or its part in that month, begins in it'),
		('activity', 'activity_of_unknown_rep', false, true, 'not counted'),
		('activity', 'unknown_activity_kind', false, true, 'not counted'),
		('activity', 'activity_without_time', false, true, 'not counted: there is no week to count it in'),
		('activity', 'activity_after_as_of', false, NULL, 'not counted until then'),
		('activity', 'activity_of_unknown_opportunity', true, true, 'counted for the rep, without an offering')
	) AS i(relation, issue, counted, fault, treatment);
END;

-- The query of a view of the mart, from its template
CREATE FUNCTION kpi.mart_query(relation text, mart name) RETURNS text
	LANGUAGE sql STABLE STRICT
	RETURN (SELECT pg_catalog.substring(kpi.mart_fill(s.statement, mart), 'CREATE OR REPLACE VIEW \w+ AS\n(.*)')
		FROM kpi.mart_statements() AS s WHERE s.name = mart_query.relation);

-- What the won say of the gateways: recorded are all but those whose time nine in ten of them lack.
CREATE FUNCTION kpi.mart_gateways(mart name, OUT won bigint, OUT lost bigint, OUT no_appointment numeric, OUT no_proposal numeric, OUT gateways text[])
	LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format('
		SELECT count(*) FILTER (WHERE outcome = ''won''), count(*) FILTER (WHERE outcome = ''lost''),
			1 - count(appointment_at) FILTER (WHERE outcome = ''won'')::numeric / nullif(count(*) FILTER (WHERE outcome = ''won''), 0),
			1 - count(proposal_at) FILTER (WHERE outcome = ''won'')::numeric / nullif(count(*) FILTER (WHERE outcome = ''won''), 0)
		FROM %I.opportunity', mart) INTO won, lost, no_appointment, no_proposal;
	gateways := array_remove(ARRAY[
		CASE WHEN no_appointment <= 0.9 THEN 'appointment' END, CASE WHEN no_proposal <= 0.9 THEN 'proposal' END, 'closing'], NULL);
END
$$;

-- At most five of a list, in words
CREATE FUNCTION kpi.mart_list(names text[]) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN pg_catalog.array_to_string(names[1:5], ', ')
		|| CASE WHEN pg_catalog.cardinality(names) > 5 THEN pg_catalog.format(' and %s more', pg_catalog.cardinality(names) - 5) ELSE '' END;

-- public functions

CREATE FUNCTION kpi.check_contract(schema name,
	OUT severity text, OUT relation text, OUT subject text, OUT problem text, OUT rows bigint, OUT keys text)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	sources text[] := '{}';		-- what the rules read, as common table expressions
	is_broken boolean := false;
	r record;
BEGIN
	IF to_regnamespace(quote_ident(schema)) IS NULL THEN
		RAISE EXCEPTION 'schema "%" does not exist', schema USING ERRCODE = 'invalid_schema_name';
	END IF;

	severity := 'error';
	FOR r IN SELECT * FROM kpi.mart_contract_breaches(schema) LOOP
		relation := r.relation;
		subject := r.name;
		problem := r.problem;
		is_broken := true;
		RETURN NEXT;
	END LOOP;

	severity := 'info';
	subject := 'rows';
	problem := 'number of rows';
	FOR r IN SELECT c.relation AS name FROM kpi.mart_contract() AS c GROUP BY c.relation ORDER BY min(c.required::integer) DESC, c.relation LOOP
		IF to_regclass(format('%I.%I', schema, r.name)) IS NOT NULL THEN
			sources := sources || format('%I AS NOT MATERIALIZED (SELECT * FROM %I.%I)', r.name, schema, r.name);
			relation := r.name;
			EXECUTE format('SELECT count(*) FROM %I.%I', schema, r.name) INTO rows;
			RETURN NEXT;
		ELSE
			sources := sources || (
				SELECT format('%I AS (SELECT %s WHERE false)', r.name, string_agg(format('NULL::%s AS %I', CASE c.types
						WHEN 'any' THEN kpi.mart_column_type(schema, CASE c.name WHEN 'rep_id' THEN 'rep' ELSE 'opportunity' END, c.name)
						ELSE split_part(c.types, ',', 1)
					END, c.name), ', '))
				FROM kpi.mart_contract() AS c
				WHERE c.relation = r.name
			);
		END IF;
	END LOOP;
	IF is_broken THEN
		RETURN;
	END IF;

	relation := 'opportunity';
	FOR r IN EXECUTE format('
		SELECT name, total - known AS unknown, round(100.0 * (total - known) / nullif(total, 0), 1) AS percent,
			round(100.0 * (won - known_won) / nullif(won, 0), 1) AS percent_won
		FROM (
			SELECT count(*) AS total, count(*) FILTER (WHERE outcome = ''won'') AS won,
				count(created_at) AS created, count(created_at) FILTER (WHERE outcome = ''won'') AS created_won,
				count(appointment_at) AS appointment, count(appointment_at) FILTER (WHERE outcome = ''won'') AS appointment_won,
				count(proposal_at) AS proposal, count(proposal_at) FILTER (WHERE outcome = ''won'') AS proposal_won,
				count(closed_at) AS closed, count(closed_at) FILTER (WHERE outcome = ''won'') AS closed_won,
				count(amount) AS amount, count(amount) FILTER (WHERE outcome = ''won'') AS amount_won
			FROM %I.opportunity
		) AS n, LATERAL (VALUES
			(''created_at'', created, created_won), (''appointment_at'', appointment, appointment_won), (''proposal_at'', proposal, proposal_won),
			(''closed_at'', closed, closed_won), (''amount'', amount, amount_won)
		) AS m(name, known, known_won)', schema)
	LOOP
		subject := r.name;
		problem := format('NULL in %s %% of the rows, in %s %% of the won', coalesce(r.percent, 0), coalesce(r.percent_won, 0));
		rows := r.unknown;
		RETURN NEXT;
	END LOOP;

	r := kpi.mart_gateways(schema);
	IF r.won = 0 OR r.lost = 0 THEN
		severity := 'warning';
		subject := 'outcome';
		problem := format('no opportunity is %s: without those the ratios say nothing', CASE r.won WHEN 0 THEN 'won' ELSE 'lost' END);
		rows := 0;
		RETURN NEXT;
	END IF;
	IF r.won > 0 THEN
		severity := CASE cardinality(r.gateways) WHEN 3 THEN 'info' ELSE 'warning' END;
		relation := 'config';
		subject := 'gateways';
		problem := format('recorded for at least one in ten of the won: options => ''{"gateways": %s}''', to_json(r.gateways));
		rows := r.won;
		RETURN NEXT;
	END IF;

	-- The rules are those of data_issue. Without a mart there are no settings yet.
	sources := sources || CASE WHEN kpi.mart_column_type(schema, 'config', 'kpi_version') IS NOT NULL
		THEN format('config AS (SELECT * FROM %I.config)', schema)
		ELSE 'config AS (SELECT NULL::timestamptz AS refreshed_as_of, NULL::timestamptz AS as_of, ''UTC''::text AS time_zone,
			''{appointment,proposal,closing}''::text[] AS gateways, ''{new,expansion}''::text[] AS kinds)'
	END;
	sources := sources || ARRAY(
		SELECT format('%I AS NOT MATERIALIZED (%s)', name, kpi.mart_query(name, schema))
		FROM unnest(ARRAY['roster', 'opportunity_check', 'data_issue']) AS name
	);
	RETURN QUERY EXECUTE format('
		WITH %s,
		numbered AS (
			SELECT relation, issue, key, problem, treatment, fault,
				count(*) OVER (PARTITION BY relation, issue, fault) AS rows,
				row_number() OVER (PARTITION BY relation, issue, fault ORDER BY key COLLATE "C", problem COLLATE "C") AS number
			FROM data_issue
		)
		SELECT CASE WHEN fault THEN ''warning'' ELSE ''info'' END, relation, issue,
			format(''%%s (%%s)'', min(problem) FILTER (WHERE number = 1), min(treatment)), min(rows), string_agg(key, '', '' ORDER BY number)
		FROM numbered
		WHERE number <= 5
		GROUP BY relation, issue, fault
		ORDER BY fault DESC, min(rows) DESC, relation COLLATE "C", issue COLLATE "C"', array_to_string(sources, ', '));
END
$$;
COMMENT ON FUNCTION kpi.check_contract(name) IS 'what a schema holds for a mart and what is the matter with it: its relations, milestones that are not recorded, and for each rule of data_issue the first five rows';

CREATE FUNCTION kpi.check_mart(mart name, OUT severity text, OUT subject text, OUT message text, OUT hint text)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	version CONSTANT text := (SELECT extversion FROM pg_extension WHERE extname = 'kpi');
	kpis text[] := '{appointment_ratio,proposal_ratio,closing_ratio,win_ratio,average_revenue,sales_cycle,barometer}';
	is_broken boolean := false;
	config record;
	newest timestamptz;
	r record;
BEGIN
	IF kpi.mart_column_type(mart, 'config', 'kpi_version') IS NULL THEN
		RAISE EXCEPTION 'schema "%" is no mart', mart USING ERRCODE = 'invalid_schema_name', HINT = 'kpi.create_mart makes one.';
	END IF;
	EXECUTE format('SELECT * FROM %I.config', mart) INTO config;

	severity := 'warning';
	IF config.kpi_version <> version THEN
		subject := 'config.kpi_version';
		message := format('made by kpi %s, and kpi is of version %s', config.kpi_version, version);
		hint := format('SELECT kpi.upgrade_mart(%L)', mart);
		RETURN NEXT;
	END IF;

	-- Relations: without them no more can be said
	severity := 'error';
	FOR r IN SELECT * FROM kpi.mart_contract_breaches(mart) LOOP
		subject := format('%s.%s', r.relation, r.name);
		message := r.problem;
		hint := format('SELECT * FROM kpi.check_contract(%L)', mart);
		is_broken := true;
		RETURN NEXT;
	END LOOP;
	FOR r IN
		SELECT s.name
		FROM kpi.mart_statements(config.adapter) WITH ORDINALITY AS s
		WHERE s.kind IN ('VIEW', 'TABLE') AND to_regclass(format('%I.%I', mart, s.name)) IS NULL
		ORDER BY s.ordinality
	LOOP
		subject := r.name;
		message := 'there is no such relation';
		hint := format('SELECT kpi.create_mart(%L)', mart);
		is_broken := true;
		RETURN NEXT;
	END LOOP;
	IF is_broken THEN
		RETURN;
	END IF;

	-- Rights: the mart reads the contract's relations with the rights of its owner
	FOR r IN
		SELECT c.relname, pg_get_userbyid(v.relowner) AS owner
		FROM pg_class AS c, pg_class AS v
		WHERE c.relnamespace = to_regnamespace(quote_ident(mart)) AND c.relname IN (SELECT k.relation FROM kpi.mart_contract() AS k)
			AND v.relnamespace = c.relnamespace AND v.relname = 'opportunity_check' AND NOT has_table_privilege(v.relowner, c.oid, 'SELECT')
		ORDER BY c.relname
	LOOP
		subject := r.relname;
		message := format('%s, who owns the mart, may not read it', r.owner);
		hint := format('GRANT SELECT ON %I.%I TO %I', mart, r.relname, r.owner);
		is_broken := true;
		RETURN NEXT;
	END LOOP;
	IF is_broken THEN
		RETURN;
	END IF;
	FOR r IN
		SELECT g.name, has_schema_privilege(g.name, n.oid, 'USAGE') AS may_use,
			ARRAY(
				SELECT v.relname::text
				FROM pg_class AS v
				WHERE v.relnamespace = n.oid AND v.relname = ANY (config.made) AND v.relname !~ '_(now|new)$' AND NOT has_table_privilege(g.name, v.oid, 'SELECT')
				ORDER BY v.relname
			) AS missing
		FROM pg_namespace AS n, LATERAL (
			SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(a.grantee) END
			FROM pg_class AS c, aclexplode(c.relacl) AS a
			WHERE c.relnamespace = n.oid AND a.privilege_type = 'SELECT' AND a.grantee <> c.relowner
		) AS g(name)
		WHERE n.nspname = mart
		ORDER BY g.name
	LOOP
		subject := r.name;
		IF NOT r.may_use THEN
			severity := 'warning';
			message := 'may read relations of the mart, but not look into its schema';
			hint := format('GRANT USAGE ON SCHEMA %I TO %I', mart, r.name);
			RETURN NEXT;
		END IF;
		IF r.missing <> '{}' THEN
			severity := 'info';
			message := format('may read relations of the mart, but not %s', kpi.mart_list(r.missing));
			hint := format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %I', mart, r.name);
			RETURN NEXT;
		END IF;
	END LOOP;

	FOR r IN
		SELECT string_agg(c.relname, ', ' ORDER BY c.relname) AS names, pg_get_userbyid(c.relowner) AS owner
		FROM pg_class AS c
		WHERE c.relnamespace = to_regnamespace(quote_ident(mart)) AND c.relkind = 'm' AND c.relname = ANY (config.made)
			AND NOT has_database_privilege(c.relowner, current_database(), 'TEMPORARY')
		GROUP BY c.relowner
	LOOP
		severity := 'warning';
		subject := r.names;
		message := format('a refresh blocks who reads: %s may make no temporary table, as it takes to refresh beside readers', r.owner);
		hint := format('GRANT TEMPORARY ON DATABASE %I TO %I', current_database(), r.owner);
		RETURN NEXT;
	END LOOP;

	-- The CRM, if an adapter reads it
	IF config.adapter <> '' THEN
		RETURN QUERY SELECT * FROM kpi.adapter_check(mart, config.adapter, config.source, config.currency);
	END IF;

	-- Settings against the data
	severity := 'warning';
	r := kpi.mart_gateways(mart);
	FOR r IN
		SELECT g.name, g.unknown, g.name = ANY (config.gateways) AS is_set, r.gateways
		FROM (VALUES ('appointment', r.no_appointment), ('proposal', r.no_proposal)) AS g(name, unknown)
		WHERE CASE WHEN g.name = ANY (config.gateways) THEN unknown > 0.9 ELSE unknown < 0.1 END
	LOOP
		subject := 'config.gateways';
		message := format(CASE WHEN r.is_set THEN '%1$s is one of them, and %2$s %% of the won have no %1$s_at'
				ELSE '%1$s is none of them, and only %2$s %% of the won have no %1$s_at' END, r.name, round(100 * r.unknown, 1));
		hint := format('UPDATE %I.config SET gateways = %L', mart, r.gateways);
		RETURN NEXT;
	END LOOP;
	FOR r IN EXECUTE format('
		SELECT name, min(time) FILTER (WHERE place = 1) AS time
		FROM (
			SELECT name, time, n, sum(n) OVER (PARTITION BY name) AS known, row_number() OVER (PARTITION BY name ORDER BY n DESC, time) AS place
			FROM (
				SELECT name, to_char(at AT TIME ZONE $1, ''HH24:MI'') AS time, count(*) AS n
				FROM (SELECT created_at, appointment_at, proposal_at, closed_at FROM %I.opportunity LIMIT 100000) AS o,
					LATERAL (VALUES (''created_at'', created_at), (''appointment_at'', appointment_at), (''proposal_at'', proposal_at), (''closed_at'', closed_at))
						AS m(name, at)
				WHERE isfinite(at)
				GROUP BY name, time
			) AS t
		) AS t
		GROUP BY name, known
		-- two, as midnight elsewhere is at one hour in winter and at another in summer
		HAVING known >= 20 AND sum(n) FILTER (WHERE place <= 2) > 0.9 * known AND bool_and(time <> ''00:00'') FILTER (WHERE place <= 2)
		ORDER BY name COLLATE "C"', mart) USING config.time_zone
	LOOP
		subject := 'config.time_zone';
		message := format('nearly every %s is at %s in %s, which looks like midnight elsewhere: it may be of the wrong day', r.name, r.time, config.time_zone);
		hint := 'Set time_zone to that of the CRM''s days, or make times of days by AT TIME ZONE.';
		RETURN NEXT;
	END LOOP;

	-- The refresh against the data
	EXECUTE format('SELECT max(t) FROM %I.opportunity, LATERAL (VALUES (created_at), (%s)) AS n(t) WHERE isfinite(t) AND t <= greatest(now(), $1)', mart,
		CASE WHEN kpi.mart_column_type(mart, 'opportunity', 'updated_at') IS NULL THEN 'NULL' ELSE 'updated_at' END)
		INTO newest USING config.refreshed_as_of;
	subject := 'config.refreshed_as_of';
	hint := format('CALL kpi.refresh_mart(%L)', mart);
	IF config.refreshed_as_of IS NULL THEN
		message := 'the mart was never refreshed';
		RETURN NEXT;
	ELSIF config.as_of <> config.refreshed_as_of THEN
		message := format('the figures are of %s, and as_of is %s', kpi.mart_text(config.refreshed_as_of, config.time_zone), kpi.mart_text(config.as_of, config.time_zone));
		RETURN NEXT;
	ELSIF newest - config.refreshed_as_of > interval '7 days' THEN
		message := format('the figures are of %s, and there are opportunities of %s',
			kpi.mart_text(config.refreshed_as_of, config.time_zone), kpi.mart_text(newest, config.time_zone));
		IF config.as_of IS NOT NULL THEN
			severity := 'info';	-- as it may be meant to be
			hint := format('UPDATE %I.config SET as_of = NULL; ', mart) || hint;
		END IF;
		RETURN NEXT;
		severity := 'warning';
	ELSIF config.refreshed_as_of - newest > interval '7 days' THEN
		message := format('the figures are of %s, and the newest opportunity is of %s: weeks without data look like weeks without work',
			kpi.mart_text(config.refreshed_as_of, config.time_zone), kpi.mart_text(newest, config.time_zone));
		hint := format('UPDATE %I.config SET as_of = ..., or see to it that new rows of the CRM arrive', mart);
		RETURN NEXT;
	END IF;

	-- Goals, peers and playbook
	FOR r IN EXECUTE format('
		SELECT today, array_agg(rep_id::text ORDER BY rep_id) AS reps
		FROM %1$I.roster AS r, (SELECT (coalesce(refreshed_as_of, as_of, now()) AT TIME ZONE time_zone)::date FROM %1$I.config) AS d(today)
		WHERE (hired_on <= today) IS NOT FALSE AND (left_on >= today) IS NOT FALSE
			AND NOT EXISTS (SELECT FROM %1$I.usable_goal AS g WHERE g.rep_id = r.rep_id AND today BETWEEN g.starts_on AND g.ends_on)
		GROUP BY today', mart)
	LOOP
		subject := 'goal';
		message := format('reps without a goal that holds %s: %s', kpi.mart_text(r.today), kpi.mart_list(r.reps));
		hint := format('INSERT INTO %I.goal (rep_id, starts_on, ends_on, revenue) VALUES ...', mart);
		RETURN NEXT;
	END LOOP;
	EXECUTE format('SELECT count(*) AS rows FROM %I.data_issue WHERE relation = ''goal'' AND NOT counted', mart) INTO r;
	IF r.rows > 0 THEN
		subject := 'goal';
		message := format('goals that are left out: %s', r.rows);
		hint := format('SELECT * FROM %I.data_issue WHERE relation = ''goal'' AND NOT counted', mart);
		RETURN NEXT;
	END IF;
	FOR r IN EXECUTE format('
		SELECT peer_group, min(rep_id::text) AS rep FROM %I.roster WHERE peer_group <> '''' GROUP BY peer_group HAVING count(*) = 1 ORDER BY peer_group COLLATE "C"', mart)
	LOOP
		subject := 'rep.peer_group';
		message := format('rep %s is alone in peer group "%s"', r.rep, r.peer_group);
		hint := 'Such a rep is compared with the whole company; a peer group should hold several.';
		RETURN NEXT;
	END LOOP;
	IF kpi.mart_column_type(mart, 'kpi_definition', 'kpi') IS NOT NULL THEN
		EXECUTE format('SELECT array_agg(kpi) || $1 FROM %I.kpi_definition', mart) INTO kpis USING kpis;
	END IF;
	FOR r IN EXECUTE format('SELECT kpi AS name FROM %I.playbook WHERE kpi <> ALL ($1) GROUP BY kpi ORDER BY kpi COLLATE "C"', mart) USING kpis LOOP
		subject := 'playbook.kpi';
		message := format('there is no KPI "%s"', r.name);
		hint := format('The KPIs are %s.', array_to_string(ARRAY(SELECT k FROM unnest(kpis) AS k GROUP BY k ORDER BY k COLLATE "C"), ', '));
		RETURN NEXT;
	END LOOP;
	FOR r IN EXECUTE format('
		SELECT peer_group AS name FROM %1$I.playbook
		WHERE peer_group <> '''' AND peer_group NOT IN (SELECT peer_group FROM %1$I.roster) GROUP BY peer_group ORDER BY peer_group COLLATE "C"', mart)
	LOOP
		subject := 'playbook.peer_group';
		message := format('no rep is in peer group "%s"', r.name);
		hint := 'The peer groups are those in rep.';
		RETURN NEXT;
	END LOOP;
	EXECUTE format('SELECT NOT EXISTS (SELECT FROM %I.playbook WHERE locale = $1) AS is_empty', mart) INTO r USING config.locale;
	IF r.is_empty THEN
		subject := 'playbook.locale';
		message := format('no advice is in the language of the mart, "%s"', config.locale);
		hint := format('UPDATE %I.config SET locale = ...', mart);
		RETURN NEXT;
	END IF;

	-- The rows
	EXECUTE format('SELECT sum(opportunities) AS rows, sum(clean_opportunities) AS clean FROM %I.quality', mart) INTO r;
	IF r.clean < 0.9 * r.rows THEN
		subject := 'opportunity';
		message := format('opportunities with a fault: %s of %s', r.rows - r.clean, r.rows);
		hint := format('SELECT * FROM kpi.check_contract(%L)', mart);
		RETURN NEXT;
	END IF;
	EXECUTE format('SELECT count(*) AS rows FROM %1$I.opportunity WHERE rep_id IS NULL OR rep_id NOT IN (SELECT rep_id FROM %1$I.roster)', mart) INTO r;
	IF r.rows > 0 THEN
		subject := 'opportunity.rep_id';
		message := format('opportunities of nobody in rep, which are not counted: %s', r.rows);
		hint := format('SELECT * FROM %I.data_issue WHERE issue IN (''no_owner'', ''unknown_rep'')', mart);
		RETURN NEXT;
	END IF;
END
$$;
COMMENT ON FUNCTION kpi.check_mart(name) IS 'what is the matter with a mart: its relations, rights, settings, refresh, goals, peers, playbook and rows';
