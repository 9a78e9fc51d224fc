-- offering_feedback: how prospects reacted to each offering in the trailing year: at which gateway they said no and why,
-- against all offerings
-- key: offering, gateway, lost_reason
CREATE OR REPLACE VIEW offering_feedback AS
SELECT offering, gateway, lost_reason, year_from_date, monday AS until_date,
	losses, lost_amount, offering_losses,
	(losses::numeric / nullif(offering_losses, 0))::numeric(12,6) AS loss_share,
	reason_losses, all_losses,
	(reason_losses::numeric / nullif(all_losses, 0))::numeric(12,6) AS all_loss_share,
	(losses::numeric * all_losses / nullif(offering_losses::numeric * reason_losses, 0))::numeric(24,6) AS lift,
	reason_p::numeric(12,6) AS reason_p, reason_q::numeric(12,6) AS reason_q,
	passed, decided, (passed::numeric / decided)::numeric(12,6) AS ratio,
	kpi.low(kpi.rate(passed, decided), confidence)::numeric(12,6) AS low,
	kpi.high(kpi.rate(passed, decided), confidence)::numeric(12,6) AS high,
	others_passed, others_decided, (others_passed::numeric / nullif(others_decided, 0))::numeric(12,6) AS others_ratio,
	kpi.peer_delta(kpi.rate(passed, decided), kpi.rate(others_passed, others_decided))::numeric(12,6) AS delta,
	p::numeric(12,6) AS p, q::numeric(12,6) AS q
FROM (
	SELECT offering_measure.*,
		(sum(losses) OVER (PARTITION BY gateway, offering))::bigint AS offering_losses,
		(sum(losses) OVER (PARTITION BY gateway, lost_reason))::bigint AS reason_losses,
		(sum(losses) OVER (PARTITION BY gateway))::bigint AS all_losses
	FROM offering_measure
) AS o
JOIN (
	-- passed and decided stand on each row of an offering
	SELECT offering, gateway, (sum(passed) OVER others)::bigint - passed, (sum(decided) OVER others)::bigint - decided
	FROM (SELECT DISTINCT offering, gateway, passed, decided FROM offering_measure) AS d
	WINDOW others AS (PARTITION BY gateway)
) AS d(offering, gateway, others_passed, others_decided) USING (offering, gateway),
	period, (SELECT confidence FROM config) AS c;
