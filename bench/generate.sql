-- A made-up CRM table, the same on every run: nothing here is random(), all
-- comes from hashes of opportunity_id. psql variables, with defaults:
--	rows		opportunities (5000000)
--	reps		sales reps (500)
--	offerings	offerings (10)
--	spread		1 to make the table for the check of many groups too (0)
--
-- Opportunities are stored in the order of their creation, over the three
-- years from 2023, as a CRM stores them. About 90 % have an appointment and
-- 60 % a proposal; some are won, some lost, some open. About 3 % of the
-- proposals lack their appointment, 2 % of the won lack their proposal and
-- 1 % their amount; 2 % of the proposals precede the appointment and 0.5 %
-- of the closings the creation. What would lie after 2025 has not happened.

\if :{?rows} \else \set rows 5000000 \endif
\if :{?reps} \else \set reps 500 \endif
\if :{?offerings} \else \set offerings 10 \endif
\if :{?spread} \else \set spread 0 \endif

-- uniform on [0, 1)
CREATE FUNCTION pg_temp.u(id bigint, seed bigint) RETURNS double precision
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (hashint8extended(id, seed) & 9007199254740991) / 9007199254740992.0::double precision;

-- exponential, in days
CREATE FUNCTION pg_temp.days(id bigint, seed bigint, mean double precision) RETURNS interval
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN -ln(1 - pg_temp.u(id, seed)) * mean * interval '1 day';

CREATE UNLOGGED TABLE opportunity (
	opportunity_id bigint,
	rep_id integer,
	offering smallint,
	created_at timestamptz,
	appointment_at timestamptz,
	proposal_at timestamptz,
	closed_at timestamptz,
	won boolean,
	amount numeric(12,2)
);

INSERT INTO opportunity
WITH created AS (
	SELECT id,
		   timestamptz '2023-01-01 00:00+00'
		   + interval '1 second' * (94694400.0 * (id - 1) / :rows)
		   + pg_temp.days(id, 1, 0.2) AS created_at
	  FROM generate_series(1, :rows) AS id
), met AS (
	SELECT id, created_at,
		   pg_temp.u(id, 2) < 0.9 AS has_appointment,
		   created_at + pg_temp.days(id, 3, 10) AS appointment_at
	  FROM created
), proposed AS (
	SELECT *,
		   has_appointment AND pg_temp.u(id, 4) < 0.667 AS has_proposal,
		   CASE WHEN pg_temp.u(id, 5) < 0.02
				THEN appointment_at - interval '3 days'
				ELSE appointment_at + pg_temp.days(id, 6, 14)
		   END AS proposal_at
	  FROM met
), closed AS (
	SELECT *,
		   CASE WHEN has_proposal AND pg_temp.u(id, 7) < 0.40 THEN true
				WHEN pg_temp.u(id, 7) < 0.85 THEN false
		   END AS won,
		   CASE WHEN pg_temp.u(id, 8) < 0.005
				THEN created_at - interval '36 hours'
				ELSE CASE WHEN has_proposal THEN proposal_at
						  WHEN has_appointment THEN appointment_at
						  ELSE created_at
					 END + pg_temp.days(id, 9, 30)
		   END AS closed_at
	  FROM proposed
), happened AS (
	SELECT *, closed_at < '2026-01-01 00:00+00' AND won IS NOT NULL AS is_closed
	  FROM closed
)
SELECT id,
	   1 + floor(:reps * pg_temp.u(id, 10)),
	   1 + floor(:offerings * pg_temp.u(id, 11)),
	   created_at,
	   CASE WHEN has_appointment AND appointment_at < '2026-01-01 00:00+00'
			 AND NOT (has_proposal AND pg_temp.u(id, 12) < 0.03)
			THEN appointment_at
	   END,
	   CASE WHEN has_proposal AND proposal_at < '2026-01-01 00:00+00'
			 AND NOT (won IS TRUE AND pg_temp.u(id, 13) < 0.02)
			THEN proposal_at
	   END,
	   CASE WHEN is_closed THEN closed_at END,
	   CASE WHEN is_closed THEN won END,
	   CASE WHEN is_closed AND won AND pg_temp.u(id, 14) >= 0.01
			THEN exp(6.5 + 2.5 * (pg_temp.u(id, 15) + pg_temp.u(id, 16)) / 2)
	   END
  FROM happened;

VACUUM ANALYZE opportunity;

\if :spread
-- The same rows over many groups: rows ÷ 500, rows ÷ 50 and rows ÷ 5.
CREATE UNLOGGED TABLE spread AS
SELECT opportunity_id, rep_id,
	   floor(:rows / 500 * pg_temp.u(opportunity_id, 17))::integer AS few,
	   floor(:rows / 50 * pg_temp.u(opportunity_id, 18))::integer AS more,
	   floor(:rows / 5 * pg_temp.u(opportunity_id, 19))::integer AS many,
	   created_at, appointment_at, proposal_at, closed_at, won, amount
  FROM opportunity;

VACUUM ANALYZE spread;
\endif
