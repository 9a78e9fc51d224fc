-- Compares what the mart :mart tells of cohorts, funnels, losses, offerings and weeks, row by row, with what it is defined
-- to be, in plain SQL over what the mart was given; :label is what the tests are called. Slow and plain on purpose. 10
-- tests.
SET search_path = :mart, kpi, public;

CREATE TEMPORARY TABLE moment AS
SELECT refreshed_as_of AS known_at, time_zone, (refreshed_as_of AT TIME ZONE time_zone)::date AS today,
	date_trunc('week', refreshed_as_of AT TIME ZONE time_zone)::date AS monday, trailing_weeks * 7 AS trailing_days,
	cycle_horizon_days AS horizon, confidence, kinds, gateways,
	'appointment' = ANY (gateways) AS has_appointment, 'proposal' = ANY (gateways) AS has_proposal
FROM config;

-- The opportunities that count, and the milestones that each has reached, numbered: who has one has passed all up to it
CREATE TEMPORARY TABLE entry AS
SELECT row_number() OVER () AS id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount::numeric AS amount,
	coalesce(to_jsonb(o) ->> 'offering', '') AS offering, coalesce(to_jsonb(o) ->> 'lost_reason', '') AS lost_reason
FROM opportunity AS o, moment
WHERE outcome IS DISTINCT FROM 'void' AND coalesce(to_jsonb(o) ->> 'kind', 'new') = ANY (kinds) AND rep_id IN (SELECT rep_id FROM rep);

CREATE TEMPORARY TABLE milestone AS
SELECT id, place, at
FROM entry, moment, LATERAL (VALUES
	(1, 'appointment', appointment_at), (2, 'proposal', proposal_at), (3, 'closing', CASE WHEN outcome = 'won' THEN closed_at END)
) AS m(place, gateway, at)
WHERE isfinite(at) AND at <= known_at AND gateway = ANY (gateways);
CREATE INDEX ON milestone (id);

CREATE TEMPORARY TABLE seen AS
SELECT e.*,
	CASE WHEN isfinite(created_at) AND created_at <= known_at THEN (created_at AT TIME ZONE time_zone)::date END AS entered_on,
	CASE WHEN isfinite(closed_at) AND closed_at <= known_at AND outcome = 'lost' THEN (closed_at AT TIME ZONE time_zone)::date END AS lost_on,
	coalesce((SELECT max(place) FROM milestone AS m WHERE m.id = e.id), 0) AS furthest
FROM entry AS e, moment;

-- Each decision at a gateway: passed at its own time or else the earliest later one, failed at the first not passed
CREATE TEMPORARY TABLE decision AS
WITH gateway AS (
	SELECT g.gateway, g.place
	FROM unnest(ARRAY['appointment', 'proposal', 'closing']) WITH ORDINALITY AS g(gateway, place), moment
	WHERE g.gateway = ANY (gateways)
)
SELECT s.id, gateway, place, true AS passed,
	(coalesce((SELECT at FROM milestone AS m WHERE m.id = s.id AND m.place = g.place), (SELECT min(at) FROM milestone AS m WHERE m.id = s.id AND m.place > g.place))
		AT TIME ZONE time_zone)::date AS decided_on
FROM seen AS s JOIN gateway AS g ON place <= furthest, moment
UNION ALL
SELECT id, gateway, place, false, lost_on
FROM seen AS s CROSS JOIN LATERAL (SELECT * FROM gateway WHERE place > furthest ORDER BY place LIMIT 1) AS g
WHERE lost_on IS NOT NULL;
CREATE INDEX ON decision (id);

CREATE TEMPORARY TABLE member AS
SELECT level, subject, rep_id
FROM rep, LATERAL (VALUES ('rep', rep_id::text), ('team', team), ('company', '')) AS l(level, subject)
WHERE level <> 'team' OR subject <> '';

CREATE TEMPORARY TABLE expected_cohort_weekly AS
SELECT rep_id, date_trunc('week', entered_on)::date AS week, date_trunc('month', entered_on)::date AS month,
	count(*) AS entered,
	sum((SELECT count(*) FROM decision AS d WHERE d.id = s.id AND gateway = 'appointment' AND passed))::bigint AS appointment_passed,
	sum((SELECT count(*) FROM decision AS d WHERE d.id = s.id AND gateway = 'appointment'))::bigint AS appointment_decided,
	sum((SELECT count(*) FROM decision AS d WHERE d.id = s.id AND gateway = 'proposal' AND passed))::bigint AS proposal_passed,
	sum((SELECT count(*) FROM decision AS d WHERE d.id = s.id AND gateway = 'proposal'))::bigint AS proposal_decided,
	count(*) FILTER (WHERE furthest = 3) AS closing_passed,
	sum((SELECT count(*) FROM decision AS d WHERE d.id = s.id AND gateway = 'closing'))::bigint AS closing_decided,
	count(lost_on) AS losses,
	count(*) FILTER (WHERE furthest < 3 AND lost_on IS NULL) AS pending,
	count(amount) FILTER (WHERE furthest = 3) AS sales_count,
	coalesce(sum(amount), 0)::numeric(18,2) AS entered_amount,
	coalesce(sum(amount) FILTER (WHERE EXISTS (SELECT FROM decision AS d WHERE d.id = s.id AND gateway = 'appointment' AND passed)), 0)::numeric(18,2) AS appointment_amount,
	coalesce(sum(amount) FILTER (WHERE EXISTS (SELECT FROM decision AS d WHERE d.id = s.id AND gateway = 'proposal' AND passed)), 0)::numeric(18,2) AS proposal_amount,
	coalesce(sum(amount) FILTER (WHERE furthest = 3), 0)::numeric(18,2) AS revenue
FROM seen AS s
WHERE entered_on IS NOT NULL
GROUP BY rep_id, 2, 3;

SELECT is_empty('(TABLE cohort_weekly EXCEPT ALL TABLE expected_cohort_weekly) UNION ALL (TABLE expected_cohort_weekly EXCEPT ALL TABLE cohort_weekly)',
	:'label' || ': cohort_weekly is as defined');

CREATE TEMPORARY TABLE expected_cohort AS
SELECT level, subject, week, entered, appointment_passed, proposal_passed, closing_passed, losses, pending, sales_count, revenue, mature,
	CASE WHEN mature AND has_appointment THEN round(appointment_passed::numeric / entered, 6) END AS appointment_of_first,
	CASE WHEN mature AND has_proposal THEN round(proposal_passed::numeric / entered, 6) END AS proposal_of_first,
	CASE WHEN mature AND has_proposal THEN round(proposal_passed::numeric / nullif(before_proposal, 0), 6) END AS proposal_of_previous,
	CASE WHEN mature THEN round(closing_passed::numeric / entered, 6) END AS won_of_first,
	CASE WHEN mature THEN round(closing_passed::numeric / nullif(before_closing, 0), 6) END AS won_of_previous
FROM (
	SELECT c.*, has_appointment, has_proposal, week + 7 <= today AND (week + 7 + horizon <= today OR pending = 0) AS mature,
		CASE WHEN has_appointment THEN appointment_passed ELSE entered END AS before_proposal,
		CASE WHEN has_proposal THEN proposal_passed WHEN has_appointment THEN appointment_passed ELSE entered END AS before_closing
	FROM (
		SELECT level, subject, date_trunc('week', entered_on)::date AS week, count(*) AS entered,
			count(*) FILTER (WHERE furthest >= 1 AND has_appointment) AS appointment_passed,
			count(*) FILTER (WHERE furthest >= 2 AND has_proposal) AS proposal_passed,
			count(*) FILTER (WHERE furthest = 3) AS closing_passed, count(lost_on) AS losses,
			count(*) FILTER (WHERE furthest < 3 AND lost_on IS NULL) AS pending,
			count(amount) FILTER (WHERE furthest = 3) AS sales_count,
			coalesce(sum(amount) FILTER (WHERE furthest = 3), 0)::numeric(18,2) AS revenue
		FROM seen JOIN member USING (rep_id), moment
		WHERE entered_on IS NOT NULL
		GROUP BY 1, 2, 3
	) AS c, moment
) AS c;
CREATE TEMPORARY VIEW actual_cohort AS
SELECT level, subject, week, entered, appointment_passed, proposal_passed, closing_passed, losses, pending, sales_count, revenue, mature,
	appointment_of_first, proposal_of_first, proposal_of_previous, won_of_first, won_of_previous
FROM cohort;

SELECT is_empty('(TABLE actual_cohort EXCEPT ALL TABLE expected_cohort) UNION ALL (TABLE expected_cohort EXCEPT ALL TABLE actual_cohort)',
	:'label' || ': cohort is as defined');

CREATE TEMPORARY TABLE expected_funnel AS
WITH span AS (
	SELECT s.*
	FROM moment, LATERAL (SELECT date_trunc('week', (today - horizon)::timestamp)::date) AS m(followed),
		LATERAL (VALUES ('trailing', monday - trailing_days, monday), ('year', monday - 364, monday), ('mature', followed - 364, followed))
			AS s(span, entry_from, entry_until)
),
step AS (
	SELECT s.*
	FROM moment, LATERAL (VALUES (1, 'created', true), (2, 'appointment', has_appointment), (3, 'proposal', has_proposal), (4, 'won', true))
		AS s(step, step_name, present)
	WHERE present
),
counted AS (
	SELECT level, subject, span, entry_from, entry_until, step, step_name,
		count(*) FILTER (WHERE furthest >= step - 1) AS reached,
		coalesce(sum(amount) FILTER (WHERE furthest >= step - 1), 0)::numeric(18,2) AS reached_amount,
		count(*) FILTER (WHERE EXISTS (SELECT FROM decision AS d WHERE d.id = s.id AND NOT passed AND place = step - 1)) AS dropped_lost,
		count(id) FILTER (WHERE furthest < 3 AND lost_on IS NULL) AS pending
	FROM member CROSS JOIN span CROSS JOIN step
	LEFT JOIN seen AS s ON s.rep_id = member.rep_id AND entered_on >= entry_from AND entered_on < entry_until
	GROUP BY 1, 2, 3, 4, 5, 6, 7
)
SELECT level, subject, span, entry_from, entry_until, step, step_name, reached, reached_amount, entered, previous_reached,
	round(reached::numeric / nullif(entered, 0), 6) AS of_first, round(reached::numeric / nullif(previous_reached, 0), 6) AS of_previous,
	previous_reached - reached AS dropped, CASE WHEN step > 1 THEN dropped_lost END AS dropped_lost, previous_reached - reached - dropped_lost AS dropped_pending,
	today - entry_until >= horizon OR pending = 0 AS mature
FROM (
	SELECT c.*, first_value(reached) OVER steps AS entered, lag(reached) OVER steps AS previous_reached
	FROM counted AS c
	WINDOW steps AS (PARTITION BY level, subject, span ORDER BY step)
) AS c, moment;
CREATE TEMPORARY VIEW actual_funnel AS
SELECT level, subject, span, entry_from, entry_until, step, step_name, reached, reached_amount, entered, previous_reached, of_first, of_previous,
	dropped, dropped_lost, dropped_pending, mature
FROM funnel;

SELECT is_empty('(TABLE actual_funnel EXCEPT ALL TABLE expected_funnel) UNION ALL (TABLE expected_funnel EXCEPT ALL TABLE actual_funnel)',
	:'label' || ': funnel is as defined');
SELECT is_empty($$
	SELECT rep_id, rep_name, team FROM (SELECT level, subject, rep_id, rep_name, team FROM cohort UNION SELECT level, subject, rep_id, rep_name, team FROM funnel) AS f
		WHERE level = 'rep'
	EXCEPT SELECT rep_id, rep_name, team FROM rep
	UNION ALL
	SELECT rep_id, rep_name, team FROM (SELECT level, subject, rep_id, rep_name, team FROM cohort UNION SELECT level, subject, rep_id, rep_name, team FROM funnel) AS f
		WHERE level <> 'rep' AND (num_nonnulls(rep_id, rep_name) > 0 OR coalesce(team, '') <> subject)$$,
	:'label' || ': each row of a rep names the rep, each of a team the team');

CREATE TEMPORARY TABLE expected_loss AS
SELECT offering, gateway, CASE WHEN outcome = 'lost' THEN lost_reason END AS lost_reason, date_trunc('week', lost_on)::date AS week, date_trunc('month', lost_on)::date AS month,
	count(*) AS losses, coalesce(sum(amount), 0)::numeric(18,2) AS lost_amount, count(amount) AS lost_with_amount
FROM seen JOIN decision USING (id)
WHERE NOT passed
GROUP BY 1, 2, 3, 4, 5;

SELECT is_empty('(TABLE loss_weekly EXCEPT ALL TABLE expected_loss) UNION ALL (TABLE expected_loss EXCEPT ALL TABLE loss_weekly)',
	:'label' || ': loss_weekly is as defined');
CREATE TEMPORARY TABLE expected_loss_monthly AS
SELECT offering, gateway, lost_reason, month, sum(losses)::bigint AS losses, sum(lost_amount)::numeric(18,2) AS lost_amount, sum(lost_with_amount)::bigint AS lost_with_amount
FROM expected_loss
GROUP BY offering, gateway, lost_reason, month;
SELECT is_empty('(TABLE loss_monthly EXCEPT ALL TABLE expected_loss_monthly) UNION ALL (TABLE expected_loss_monthly EXCEPT ALL TABLE loss_monthly)',
	:'label' || ': loss_monthly is as defined');

-- Losses by month are what was decided but not passed in weekly, whatever day each week begins on
SELECT is_empty($$
	SELECT * FROM (
		SELECT offering, month, 'appointment' AS gateway, sum(appointment_decided - appointment_passed) AS losses FROM weekly GROUP BY 1, 2
		UNION ALL SELECT offering, month, 'proposal', sum(proposal_decided - proposal_passed) FROM weekly GROUP BY 1, 2
		UNION ALL SELECT offering, month, 'closing', sum(closing_decided - closing_passed) FROM weekly GROUP BY 1, 2
	) AS w FULL JOIN (SELECT offering, month, gateway, sum(losses) AS losses FROM loss_monthly GROUP BY 1, 2, 3) AS l USING (offering, month, gateway)
	WHERE coalesce(w.losses, 0) <> coalesce(l.losses, 0)$$,
	:'label' || ': the losses are those of weekly');

-- p by a function that is tested elsewhere, q by its definition
CREATE TEMPORARY TABLE expected_feedback AS
WITH span AS (
	SELECT monday - 364 AS year_from_date, monday AS until_date, confidence FROM moment
),
decided AS (
	SELECT offering, gateway, count(*) FILTER (WHERE passed) AS passed, count(*) AS decided
	FROM decision JOIN seen USING (id), span
	WHERE decided_on >= year_from_date AND decided_on < until_date
	GROUP BY 1, 2
),
lost AS (
	SELECT offering, gateway, lost_reason, count(*) AS losses, coalesce(sum(amount), 0)::numeric(18,2) AS lost_amount
	FROM decision JOIN seen USING (id), span
	WHERE decided_on >= year_from_date AND decided_on < until_date AND NOT passed
	GROUP BY 1, 2, 3
),
others AS (
	SELECT d.offering, d.gateway, coalesce(sum(o.passed), 0)::bigint AS others_passed, coalesce(sum(o.decided), 0)::bigint AS others_decided
	FROM decided AS d LEFT JOIN decided AS o ON o.gateway = d.gateway AND o.offering <> d.offering
	GROUP BY 1, 2
),
tested AS (
	SELECT *, CASE WHEN p IS NOT NULL THEN least(1, min(p * n / place) OVER (ORDER BY p DESC, place DESC ROWS UNBOUNDED PRECEDING)) END AS q
	FROM (
		SELECT *, row_number() OVER (ORDER BY p) AS place, count(p) OVER () AS n
		FROM (SELECT *, p_value(rate(passed, decided), rate(others_passed, others_decided)) AS p FROM decided JOIN others USING (offering, gateway)) AS t
	) AS t
),
reason AS (
	SELECT l.*, offering_losses, reason_losses, all_losses
	FROM lost AS l,
		LATERAL (SELECT sum(losses) FROM lost AS o WHERE o.gateway = l.gateway AND o.offering = l.offering) AS a(offering_losses),
		LATERAL (SELECT sum(losses) FROM lost AS o WHERE o.gateway = l.gateway AND o.lost_reason = l.lost_reason) AS b(reason_losses),
		LATERAL (SELECT sum(losses) FROM lost AS o WHERE o.gateway = l.gateway) AS c(all_losses)
),
reason_tested AS (
	SELECT *, CASE WHEN reason_p IS NOT NULL THEN least(1, min(reason_p * n / place) OVER (ORDER BY reason_p DESC, place DESC ROWS UNBOUNDED PRECEDING)) END AS reason_q
	FROM (
		SELECT *, row_number() OVER (ORDER BY reason_p) AS place, count(reason_p) OVER () AS n
		FROM (
			SELECT *, p_value(rate(losses, offering_losses::bigint), rate((reason_losses - losses)::bigint, (all_losses - offering_losses)::bigint)) AS reason_p FROM reason
		) AS t
	) AS t
)
SELECT t.offering, t.gateway, coalesce(r.lost_reason, '') AS lost_reason, year_from_date, until_date,
	coalesce(losses, 0) AS losses, coalesce(lost_amount, 0) AS lost_amount, coalesce(offering_losses, 0)::bigint AS offering_losses,
	round(losses / offering_losses, 6) AS loss_share,
	round(reason_losses / all_losses, 6) AS all_loss_share,
	round((losses / offering_losses) / (reason_losses / all_losses), 6) AS lift,
	round(reason_p::numeric, 6) AS reason_p, round(reason_q::numeric, 6) AS reason_q,
	passed, decided, round(passed::numeric / decided, 6) AS ratio,
	round(low(rate(passed, decided), confidence)::numeric, 6) AS low, round(high(rate(passed, decided), confidence)::numeric, 6) AS high,
	others_passed, others_decided, round(others_passed::numeric / nullif(others_decided, 0), 6) AS others_ratio,
	round(p::numeric, 6) AS p, round(q::numeric, 6) AS q
FROM tested AS t LEFT JOIN reason_tested AS r ON r.offering = t.offering AND r.gateway = t.gateway, span;
-- where an offering lost none at a gateway, how often others did for no known reason says nothing
CREATE TEMPORARY VIEW actual_feedback AS
SELECT offering, gateway, lost_reason, year_from_date, until_date, losses, lost_amount, offering_losses, loss_share,
	CASE WHEN losses > 0 THEN all_loss_share END AS all_loss_share, lift, reason_p, reason_q, passed, decided, ratio, low, high,
	others_passed, others_decided, others_ratio, p, q
FROM offering_feedback;

SELECT is_empty('(TABLE actual_feedback EXCEPT ALL TABLE expected_feedback) UNION ALL (TABLE expected_feedback EXCEPT ALL TABLE actual_feedback)',
	:'label' || ': offering_feedback is as defined');

CREATE TEMPORARY TABLE expected_week AS
SELECT week, month, date_trunc('quarter', month)::date AS quarter, to_char(month, 'YYYY')::integer AS year, to_char(week, 'IYYY')::integer AS iso_year,
	to_char(week, 'IW')::integer AS iso_week, min(day) AS starts_on, max(day) AS ends_on, count(*)::integer AS cell_days,
	week + 6 >= today AS is_running, week >= monday - trailing_days AND week + 6 < today AND week < monday AS is_trailing, week >= monday - 364 AND week < monday AS is_trailing_year
FROM moment,
	LATERAL (SELECT least(monday - trailing_days, (SELECT min(week) FROM weekly), (SELECT min(week) FROM cohort_weekly))) AS f(first),
	LATERAL (SELECT d::date, date_trunc('week', d)::date, date_trunc('month', d)::date FROM generate_series(first::timestamp, monday + interval '6 days', '1 day') AS d)
		AS d(day, week, month)
GROUP BY week, month, today, monday, trailing_days;
SELECT is_empty('(TABLE week EXCEPT ALL TABLE expected_week) UNION ALL (TABLE expected_week EXCEPT ALL TABLE week)', :'label' || ': week is as defined');
SELECT is_empty('SELECT week, month FROM weekly UNION SELECT week, month FROM cohort_weekly UNION SELECT week, month FROM loss_weekly EXCEPT SELECT week, month FROM week',
	:'label' || ': week holds every week and month that anything is in');

DROP VIEW actual_cohort, actual_funnel, actual_feedback;
DROP TABLE moment, entry, milestone, seen, decision, member, expected_cohort_weekly, expected_cohort, expected_funnel, expected_loss, expected_loss_monthly,
	expected_feedback, expected_week;
SET search_path = kpi, public;
