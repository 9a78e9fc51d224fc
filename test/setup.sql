-- What every test begins with, under pg_regress and pg_prove alike.
\set QUIET 1
\set ON_ERROR_STOP 1
\set ON_ERROR_ROLLBACK 1
\pset format unaligned
\pset tuples_only true
\pset fieldsep '\n'
\pset pager off
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS kpi;
SET search_path = kpi, public;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
BEGIN;
