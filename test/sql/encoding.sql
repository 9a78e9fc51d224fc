\set ECHO none
\set QUIET 1
\set regression :DBNAME
SET client_min_messages = warning;
DROP DATABASE IF EXISTS kpi_latin1;
DROP DATABASE IF EXISTS kpi_sql_ascii;
DROP DATABASE IF EXISTS kpi_latin2;
-- kpi_latin1 has the letters of Norwegian, kpi_sql_ascii takes bytes as they come, kpi_latin2 has other letters.
CREATE DATABASE kpi_latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0;
CREATE DATABASE kpi_sql_ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0;
CREATE DATABASE kpi_latin2 ENCODING 'LATIN2' LOCALE 'C' TEMPLATE template0;

\c kpi_latin1
\i test/setup.sql
\i test/mart.sql
SELECT plan(6);
SELECT kpi.create_mart('sales', options => '{"locale": "nb"}') \g /dev/null
SELECT is(left(advice, 54), U&'Bli enige internt om hva neste steg etter et f\00F8rste m\00F8', 'LATIN1: advice in Norwegian')
FROM sales.playbook WHERE kpi = 'proposal_ratio' AND comparison = 'value' AND locale = 'nb' AND place = 1;
SELECT is(octet_length(advice), length(advice), 'each letter is one byte') FROM sales.playbook WHERE locale = 'nb' AND advice ~ U&'\00F8' LIMIT 1;
SELECT is(name, U&'M\00E5loppn\00E5else', 'so are the names of KPIs') FROM sales.kpi_definition WHERE kpi = 'attainment';
SELECT ok(body ~ U&'m\00E5let', 'and the sentences of signals') FROM kpi.template WHERE relation = 'signal';
SELECT is(gauge(0.5, 10), '#####.....', 'a bar is of ASCII');
SELECT is(sparkline(ARRAY[1, 2, 3]), '_+@', 'and so is a line');
SELECT * FROM finish();
ROLLBACK;

\c kpi_sql_ascii
\i test/setup.sql
\i test/mart.sql
SELECT plan(3);
SELECT kpi.create_mart('sales', options => '{"locale": "nb"}') \g /dev/null
SELECT is(encode(substring(advice::bytea FROM 46 FOR 6), 'hex'), '66c3b8727374', 'SQL_ASCII: the bytes are those of UTF-8')
FROM sales.playbook WHERE kpi = 'proposal_ratio' AND comparison = 'value' AND locale = 'nb' AND place = 1;
SELECT is(gauge(0.5, 10), '#####.....', 'a bar is of ASCII');
SELECT is(sparkline(ARRAY[1, 2, 3]), '_+@', 'and so is a line');
SELECT * FROM finish();
ROLLBACK;

\c kpi_latin2
\set ON_ERROR_ROLLBACK 1
\pset format unaligned
\pset tuples_only true
SET client_min_messages = warning;
BEGIN;
CREATE EXTENSION pgtap;
SELECT plan(1);
SELECT throws_ok('CREATE EXTENSION kpi', '22P05', NULL, 'LATIN2, which has not all letters: an error, and nothing is made');
SELECT * FROM finish();
ROLLBACK;

\c :regression
SET client_min_messages = warning;
DROP DATABASE kpi_latin1;
DROP DATABASE kpi_sql_ascii;
DROP DATABASE kpi_latin2;
