-- loss_monthly: the same by month
CREATE OR REPLACE VIEW loss_monthly_now AS
SELECT offering, gateway, lost_reason, month, sum(losses)::bigint AS losses, sum(lost_amount)::numeric(18,2) AS lost_amount,
	sum(lost_with_amount)::bigint AS lost_with_amount
FROM loss_weekly
GROUP BY offering, gateway, lost_reason, month;

CREATE TABLE IF NOT EXISTS loss_monthly (LIKE loss_monthly_now, PRIMARY KEY (offering, gateway, lost_reason, month));
