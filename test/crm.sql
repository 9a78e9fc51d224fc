-- The generated CRM of demo/crm.sql in the schema crm, made in the transaction of the test.
\set crm `sed -e '/^BEGIN;$/d' -e '/^COMMIT;$/d' demo/crm.sql`
:crm
SET LOCAL search_path = kpi, public;
SET LOCAL TimeZone = 'UTC';
