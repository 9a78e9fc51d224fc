-- rep_week: the same of each rep
CREATE OR REPLACE VIEW rep_week_now AS
SELECT rep_id, week, month,
	sum(new_opportunities)::bigint AS new_opportunities,
	sum(appointment_passed)::bigint AS appointment_passed,
	sum(appointment_decided)::bigint AS appointment_decided,
	sum(appointment_imputed)::bigint AS appointment_imputed,
	sum(proposal_passed)::bigint AS proposal_passed,
	sum(proposal_decided)::bigint AS proposal_decided,
	sum(proposal_imputed)::bigint AS proposal_imputed,
	sum(closing_passed)::bigint AS closing_passed,
	sum(closing_decided)::bigint AS closing_decided,
	sum(sales_count)::bigint AS sales_count,
	sum(revenue)::numeric(18,2) AS revenue,
	sum(won_days)::bigint AS won_days,
	sum(won_with_days)::bigint AS won_with_days,
	sum(lost_days)::bigint AS lost_days,
	sum(lost_with_days)::bigint AS lost_with_days,
	sum(calls)::bigint AS calls,
	sum(conversations)::bigint AS conversations,
	sum(booked)::bigint AS booked,
	sum(appointments)::bigint AS appointments,
	kpi.rollup(sales) AS sales
FROM weekly
GROUP BY rep_id, week, month;

CREATE TABLE IF NOT EXISTS rep_week (LIKE rep_week_now, PRIMARY KEY (rep_id, week, month));
