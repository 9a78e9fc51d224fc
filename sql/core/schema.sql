\echo Use "CREATE EXTENSION kpi" to load this file. \quit

CREATE SCHEMA kpi;
COMMENT ON SCHEMA kpi IS 'sales-process KPIs: summary types, their aggregates and functions';

-- The members of a trusted extension belong to the bootstrap superuser.
GRANT USAGE ON SCHEMA kpi TO PUBLIC;
