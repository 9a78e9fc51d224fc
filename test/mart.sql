-- A small CRM in schema crm, and schema sales with what a mart is made of. Every value is reckoned from the row's number.
CREATE SCHEMA crm;

CREATE TABLE crm.rep AS
SELECT n AS rep_id, 'Rep ' || n AS rep_name, 'Team ' || n % 3 AS team, 'field' AS peer_group,
	date '2023-01-02' + n * 30 AS hired_on, CASE WHEN n = 9 THEN date '2024-05-31' END AS left_on
FROM generate_series(1, 9) AS n;
ALTER TABLE crm.rep ADD PRIMARY KEY (rep_id);

CREATE TABLE crm.opportunity AS
SELECT n AS opportunity_id, n * 7919 % 9 + 1 AS rep_id, created_at, appointment_at, proposal_at, closed_at,
	CASE WHEN closed_at IS NULL THEN 'open' WHEN n * 31 % 10 < 4 AND proposal_at IS NOT NULL THEN 'won' ELSE 'lost' END AS outcome,
	(1000 + n * 7907 % 9000)::numeric(12,2) AS amount,
	(ARRAY['Standard', 'Premium'])[n % 2 + 1] AS offering,
	(ARRAY['North', 'South', NULL])[n % 3 + 1] AS region
FROM (
	SELECT n, created_at, created_at + interval '5 days' AS appointment_at,
		CASE WHEN n * 17 % 10 < 7 THEN created_at + interval '12 days' END AS proposal_at,
		CASE WHEN n * 13 % 10 < 9 AND created_at < '2024-05-20' THEN created_at + (15 + n * 101 % 40) * interval '1 day' END AS closed_at
	FROM (SELECT n, timestamptz '2023-07-03 08:00Z' + n * 7919 % 8600 * interval '1 hour' AS created_at FROM generate_series(1, 700) AS n) AS o
) AS o;
ALTER TABLE crm.opportunity ADD PRIMARY KEY (opportunity_id);

CREATE TABLE crm.goal AS
SELECT rep_id, date '2024-04-01' AS starts_on, date '2024-06-30' AS ends_on, 60000.00 AS revenue FROM crm.rep;

CREATE TABLE crm.activity AS
SELECT rep_id, kind, created_at - ago * interval '1 day' AS happened_at, opportunity_id
FROM crm.opportunity, (VALUES ('call', 9), ('conversation', 7), ('booked', 5), ('appointment', 0)) AS k(kind, ago);

ANALYZE crm.rep, crm.opportunity, crm.goal, crm.activity;

CREATE SCHEMA sales;
CREATE VIEW sales.opportunity AS
SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount, offering, region FROM crm.opportunity;
CREATE VIEW sales.rep AS SELECT * FROM crm.rep;
