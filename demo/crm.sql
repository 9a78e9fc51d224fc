-- A small CRM, generated: 25 reps in 5 teams, two years up to Wednesday 24 June 2026, with the gaps and slips that
-- CRMs have. Every draw is a hash of what is drawn, not random(), whose algorithm may change: the rows are the same
-- on every server.

BEGIN;
CREATE SCHEMA crm;
SET LOCAL search_path = crm;
SET LOCAL TimeZone = 'Europe/Oslo';
SET LOCAL DateStyle = 'ISO, YMD';

CREATE TABLE team (
	team text PRIMARY KEY
);

CREATE TABLE rep (
	rep_id integer PRIMARY KEY,
	name text NOT NULL,
	team text NOT NULL REFERENCES team,
	peer_group text NOT NULL,
	hired_on date NOT NULL,
	left_on date
);

CREATE TABLE goal (
	rep_id integer REFERENCES rep,
	starts_on date,
	ends_on date NOT NULL,
	revenue numeric(12,2) NOT NULL,
	PRIMARY KEY (rep_id, starts_on)
);

CREATE TABLE opportunity (
	opportunity_id integer PRIMARY KEY,
	rep_id integer NOT NULL REFERENCES rep,
	created_at timestamptz NOT NULL,
	appointment_at timestamptz,
	proposal_at timestamptz,
	closed_at timestamptz,
	outcome text NOT NULL CHECK (outcome IN ('won', 'lost', 'open')),
	amount numeric(12,2),
	offering text NOT NULL
);

CREATE TABLE activity (
	rep_id integer NOT NULL REFERENCES rep,
	kind text NOT NULL CHECK (kind IN ('call', 'conversation', 'booked', 'appointment')),
	happened_at timestamptz NOT NULL,
	opportunity_id integer REFERENCES opportunity
);

-- What is drawn from

CREATE FUNCTION pg_temp.uniform(key text) RETURNS double precision
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN ('x' || left(encode(sha256(convert_to(key, 'UTF8')), 'hex'), 8))::bit(32)::bigint
		/ 4294967296::double precision;

CREATE FUNCTION pg_temp.normal(key text) RETURNS double precision
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN sqrt(-2 * ln(1 - pg_temp.uniform(key || ' r'))) * cos(2 * pi() * pg_temp.uniform(key || ' a'));

-- working days until the next step, at least one, around a median
CREATE FUNCTION pg_temp.wait(median double precision, key text) RETURNS integer
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN greatest(1, round(median * exp(0.6 * pg_temp.normal(key))));

-- the day on which so many working days after a Monday are over
CREATE FUNCTION pg_temp.workday(monday date, days integer) RETURNS date
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN monday + days / 5 * 7 + days % 5;

-- a time of a day in the office
CREATE FUNCTION pg_temp.office(day date, key text) RETURNS timestamptz
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN (day + time '08:00' + floor(pg_temp.uniform(key) * 540)::integer * interval '1 minute')::timestamptz;

-- Who sells, and how: opportunities a week, shares that pass each gateway, size of deal and length of cycle against
-- what is usual in the peer group
CREATE TEMP TABLE profile (
	rep_id integer, name text, team text, peer_group text, hired_on date, left_on date,
	pace numeric, appointment numeric, proposal numeric, closing numeric, size numeric, length numeric
);
INSERT INTO profile VALUES
	( 1, 'Ingrid Solli',    'Oslo',      'corporate',   '2019-08-05', NULL,         4.5, .78, .77, .71, 1.10, 1.00),
	( 2, 'Anders Haugen',   'Oslo',      'corporate',   '2021-01-11', NULL,         4.0, .74, .73, .52, 1.05, 1.10),
	( 3, 'Kari Nilsen',     'Oslo',      'corporate',   '2017-03-01', NULL,         3.7, .76, .80, .74, 1.15, 0.90),
	( 4, 'Thomas Berg',     'Oslo',      'corporate',   '2022-10-03', NULL,         4.3, .72, .71, .70, 0.60, 0.95),
	( 5, 'Emma Clarke',     'Oslo',      'corporate',   '2026-04-27', NULL,         4.0, .70, .70, .66, 0.90, 1.00),
	( 6, 'Lars Johansen',   'Bergen',    'corporate',   '2018-02-12', NULL,         3.4, .75, .74, .72, 1.00, 1.05),
	( 7, 'Silje Dahl',      'Bergen',    'corporate',   '2020-09-01', NULL,         4.9, .73, .55, .69, 1.00, 1.00),
	( 8, 'Henrik Moen',     'Bergen',    'corporate',   '2016-05-02', NULL,         3.8, .80, .78, .76, 1.20, 0.95),
	( 9, 'Marit Lund',      'Bergen',    'corporate',   '2023-04-11', NULL,         4.2, .74, .75, .68, 0.95, 1.10),
	(10, 'James Walker',    'Bergen',    'corporate',   '2021-06-14', NULL,         2.7, .71, .72, .73, 1.00, 1.00),
	(11, 'Nina Strand',     'Trondheim', 'small firms', '2019-01-07', NULL,         6.6, .76, .78, .73, 1.00, 0.55),
	(12, 'Erik Hansen',     'Trondheim', 'small firms', '2020-02-03', NULL,         6.0, .72, .73, .70, 1.05, 1.00),
	(13, 'Hanne Bakke',     'Trondheim', 'small firms', '2018-11-05', NULL,         5.4, .54, .75, .72, 1.10, 1.00),
	(14, 'Ole Kristiansen', 'Trondheim', 'small firms', '2022-03-14', NULL,         6.3, .73, .70, .71, 0.95, 1.05),
	(15, 'Sarah Mitchell',  'Trondheim', 'small firms', '2021-08-16', NULL,         5.8, .77, .79, .75, 1.00, 0.95),
	(16, 'Jonas Eriksen',   'Stavanger', 'small firms', '2017-10-02', NULL,         5.6, .74, .72, .56, 1.00, 1.10),
	(17, 'Astrid Holm',     'Stavanger', 'small firms', '2019-06-03', NULL,         6.9, .75, .76, .74, 0.95, 1.00),
	(18, 'Magnus Lie',      'Stavanger', 'small firms', '2020-01-13', '2026-01-30', 5.0, .70, .66, .62, 0.90, 1.15),
	(19, 'Turid Andersen',  'Stavanger', 'small firms', '2016-09-12', NULL,         5.1, .78, .80, .77, 1.15, 0.90),
	(20, 'Daniel Hughes',   'Stavanger', 'small firms', '2023-01-09', NULL,         5.9, .72, .71, .69, 1.00, 1.00),
	(21, 'Solveig Larsen',  'Tromsø',    'small firms', '2018-04-03', NULL,         6.2, .76, .74, .72, 1.05, 1.00),
	(22, 'Petter Olsen',    'Tromsø',    'small firms', '2021-11-01', NULL,         3.9, .73, .72, .71, 1.00, 1.05),
	(23, 'Camilla Vik',     'Tromsø',    'small firms', '2022-08-15', NULL,         5.7, .74, .57, .58, 0.95, 1.05),
	(24, 'Martin Jensen',   'Tromsø',    'small firms', '2019-10-07', NULL,         6.4, .75, .77, .73, 1.00, 0.95),
	(25, 'Laura Bennett',   'Tromsø',    'small firms', '2023-09-04', NULL,         5.5, .71, .73, .70, 0.95, 1.00);

INSERT INTO team SELECT DISTINCT team FROM profile ORDER BY team;
INSERT INTO rep SELECT rep_id, name, team, peer_group, hired_on, left_on FROM profile ORDER BY rep_id;

-- A goal a quarter, 3 % higher each time, the same for all peers and by the day for those who come or go
INSERT INTO goal
SELECT rep_id, starts_on, ends_on,
	round(CASE peer_group WHEN 'corporate' THEN 2100000 ELSE 1000000 END * 1.03 ^ number
		* (ends_on - starts_on + 1) / (quarter_end - quarter + 1), -3)
FROM profile,
	generate_series(0, 8) AS number,
	LATERAL (SELECT (date '2024-04-01' + number * interval '3 months')::date,
		(date '2024-06-30' + interval '1 day' + number * interval '3 months')::date - 1) AS q(quarter, quarter_end),
	LATERAL (SELECT greatest(quarter, hired_on), least(quarter_end, left_on)) AS g(starts_on, ends_on)
WHERE starts_on <= ends_on
ORDER BY rep_id, starts_on;

-- Opportunities: half as many again after two years, few in July and at Christmas
INSERT INTO opportunity
WITH week AS (
	SELECT p.*, monday::date,
		pace * (1 + (monday::date - date '2024-06-24') / 1460.0)
			* CASE WHEN extract(week FROM monday) IN (28, 29, 30, 52, 1) THEN 0.45 ELSE 1 END AS expected
	FROM profile AS p, generate_series(timestamp '2024-06-24', '2026-06-22', '1 week') AS monday
),
entry AS (
	SELECT w.*, format('%s/%s/%s', rep_id, monday, n) AS key,
		length * CASE peer_group WHEN 'corporate' THEN 1.5 ELSE 1 END AS slow
	FROM week AS w,
		LATERAL (SELECT pg_temp.normal(format('%s/%s', rep_id, monday))) AS d(deviation),
		LATERAL generate_series(1, round(expected + sqrt(expected) * deviation)::integer) AS n
),
-- one lost deal in twelve is never marked as lost
draw AS MATERIALIZED (
	SELECT *,
		pg_temp.uniform(key || ' appointment') < appointment AS agreed,
		pg_temp.uniform(key || ' proposal') < proposal AS advanced,
		pg_temp.uniform(key || ' closing') < closing AS bought,
		pg_temp.uniform(key || ' forgotten') < 1 / 12.0 AS forgotten,
		floor(pg_temp.uniform(key || ' day') * 5)::integer AS day,
		pg_temp.wait(4 * slow, key || ' to appointment') AS to_appointment,
		pg_temp.wait(6 * slow, key || ' to proposal') AS to_proposal,
		pg_temp.wait(11 * slow, key || ' to decision') AS to_decision
	FROM entry
),
fate AS (
	SELECT *,
		agreed AND advanced AND bought AS won,
		pg_temp.workday(monday, day) AS created_on,
		CASE WHEN agreed THEN pg_temp.workday(monday, day + to_appointment) END AS appointment_on,
		CASE WHEN agreed AND advanced THEN pg_temp.workday(monday, day + to_appointment + to_proposal) END
			AS proposal_on,
		pg_temp.workday(monday, day + to_appointment + CASE WHEN agreed THEN to_proposal ELSE 0 END
			+ CASE WHEN agreed AND advanced THEN to_decision ELSE 0 END) AS decided_on
	FROM draw
),
-- as it stands at the end, or on the rep's last day
known AS MATERIALIZED (
	SELECT *,
		CASE WHEN appointment_on <= last_day THEN pg_temp.office(appointment_on, key || ' appointment at') END
			AS appointment_at,
		CASE WHEN proposal_on <= last_day THEN pg_temp.office(proposal_on, key || ' proposal at') END
			AS proposal_at,
		CASE WHEN decided_on <= last_day AND (won OR NOT forgotten)
			THEN pg_temp.office(decided_on, key || ' closed at') END
			AS closed_at
	FROM fate, LATERAL (SELECT least(date '2026-06-23', left_on)) AS d(last_day)
	WHERE created_on BETWEEN hired_on AND last_day
)
SELECT row_number() OVER (ORDER BY created_on, key COLLATE "C"), rep_id,
	pg_temp.office(created_on, key || ' created at'), appointment_at, proposal_at, closed_at,
	CASE WHEN closed_at IS NULL THEN 'open' WHEN won THEN 'won' ELSE 'lost' END,
	round((CASE peer_group WHEN 'corporate' THEN 78000 ELSE 24000 END
		* size * exp(0.55 * pg_temp.normal(key || ' amount')))::numeric, -2),
	(ARRAY['basic', 'basic', 'plus', 'plus', 'plus', 'complete'])
		[1 + floor(pg_temp.uniform(key || ' offering') * 6)::integer]
FROM known
ORDER BY 1;

-- Dirt: proposals never recorded, amounts left out, times in the wrong order, a deal that says won and is not closed,
-- a time that never was
UPDATE opportunity SET proposal_at = NULL
	WHERE outcome = 'won' AND pg_temp.uniform('skipped ' || opportunity_id) < 0.03;
UPDATE opportunity SET amount = NULL
	WHERE pg_temp.uniform('amount ' || opportunity_id) < 0.01;
UPDATE opportunity SET appointment_at = proposal_at, proposal_at = appointment_at
	WHERE proposal_at IS NOT NULL AND pg_temp.uniform('order ' || opportunity_id) < 0.005;
UPDATE opportunity SET created_at = closed_at, closed_at = created_at
	WHERE closed_at IS NOT NULL AND pg_temp.uniform('created ' || opportunity_id) < 0.003;
UPDATE opportunity SET outcome = 'won' WHERE opportunity_id =
	(SELECT max(opportunity_id) FROM opportunity WHERE outcome = 'open' AND proposal_at IS NOT NULL);
UPDATE opportunity SET appointment_at = 'infinity' WHERE opportunity_id =
	(SELECT max(opportunity_id) FROM opportunity WHERE outcome = 'open' AND appointment_at IS NULL);

-- Activities: the calls and the conversation that led to each opportunity, its appointments, and calls that led nowhere
INSERT INTO activity
SELECT rep_id, kind, happened_at, opportunity_id
FROM opportunity,
	LATERAL (
		SELECT 'call', created_at - n * interval '1 day'
		FROM generate_series(0, floor(pg_temp.uniform('calls ' || opportunity_id) * 4)::integer) AS n
		UNION ALL VALUES ('conversation', created_at), ('booked', created_at), ('appointment', appointment_at)
		UNION ALL
		SELECT 'appointment', second_at
		FROM (SELECT appointment_at + (1 + floor(pg_temp.uniform('weeks to second ' || opportunity_id) * 2)) * interval '1 week') AS s(second_at)
		WHERE pg_temp.uniform('second ' || opportunity_id) < CASE WHEN proposal_at IS NULL THEN 0.3 ELSE 0.85 END
			AND (second_at < closed_at) IS NOT FALSE AND second_at < timestamptz '2026-06-24 00:00+02'
	) AS a(kind, happened_at)
WHERE isfinite(happened_at)
UNION ALL
SELECT rep_id, 'call', pg_temp.office(day::date, format('call %s/%s/%s', rep_id, day, n)), NULL
FROM profile,
	generate_series(timestamp '2024-06-24', '2026-06-23', '1 day') AS day,
	generate_series(1, floor(pg_temp.uniform(format('calls %s/%s', rep_id, day)) * pace)::integer) AS n
WHERE extract(isodow FROM day) < 6 AND day BETWEEN hired_on AND coalesce(left_on, 'infinity')
ORDER BY 1, 3, 2, 4;

ANALYZE team, rep, goal, opportunity, activity;
COMMIT;
