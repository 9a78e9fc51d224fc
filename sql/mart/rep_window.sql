-- rep_window: the sums of the trailing window of each rep; and how often a first appointment led to a second one

-- Of the appointments of an opportunity the first is the way to it; several at one time are one. The second appointment is a
-- gateway like the others: passed when it was held, failed when the opportunity was won or lost without it, on days of the
-- mart, until then pending. Many CRMs link none but the first, and show that by not one second appointment in the window:
-- there nothing is known.
CREATE OR REPLACE VIEW rep_window_now AS
WITH setting AS (
	SELECT time_zone, from_date::timestamp AT TIME ZONE time_zone AS window_from, monday::timestamp AT TIME ZONE time_zone AS window_until FROM config, period
),
-- of others nothing was decided in the window; nothing later than that matters
recent AS (
	SELECT opportunity_id FROM activity, setting WHERE kind = 'appointment' AND happened_at >= window_from AND happened_at < window_until
	UNION
	SELECT opportunity_id FROM reached, period WHERE counted AND closed_on >= from_date AND closed_on < monday
),
held AS MATERIALIZED (
	SELECT rep_id, opportunity_id, happened_at,
		row_number() OVER (PARTITION BY opportunity_id ORDER BY happened_at, rep_id) AS nth,
		dense_rank() OVER (PARTITION BY opportunity_id ORDER BY happened_at) AS nth_time
	FROM activity, setting
	WHERE kind = 'appointment' AND happened_at > '-infinity' AND happened_at < window_until
		AND rep_id IN (SELECT rep_id FROM rep) AND opportunity_id IN (SELECT opportunity_id FROM recent)
),
later AS (
	SELECT rep_id, count(*) AS appointments
	FROM held, setting
	WHERE nth > 1 AND happened_at >= window_from
	GROUP BY rep_id
),
met AS (
	SELECT opportunity_id, min(happened_at) AS first_at, min(happened_at) FILTER (WHERE nth_time = 2) AS second_at
	FROM held
	GROUP BY opportunity_id
),
second AS (
	SELECT rep_id, count(*) FILTER (WHERE second_on = decided_on) AS passed, count(*) AS decided
	FROM met JOIN reached USING (opportunity_id) CROSS JOIN period CROSS JOIN setting,
		LATERAL (SELECT kpi.local_date(first_at, time_zone), kpi.local_date(second_at, time_zone), CASE WHEN closed_on < monday THEN closed_on END)
			AS d(first_on, second_on, ended_on),
		LATERAL (SELECT least(second_on, ended_on)) AS e(decided_on)
	WHERE counted AND (first_on <= ended_on) IS NOT FALSE AND decided_on >= from_date
	GROUP BY rep_id
)
SELECT r.rep_id,
	(greatest(least(coalesce({left_on} + 1, monday), monday) - greatest(coalesce({hired_on}, from_date), from_date), 0) / 7.0)::numeric(12,6) AS weeks_employed,
	coalesce(sum(new_opportunities), 0)::bigint AS new_opportunities,
	coalesce(sum(appointment_passed), 0)::bigint AS appointment_passed,
	coalesce(sum(appointment_decided), 0)::bigint AS appointment_decided,
	coalesce(sum(appointment_imputed), 0)::bigint AS appointment_imputed,
	coalesce(sum(proposal_passed), 0)::bigint AS proposal_passed,
	coalesce(sum(proposal_decided), 0)::bigint AS proposal_decided,
	coalesce(sum(proposal_imputed), 0)::bigint AS proposal_imputed,
	coalesce(sum(closing_passed), 0)::bigint AS closing_passed,
	coalesce(sum(closing_decided), 0)::bigint AS closing_decided,
	coalesce(sum(sales_count), 0)::bigint AS sales_count,
	coalesce(sum(revenue), 0)::numeric(18,2) AS revenue,
	coalesce(sum(won_days), 0)::bigint AS won_days,
	coalesce(sum(won_with_days), 0)::bigint AS won_with_days,
	coalesce(sum(lost_days), 0)::bigint AS lost_days,
	coalesce(sum(lost_with_days), 0)::bigint AS lost_with_days,
	coalesce(sum(calls), 0)::bigint AS calls,
	coalesce(sum(conversations), 0)::bigint AS conversations,
	coalesce(sum(booked), 0)::bigint AS booked,
	coalesce(sum(w.appointments), 0)::bigint AS appointments,
	coalesce(sum(w.appointments), 0)::bigint - coalesce(min(l.appointments), 0) AS first_appointments,
	CASE WHEN is_shown THEN coalesce(min(s.passed), 0) ELSE 0 END AS second_appointment_passed,
	CASE WHEN is_shown THEN coalesce(min(s.decided), 0) ELSE 0 END AS second_appointment_decided,
	coalesce(kpi.rollup(w.sales), 'n=0 total=0 squares=0') AS sales
FROM period CROSS JOIN (SELECT coalesce(sum(passed), 0) > 0 FROM second) AS c(is_shown) CROSS JOIN roster AS r
	LEFT JOIN rep_week AS w ON w.rep_id = r.rep_id AND w.week >= from_date AND w.week < monday
	LEFT JOIN later AS l ON l.rep_id = r.rep_id
	LEFT JOIN second AS s ON s.rep_id = r.rep_id
GROUP BY r.rep_id, weeks_employed, is_shown;

CREATE TABLE IF NOT EXISTS rep_window (LIKE rep_window_now, PRIMARY KEY (rep_id));
