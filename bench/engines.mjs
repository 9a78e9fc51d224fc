// bench/engines.mjs: DuckDB and ClickHouse for bench/run, each with the opportunity table in a store of its own, made
// in the current folder from opportunity.csv. The first line written tells their versions. Then each line read is
//	ENGINE THREADS [FILE]
// and is answered with the milliseconds that the query in query.sql took; its rows go to FILE as CSV, or nowhere.

import { readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { DuckDBInstance } from '@duckdb/node-api'
import { Session } from 'chdb'

const database = await DuckDBInstance.create('opportunity.duckdb', {
	autoinstall_known_extensions: 'false',
	autoload_known_extensions: 'false',
})
const duckdb = await database.connect()
await duckdb.run(`CREATE TABLE opportunity (
	opportunity_id bigint,
	rep_id integer,
	offering smallint,
	created_at timestamptz,
	appointment_at timestamptz,
	proposal_at timestamptz,
	closed_at timestamptz,
	won boolean,
	amount decimal(12,2)
)`)
await duckdb.run(`COPY opportunity FROM 'opportunity.csv' (HEADER, NULL '\\N')`)
await duckdb.run('CHECKPOINT')

// What is never NULL is not Nullable, which is what ClickHouse is fastest with.
const clickhouse = new Session('./clickhouse')
clickhouse.query(`CREATE TABLE opportunity (
	opportunity_id Int64,
	rep_id Int32,
	offering Int16,
	created_at DateTime64(6, 'UTC'),
	appointment_at Nullable(DateTime64(6, 'UTC')),
	proposal_at Nullable(DateTime64(6, 'UTC')),
	closed_at Nullable(DateTime64(6, 'UTC')),
	won Nullable(Bool),
	amount Nullable(Decimal(12, 2))
) ENGINE = MergeTree ORDER BY opportunity_id`)
clickhouse.query(`INSERT INTO opportunity SELECT * FROM file('${process.cwd()}/opportunity.csv', CSVWithNames)
	SETTINGS date_time_input_format = 'best_effort'`)
clickhouse.query('OPTIMIZE TABLE opportunity FINAL')

const engines = {
	async duckdb(sql, threads, file) {
		await duckdb.run(`SET threads = ${threads}`)
		await duckdb.run(file ? `COPY (${sql}) TO '${file}' (HEADER)` : sql)
	},
	clickhouse(sql, threads, file) {
		const rows = clickhouse.query(`${sql} SETTINGS max_threads = ${threads}`, file ? 'CSVWithNames' : 'Null')
		if (file) writeFileSync(file, rows)
	},
}

const [[version]] = (await duckdb.runAndReadAll('SELECT version()')).getRows()
console.log(`DuckDB ${version}, ClickHouse ${clickhouse.query('SELECT version()', 'TSV').trim()}`)

for await (const line of createInterface({ input: process.stdin })) {
	const [engine, threads, file] = line.split(' ')
	const sql = readFileSync('query.sql', 'utf8')
	const start = performance.now()
	await engines[engine](sql, threads, file)
	console.log((performance.now() - start).toFixed(3))
}
