-- loss_weekly: the opportunities that were lost in each week, cut at month ends, by offering, the gateway that they failed
-- and the reason; to be summed
CREATE OR REPLACE VIEW loss_weekly_now AS
SELECT offering, CASE WHEN proposal THEN 'closing' WHEN appointment THEN 'proposal' ELSE 'appointment' END AS gateway, lost_reason,
	part - extract(isodow FROM part)::integer + 1 AS week, date_trunc('month', part::timestamp)::date AS month, losses, lost_amount, lost_with_amount
FROM (
	SELECT offering, appointment, proposal, lost_reason, kpi.week_part(closed_on) AS part,
		count(*) AS losses, coalesce(sum(amount), 0)::numeric(18,2) AS lost_amount, count(amount) AS lost_with_amount
	FROM reached
	WHERE counted AND NOT won
	GROUP BY offering, appointment, proposal, lost_reason, part
) AS l;

CREATE TABLE IF NOT EXISTS loss_weekly (LIKE loss_weekly_now, PRIMARY KEY (offering, gateway, lost_reason, week, month));
