-- rep_window: the sums of the trailing window of each rep
CREATE OR REPLACE VIEW rep_window_now AS
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
	coalesce(sum(appointments), 0)::bigint AS appointments,
	coalesce(kpi.rollup(w.sales), 'n=0 total=0 squares=0') AS sales
FROM period CROSS JOIN roster AS r LEFT JOIN rep_week AS w ON w.rep_id = r.rep_id AND w.week >= from_date AND w.week < monday
GROUP BY r.rep_id, weeks_employed;

CREATE TABLE IF NOT EXISTS rep_window (LIKE rep_window_now, PRIMARY KEY (rep_id));
