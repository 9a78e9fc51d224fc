\set ECHO none
\i test/setup.sql
\i test/shared.sql
\if :shared
\i test/oracle.sql
SELECT plan(9);

-- A bank's loan applications read as a sales process, by class of amount
CREATE TEMPORARY TABLE loan AS
SELECT case_id, width_bucket(amount_req, 0, 50000, 10) AS class, amount_req,
	min(ts) FILTER (WHERE activity = 'A_SUBMITTED') AS created_at,
	min(ts) FILTER (WHERE activity = 'A_PREACCEPTED') AS appointment_at,
	min(ts) FILTER (WHERE activity = 'O_SENT') AS proposal_at,
	min(ts) FILTER (WHERE activity IN ('A_APPROVED', 'A_DECLINED', 'A_CANCELLED')) AS closed_at,
	bool_or(activity = 'A_APPROVED') FILTER (WHERE activity IN ('A_APPROVED', 'A_DECLINED', 'A_CANCELLED')) AS won
FROM bpi2012.cases JOIN bpi2012.events USING (case_id)
GROUP BY case_id, amount_req;

SELECT is(count(*), 0::bigint, 'BPI holds no skipped and no disordered milestone')
FROM loan
WHERE NOT coalesce(created_at <= appointment_at AND appointment_at <= proposal_at AND proposal_at <= closed_at,
	proposal_at IS NULL OR closed_at IS NULL)
	OR won AND num_nulls(appointment_at, proposal_at) > 0
	OR proposal_at IS NOT NULL AND appointment_at IS NULL;

-- The whole is group 0, the classes of amount are the others
INSERT INTO oracle.opportunity
SELECT grp, created_at, appointment_at, proposal_at, closed_at, won, amount_req
FROM loan, LATERAL (VALUES (0), (class)) AS v (grp);

-- A copy with planted disorder: the whole is group 100
INSERT INTO oracle.opportunity
SELECT grp,
	CASE case_id % 31 WHEN 0 THEN NULL WHEN 1 THEN closed_at + interval '1 day' WHEN 2 THEN '-infinity' ELSE created_at END,
	CASE case_id % 7 WHEN 0 THEN NULL WHEN 1 THEN closed_at WHEN 2 THEN proposal_at + interval '36 hours' ELSE appointment_at END,
	CASE case_id % 11 WHEN 0 THEN NULL WHEN 1 THEN created_at WHEN 2 THEN closed_at + interval '90 days' WHEN 3 THEN created_at - interval '8 days' ELSE proposal_at END,
	CASE case_id % 29 WHEN 0 THEN NULL WHEN 1 THEN 'infinity' WHEN 2 THEN created_at - interval '400 days' ELSE closed_at END,
	CASE case_id % 23 WHEN 0 THEN NULL ELSE won END,
	CASE case_id % 19 WHEN 0 THEN NULL WHEN 1 THEN -amount_req ELSE amount_req / 7 END
FROM loan, LATERAL (VALUES (100), (100 + class)) AS v (grp);

INSERT INTO oracle.reading
SELECT format('%s as of %s: %s', time_zone, coalesce(as_of::text, 'ever'), gateways), *
FROM (VALUES
	('Europe/Amsterdam', NULL::timestamptz, '{appointment,proposal,closing}'::text[]),
	('UTC', NULL, '{appointment,proposal,closing}'),
	('Europe/Amsterdam', '2012-01-31 12:00Z', '{appointment,proposal,closing}'),
	('Europe/Amsterdam', NULL, '{proposal,closing}'),
	('Europe/Amsterdam', NULL, '{closing}'),
	('Asia/Kathmandu', '2012-01-01 00:00Z', '{appointment,closing}')
) AS v (time_zone, as_of, gateways);

CREATE TEMPORARY TABLE difference AS SELECT * FROM oracle.week_difference();
SELECT cmp_ok(count(*), '>', 50000::bigint, 'the groups hold each loan four times') FROM oracle.opportunity;
SELECT is(count(d.reading), 0::bigint, r.reading)
FROM oracle.reading AS r LEFT JOIN difference AS d USING (reading)
GROUP BY r.reading ORDER BY r.reading;
SELECT is_empty('SELECT * FROM difference ORDER BY reading, grp, week, month, by LIMIT 10', 'weekly_agg is as defined');

\else
SELECT plan(1);
SELECT skip('the reference data ../shared is not there', 1);
\endif
SELECT * FROM finish();
ROLLBACK;
