-- offering_measure: what was decided on each offering at each gateway in the trailing year, the reasons of the losses, and
-- the tests of both against the other offerings: they are done here, once
CREATE OR REPLACE VIEW offering_measure_now AS
WITH decision AS (
	SELECT offering, gateway, sum(passed)::bigint AS passed, sum(decided)::bigint AS decided
	FROM weekly CROSS JOIN period,
		LATERAL (VALUES
			('appointment', appointment_passed, appointment_decided),
			('proposal', proposal_passed, proposal_decided),
			('closing', closing_passed, closing_decided)
		) AS g(gateway, passed, decided)
	WHERE week >= year_from_date AND week < monday
	GROUP BY offering, gateway
	HAVING sum(decided) > 0
),
tested AS (
	SELECT d.*, kpi.q_value(p) OVER () AS q
	FROM (
		SELECT decision.*,
			kpi.p_value(kpi.rate(passed, decided), kpi.rate((sum(passed) OVER others)::bigint - passed, (sum(decided) OVER others)::bigint - decided)) AS p
		FROM decision
		WINDOW others AS (PARTITION BY gateway)
	) AS d
),
loss AS (
	SELECT offering, gateway, lost_reason, sum(losses)::bigint AS losses, sum(lost_amount) AS lost_amount
	FROM loss_weekly CROSS JOIN period
	WHERE week >= year_from_date AND week < monday
	GROUP BY offering, gateway, lost_reason
),
-- the losses for the reason of all losses of the offering at the gateway, against those of the other offerings
reason AS (
	SELECT l.*, kpi.q_value(reason_p) OVER () AS reason_q
	FROM (
		SELECT loss.*,
			kpi.p_value(kpi.rate(losses, (sum(losses) OVER own)::bigint),
				kpi.rate((sum(losses) OVER same_reason)::bigint - losses, (sum(losses) OVER everything - sum(losses) OVER own)::bigint)) AS reason_p
		FROM loss
		WINDOW own AS (PARTITION BY gateway, offering), same_reason AS (PARTITION BY gateway, lost_reason), everything AS (PARTITION BY gateway)
	) AS l
)
SELECT offering, gateway, coalesce(lost_reason, '') AS lost_reason, coalesce(losses, 0) AS losses, coalesce(lost_amount, 0)::numeric(18,2) AS lost_amount,
	reason_p, reason_q, passed, decided, p, q
FROM tested LEFT JOIN reason USING (offering, gateway);

CREATE TABLE IF NOT EXISTS offering_measure (LIKE offering_measure_now, PRIMARY KEY (offering, gateway, lost_reason));
