-- Loads the reference data that lies beside the project. Where there is none,
-- :shared is false and the test says so instead.
\set shared `test -r ../shared/data/load.sql && echo true || echo false`
\if :shared
	\set root `pwd`
	\cd ../shared/data
	\i load.sql
	\cd :root
\endif
