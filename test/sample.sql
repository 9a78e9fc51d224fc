-- Rows to summarize, with all that may be unknown, and every way to do it.
CREATE SCHEMA sample;

SELECT setseed(0.18);
CREATE TABLE sample.fact AS
SELECT id, id % 13 AS rep, created_at,
	CASE WHEN random() < 0.8 THEN created_at + random() * interval '20 days' END AS appointment_at,
	CASE WHEN random() < 0.5 THEN created_at + random() * interval '60 days' END AS proposal_at,
	closed_at, won,
	CASE WHEN random() < 0.9 THEN round((random() * 20000 - 1000)::numeric, id % 5) END AS amount,
	created_at::date AS started, closed_at::date AS ended, closed_at::date - created_at::date AS days,
	CASE WHEN random() < 0.9 THEN floor(random() * 6)::integer END AS level,
	ARRAY[random() < 0.9, random() < 0.5, NULLIF(random() < 0.4, false), random() < 0.2, random() < 0.1] AS reached,
	CASE WHEN id % 11 > 0 THEN least(id * 7919 % 1300 / 1000.0, 1)::double precision END AS probability
FROM (
	SELECT id, created_at, CASE WHEN random() < 0.7 THEN created_at + random() * interval '200 days' END AS closed_at,
		CASE WHEN random() < 0.9 THEN random() < 0.4 END AS won
	FROM (SELECT id, '2023-10-01 00:00Z'::timestamptz + random() * interval '1 year' AS created_at FROM generate_series(1, 1500) AS id) AS v
) AS v;
ALTER TABLE sample.fact ADD PRIMARY KEY (id);

CREATE TABLE sample.way (way text, type text, aggregate text);
INSERT INTO sample.way VALUES
	('rate_agg', 'rate', 'rate_agg(won)'),
	('sales_agg of numeric', 'sales', 'sales_agg(amount)'),
	('sales_agg of double precision', 'sales', 'sales_agg(amount::double precision)'),
	('sales_agg of bigint', 'sales', 'sales_agg(amount::bigint)'),
	('forecast_agg of numeric', 'forecast', 'forecast_agg(amount, probability)'),
	('forecast_agg of double precision', 'forecast', 'forecast_agg(amount::double precision, probability)'),
	('cycle_agg of days', 'cycle', 'cycle_agg(days, won)'),
	('cycle_agg in a window', 'cycle', 'cycle_agg(started, ended, won, ''2024-01-01'', ''2024-07-01'')'),
	('weekly_agg', 'history',
		'weekly_agg(created_at, appointment_at, proposal_at, closed_at, won, amount, ''Europe/Oslo'', NULL)'),
	('weekly_agg of two gateways', 'history',
		'weekly_agg(created_at, appointment_at, proposal_at, closed_at, won, amount, ''America/New_York'', ''2024-06-01 12:00Z'', ARRAY[''proposal'', ''closing''])'),
	('funnel_agg of levels', 'funnel', 'funnel_agg(level, 5)'),
	('funnel_agg of flags', 'funnel', 'funnel_agg(VARIADIC reached)');
