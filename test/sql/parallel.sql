\set ECHO none
\i test/setup.sql
\i test/sample.sql
SELECT plan(149);

CREATE FUNCTION pg_temp.answer(query text) RETURNS text[]
	LANGUAGE plpgsql
AS $$
DECLARE
	rows text[];
BEGIN
	EXECUTE format('SELECT array_agg(v::text ORDER BY v::text) FROM (%s) AS v', query) INTO rows;
	RETURN rows;
END
$$;

-- The nodes of the plan, one a line
CREATE FUNCTION pg_temp.nodes(query text, options text DEFAULT 'COSTS OFF') RETURNS text
	LANGUAGE plpgsql
AS $$
DECLARE
	line text;
	nodes text := '';
BEGIN
	FOR line IN EXECUTE format('EXPLAIN (%s) %s', options, query) LOOP
		nodes := nodes || line || E'\n';
	END LOOP;
	RETURN nodes;
END
$$;

-- The same rows once more, in partitions of very different size: of five
-- parts, one holds nearly all, one a single row, and two none
CREATE TABLE sample.part (LIKE sample.fact, part integer) PARTITION BY LIST (part);
CREATE TABLE sample.part_0 PARTITION OF sample.part FOR VALUES IN (0);
CREATE TABLE sample.part_1 PARTITION OF sample.part FOR VALUES IN (1);
CREATE TABLE sample.part_2 PARTITION OF sample.part FOR VALUES IN (2);
CREATE TABLE sample.part_3 PARTITION OF sample.part FOR VALUES IN (3);
CREATE TABLE sample.part_4 PARTITION OF sample.part FOR VALUES IN (4);
INSERT INTO sample.part SELECT f.*, CASE WHEN id = 1 THEN 3 WHEN id < 50 THEN 1 ELSE 2 END FROM sample.fact AS f;

-- and the summaries that rollup adds
SELECT format('CREATE TABLE sample.%I AS SELECT rep, id %% 100 AS n, %s AS x FROM sample.fact GROUP BY rep, id %% 100', way, aggregate)
FROM sample.way \gexec
ANALYZE;

CREATE TEMPORARY TABLE query AS
SELECT way || ', ' || rows AS query,
	format('SELECT %s %s_send(%s) FROM sample.fact %s', rep, type, aggregate, grouped) AS whole,
	format('SELECT %s %s_send(%s) FROM sample.part %s', rep, type, aggregate, grouped) AS parts
FROM sample.way, (VALUES ('of all', '', ''), ('by rep', 'rep,', 'GROUP BY rep')) AS g (rows, rep, grouped)
UNION ALL
SELECT 'funnel_ratio, ' || rows,
	format('SELECT %s funnel_ratio(days < 100, won) FROM sample.fact %s', rep, grouped),
	format('SELECT %s funnel_ratio(days < 100, won) FROM sample.part %s', rep, grouped)
FROM (VALUES ('of all', '', ''), ('by rep', 'rep,', 'GROUP BY rep')) AS g (rows, rep, grouped)
UNION ALL
SELECT 'mart_cycles, ' || rows,
	format('SELECT %s mart_cycles(started, ended, won, ''{2024-01-01,NULL}'', ''{2024-07-01,2024-06-01}'') FROM sample.fact %s', rep, grouped),
	format('SELECT %s mart_cycles(started, ended, won, ''{2024-01-01,NULL}'', ''{2024-07-01,2024-06-01}'') FROM sample.part %s', rep, grouped)
FROM (VALUES ('of all', '', ''), ('by rep', 'rep,', 'GROUP BY rep')) AS g (rows, rep, grouped)
UNION ALL
SELECT format('rollup of %s, %s', way, rows),
	format('SELECT %s %s_send(rollup(x)) FROM sample.%I %s', rep, type, way, grouped), NULL
FROM sample.way, (VALUES ('of all', '', ''), ('by rep', 'rep,', 'GROUP BY rep')) AS g (rows, rep, grouped);

SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TEMPORARY TABLE serial AS
SELECT query, whole, parts, pg_temp.answer(whole) AS answer FROM query;

-- Two workers do it all, the leader only combines. To move rows is dear
SET LOCAL cpu_tuple_cost = 1;
SET LOCAL cpu_operator_cost = 1;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 1;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_leader_participation = off;
SELECT ok(
	pg_temp.nodes(whole) ~ 'Finalize.*Gather.*Partial' AND pg_temp.answer(whole) = answer,
	query || ': two workers')
FROM serial ORDER BY query;
SELECT matches(
	pg_temp.nodes('SELECT rep, weekly_agg(created_at, appointment_at, proposal_at, closed_at, won, amount, ''UTC'', NULL) FROM sample.fact GROUP BY rep',
		'ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF'),
	'Finalize.*Workers Launched: [12].*Partial', 'workers run');

-- Sorted groups, the leader takes part
SET LOCAL parallel_leader_participation = on;
SET LOCAL enable_hashagg = off;
SELECT ok(
	pg_temp.nodes(whole) ~ 'Finalize GroupAggregate.*Gather.*Partial GroupAggregate' AND pg_temp.answer(whole) = answer,
	query || ': sorted groups')
FROM serial WHERE query LIKE '%by rep' ORDER BY query;

-- Each partition by itself, one after the other and at once
RESET enable_hashagg;
SET LOCAL enable_partitionwise_aggregate = on;
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT ok(
	pg_temp.nodes(parts) ~ 'Finalize.*Append.*Partial.*part_0.*Partial.*part_4' AND pg_temp.answer(parts) = answer,
	query || ': partition-wise')
FROM serial WHERE parts IS NOT NULL ORDER BY query;
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT ok(
	pg_temp.nodes(parts) ~ 'Finalize.*Gather.*Partial.*part_' AND pg_temp.answer(parts) = answer,
	query || ': partition-wise by two workers')
FROM serial WHERE parts IS NOT NULL ORDER BY query;
SELECT is_empty(
	$$SELECT part_1 FROM (
		SELECT part AS part_1, weekly_agg(created_at, appointment_at, proposal_at, closed_at, won, amount, 'UTC', NULL) AS h1 FROM sample.part GROUP BY part
	) AS a FULL JOIN (
		SELECT CASE WHEN id = 1 THEN 3 WHEN id < 50 THEN 1 ELSE 2 END AS part_2, weekly_agg(created_at, appointment_at, proposal_at, closed_at, won, amount, 'UTC', NULL) AS h2
		FROM sample.fact GROUP BY part_2
	) AS b ON part_1 = part_2 WHERE h1 IS DISTINCT FROM h2$$,
	'a summary of each partition is that of its rows');

-- More groups than fit into memory
SET LOCAL work_mem = '64kB';
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL enable_sort = off;
SELECT is_empty(
	format('SELECT f.id FROM (SELECT id + 0 AS id, %1$s AS x FROM sample.fact GROUP BY id + 0) AS f, LATERAL (SELECT %1$s AS afresh FROM sample.fact AS one WHERE one.id = f.id) AS v WHERE %2$s_send(x) <> %2$s_send(afresh)', aggregate, type),
	way || ': groups on disk')
FROM sample.way ORDER BY way;
SELECT matches(
	pg_temp.nodes('SELECT cycle_agg(days, won) FROM sample.fact GROUP BY id + 0', 'ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF'),
	'HashAggregate.*Disk Usage', 'groups are on disk');

SELECT * FROM finish();
ROLLBACK;
