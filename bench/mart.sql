-- A new mart over the table opportunity, with the indexes that a CRM has. psql variable: reps.

CREATE UNIQUE INDEX IF NOT EXISTS opportunity_id ON opportunity (opportunity_id);
CREATE INDEX IF NOT EXISTS opportunity_rep ON opportunity (rep_id);
ANALYZE opportunity;

DROP SCHEMA IF EXISTS mart CASCADE;
CREATE SCHEMA mart;
CREATE VIEW mart.opportunity AS
SELECT opportunity_id, rep_id, offering::text AS offering, created_at, appointment_at, proposal_at, closed_at,
	CASE WHEN closed_at IS NULL THEN 'open' WHEN won THEN 'won' ELSE 'lost' END AS outcome, amount
FROM public.opportunity;
CREATE TABLE mart.rep AS
SELECT n AS rep_id, 'Rep ' || n AS rep_name, 'Team ' || n / 10 AS team, 'Group ' || n % 10 AS peer_group FROM generate_series(1, :reps) AS n;
SELECT kpi.create_mart('mart', options => '{"time_zone": "Europe/Oslo", "as_of": "2025-12-31 12:00Z"}') \g /dev/null
INSERT INTO mart.goal SELECT rep_id, '2025-10-01', '2025-12-31', 100000 FROM mart.rep;
ANALYZE mart.rep, mart.goal;
