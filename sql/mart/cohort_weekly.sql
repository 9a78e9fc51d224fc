-- cohort_weekly: what became of the opportunities that came in in each week, cut at month ends, of each rep and offering;
-- to be summed
CREATE OR REPLACE VIEW cohort_weekly_now AS
SELECT rep_id, offering, week, month, entered,
	CASE WHEN has_appointment THEN kpi.passed(appointment) - untouched ELSE 0 END AS appointment_passed,
	CASE WHEN has_appointment THEN entered - untouched ELSE 0 END AS appointment_decided,
	CASE WHEN has_proposal THEN kpi.passed(proposal) - untouched ELSE 0 END AS proposal_passed,
	CASE WHEN has_proposal THEN kpi.decided(proposal) - untouched ELSE 0 END AS proposal_decided,
	kpi.passed(closing) AS closing_passed,
	kpi.decided(closing) AS closing_decided,
	losses,
	entered - kpi.passed(closing) - losses AS pending,
	kpi.sales_count(sales) AS sales_count,
	coalesce(kpi.total(sales), 0)::numeric(18,2) AS revenue
FROM (
	-- With everything dated on the day on which it came in, weekly_agg counts by that. What has neither come to an
	-- appointment nor ended would not be counted: it gets a proposal, the only ones without an appointment.
	SELECT rep_id, offering, kpi.weekly_agg(created_at,
		CASE WHEN appointment THEN created_at END,
		CASE WHEN proposal OR NOT appointment AND won IS NULL THEN created_at END,
		CASE WHEN won IS NOT NULL THEN created_at END,
		won, amount, time_zone, NULL) AS history
	FROM reached
	GROUP BY rep_id, offering
) AS h, kpi.weeks(history) AS w,
	LATERAL (SELECT kpi.decided(appointment), appointment_imputed, lost_with_days) AS n(entered, untouched, losses),
	(SELECT 'appointment' = ANY (gateways), 'proposal' = ANY (gateways) FROM config) AS g(has_appointment, has_proposal);

CREATE TABLE IF NOT EXISTS cohort_weekly (LIKE cohort_weekly_now, PRIMARY KEY (rep_id, offering, week, month));
