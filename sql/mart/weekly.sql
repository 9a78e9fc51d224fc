-- weekly: what happened in each week, cut at month ends, of each rep and offering (and dimension); to be
-- summed
CREATE OR REPLACE VIEW weekly_now AS
WITH decision AS (
	SELECT rep_id, offering, {dimensions}w.*
	FROM (
		SELECT rep_id, offering, {dimensions}kpi.weekly_agg(created_on, appointment_on, proposal_on, closed_on, won, amount,
			(SELECT gateways FROM config)) AS history
		FROM reached
		WHERE counted
		GROUP BY rep_id, {dimensions}offering
		ORDER BY rep_id, offering	-- the key of weekly, which is quicker to fill then
	) AS h, kpi.weeks(history) AS w
),
activities AS (
	SELECT rep_id, offering, {dimensions}week, month,
		count(*) FILTER (WHERE activity_kind = 'call') AS calls,
		count(*) FILTER (WHERE activity_kind = 'conversation') AS conversations,
		count(*) FILTER (WHERE activity_kind = 'booked') AS booked,
		count(*) FILTER (WHERE activity_kind = 'appointment') AS appointments
	FROM (
		SELECT a.rep_id, coalesce(o.offering, '') AS offering, {dimensions_of_o}activity_kind,
			date_trunc('week', local)::date AS week, date_trunc('month', local)::date AS month
		FROM (
			SELECT rep_id, kind AS activity_kind, opportunity_id, happened_at AT TIME ZONE (SELECT time_zone FROM config) AS local
			FROM activity
			WHERE isfinite(happened_at) AND happened_at <= (SELECT refreshed_as_of FROM config)
				AND kind IN ('call', 'conversation', 'booked', 'appointment') AND rep_id IN (SELECT rep_id FROM rep)
		) AS a LEFT JOIN (
			-- of an id that is there twice once, else an activity would count twice
			SELECT opportunity_id, {least_dimensions}min(offering) AS offering
			FROM reached
			WHERE counted AND opportunity_id IN (SELECT opportunity_id FROM activity)
			GROUP BY opportunity_id
		) AS o USING (opportunity_id)
	) AS done
	GROUP BY rep_id, offering, {dimensions}week, month
)
SELECT rep_id, offering, {dimensions}week, month,
	coalesce(new_opportunities, 0) AS new_opportunities,
	coalesce(kpi.passed(appointment), 0) AS appointment_passed,
	coalesce(kpi.decided(appointment), 0) AS appointment_decided,
	coalesce(appointment_imputed, 0) AS appointment_imputed,
	coalesce(kpi.passed(proposal), 0) AS proposal_passed,
	coalesce(kpi.decided(proposal), 0) AS proposal_decided,
	coalesce(proposal_imputed, 0) AS proposal_imputed,
	coalesce(kpi.passed(closing), 0) AS closing_passed,
	coalesce(kpi.decided(closing), 0) AS closing_decided,
	coalesce(kpi.sales_count(sales), 0) AS sales_count,
	coalesce(kpi.total(sales), 0)::numeric(18,2) AS revenue,
	coalesce(won_days, 0) AS won_days,
	coalesce(won_with_days, 0) AS won_with_days,
	coalesce(lost_days, 0) AS lost_days,
	coalesce(lost_with_days, 0) AS lost_with_days,
	coalesce(calls, 0) AS calls,
	coalesce(conversations, 0) AS conversations,
	coalesce(booked, 0) AS booked,
	coalesce(appointments, 0) AS appointments,
	coalesce(sales, 'n=0 total=0 squares=0') AS sales
FROM decision FULL JOIN activities USING (rep_id, offering, {dimensions}week, month);

CREATE TABLE IF NOT EXISTS weekly (LIKE weekly_now, PRIMARY KEY (rep_id, offering, {dimensions}week, month));
