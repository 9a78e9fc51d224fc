-- cohort_weekly: what became of the opportunities that came in in each week, cut at month ends, of each rep; to be summed
CREATE OR REPLACE VIEW cohort_weekly_now AS
SELECT rep_id, part - extract(isodow FROM part)::integer + 1 AS week, date_trunc('month', part::timestamp)::date AS month,
	entered,
	CASE WHEN has_appointment THEN appointments ELSE 0 END AS appointment_passed,
	CASE WHEN has_appointment THEN entered - untouched ELSE 0 END AS appointment_decided,
	CASE WHEN has_proposal THEN proposals ELSE 0 END AS proposal_passed,
	CASE WHEN has_proposal THEN proposals + losses_before_proposal ELSE 0 END AS proposal_decided,
	closing_passed,
	closing_passed + losses_after_proposal AS closing_decided,
	losses,
	entered - closing_passed - losses AS pending,
	sales_count,
	(created_amount + appointment_amount + proposal_amount + revenue)::numeric(18,2) AS entered_amount,
	CASE WHEN has_appointment THEN appointment_amount + proposal_amount + revenue ELSE 0 END::numeric(18,2) AS appointment_amount,
	CASE WHEN has_proposal THEN proposal_amount + revenue ELSE 0 END::numeric(18,2) AS proposal_amount,
	revenue::numeric(18,2) AS revenue
FROM (
	SELECT rep_id, kpi.week_part(created_on) AS part,
		count(*) AS entered,
		count(*) FILTER (WHERE appointment) AS appointments,
		count(*) FILTER (WHERE won IS NULL AND NOT appointment) AS untouched,
		count(*) FILTER (WHERE proposal) AS proposals,
		count(*) FILTER (WHERE NOT won AND appointment AND NOT proposal) AS losses_before_proposal,
		count(*) FILTER (WHERE won) AS closing_passed,
		count(*) FILTER (WHERE NOT won AND proposal) AS losses_after_proposal,
		count(*) FILTER (WHERE NOT won) AS losses,
		count(amount) FILTER (WHERE won) AS sales_count,
		-- each amount once, by the last gateway that was passed: who is won has passed all
		coalesce(sum(amount) FILTER (WHERE NOT appointment), 0) AS created_amount,
		coalesce(sum(amount) FILTER (WHERE appointment AND NOT proposal), 0) AS appointment_amount,
		coalesce(sum(amount) FILTER (WHERE proposal AND won IS NOT TRUE), 0) AS proposal_amount,
		coalesce(sum(amount) FILTER (WHERE won), 0) AS revenue
	FROM reached
	WHERE counted AND created_on IS NOT NULL
	GROUP BY rep_id, part
) AS c,
	(SELECT 'appointment' = ANY (gateways), 'proposal' = ANY (gateways) FROM config) AS g(has_appointment, has_proposal);

CREATE TABLE IF NOT EXISTS cohort_weekly (LIKE cohort_weekly_now, PRIMARY KEY (rep_id, week, month));
