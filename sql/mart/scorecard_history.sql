-- scorecard_history: the same KPIs by month, quarter and year
-- key: rep_id, grain, starts_on
CREATE OR REPLACE VIEW scorecard_history AS
SELECT rep_id, rep_name, team, grain, starts_on, ends_on,
	new_opportunities,
	appointment_passed, appointment_decided, (appointment_passed / nullif(appointment_decided, 0)::numeric)::numeric(12,6) AS appointment_ratio,
	proposal_passed, proposal_decided, (proposal_passed / nullif(proposal_decided, 0)::numeric)::numeric(12,6) AS proposal_ratio,
	closing_passed, closing_decided, (closing_passed / nullif(closing_decided, 0)::numeric)::numeric(12,6) AS closing_ratio,
	sales_count, revenue, (revenue / nullif(sales_count, 0))::numeric(18,2) AS average_revenue,
	won_days, won_with_days, (won_days / nullif(won_with_days, 0)::numeric)::numeric(24,6) AS average_days,
	lost_days, lost_with_days, calls, conversations, booked, appointments
FROM (
	SELECT rep_id, grain, date_trunc(grain, month::timestamp)::date AS starts_on,
		(date_trunc(grain, month::timestamp) + CASE grain WHEN 'month' THEN interval '1 month' WHEN 'quarter' THEN interval '3 months' ELSE interval '1 year' END
			- interval '1 day')::date AS ends_on,
		sum(new_opportunities)::bigint AS new_opportunities,
		sum(appointment_passed)::bigint AS appointment_passed, sum(appointment_decided)::bigint AS appointment_decided,
		sum(proposal_passed)::bigint AS proposal_passed, sum(proposal_decided)::bigint AS proposal_decided,
		sum(closing_passed)::bigint AS closing_passed, sum(closing_decided)::bigint AS closing_decided,
		sum(sales_count)::bigint AS sales_count, sum(revenue)::numeric(18,2) AS revenue,
		sum(won_days)::bigint AS won_days, sum(won_with_days)::bigint AS won_with_days,
		sum(lost_days)::bigint AS lost_days, sum(lost_with_days)::bigint AS lost_with_days,
		sum(calls)::bigint AS calls, sum(conversations)::bigint AS conversations, sum(booked)::bigint AS booked, sum(appointments)::bigint AS appointments
	FROM rep_week, (VALUES ('month'), ('quarter'), ('year')) AS g(grain)
	GROUP BY 1, 2, 3, 4
) AS h JOIN roster USING (rep_id);
