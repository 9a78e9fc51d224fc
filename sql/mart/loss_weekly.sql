-- loss_weekly: the opportunities that were lost in each week, cut at month ends, by offering, the gateway that they failed
-- and the reason; to be summed
CREATE OR REPLACE VIEW loss_weekly_now AS
SELECT offering, CASE WHEN proposal THEN 'closing' WHEN appointment THEN 'proposal' ELSE 'appointment' END AS gateway, lost_reason, week, month,
	count(*) AS losses,
	coalesce(sum(amount), 0)::numeric(18,2) AS lost_amount,
	count(amount) AS lost_with_amount
FROM (
	SELECT offering, appointment, proposal, lost_reason, date_trunc('week', closed_on)::date AS week, date_trunc('month', closed_on)::date AS month, amount
	FROM reached, LATERAL (SELECT kpi.local_date(closed_at, time_zone)::timestamp) AS c(closed_on)
	WHERE NOT won
	OFFSET 0	-- what is grouped by is worked out once
) AS o
GROUP BY offering, appointment, proposal, lost_reason, week, month;

CREATE TABLE IF NOT EXISTS loss_weekly (LIKE loss_weekly_now, PRIMARY KEY (offering, gateway, lost_reason, week, month));
