-- The definition, gateway by gateway and measure by measure, for the check of
-- the fast forms on a small table. Nothing is simplified, so it is slow.
WITH usable AS (
	SELECT :keys,
		   CASE WHEN isfinite(created_at) AND created_at <= '2025-12-01 00:00+00' THEN created_at END AS created,
		   CASE WHEN isfinite(appointment_at) AND appointment_at <= '2025-12-01 00:00+00' THEN appointment_at END AS appointment,
		   CASE WHEN isfinite(proposal_at) AND proposal_at <= '2025-12-01 00:00+00' THEN proposal_at END AS proposal,
		   CASE WHEN isfinite(closed_at) AND closed_at <= '2025-12-01 00:00+00' THEN closed_at END AS closed,
		   won, amount
	  FROM opportunity
), outcome AS (
	SELECT *,
		   CASE WHEN closed IS NULL OR won IS NULL THEN 'open'
				WHEN won THEN 'won'
				ELSE 'lost'
		   END AS outcome
	  FROM usable
), appointment AS (
	SELECT *,
		   CASE WHEN appointment IS NOT NULL THEN 'recorded'
				WHEN proposal IS NOT NULL OR outcome = 'won' THEN 'imputed'
				WHEN outcome = 'lost' THEN 'failed'
				ELSE 'pending'
		   END AS appointment_state
	  FROM outcome
), proposal AS (
	SELECT *,
		   CASE WHEN proposal IS NOT NULL THEN 'recorded'
				WHEN outcome = 'won' THEN 'imputed'
				WHEN outcome = 'lost' AND appointment_state IN ('recorded', 'imputed') THEN 'failed'
				ELSE 'pending'
		   END AS proposal_state
	  FROM appointment
), closing AS (
	SELECT *,
		   CASE WHEN outcome = 'won' THEN 'passed'
				WHEN outcome = 'lost'
					 AND appointment_state IN ('recorded', 'imputed')
					 AND proposal_state IN ('recorded', 'imputed') THEN 'failed'
				ELSE 'pending'
		   END AS closing_state,
		   CASE appointment_state
				WHEN 'recorded' THEN appointment
				WHEN 'imputed' THEN CASE WHEN outcome <> 'won' THEN proposal
										 WHEN proposal < closed THEN proposal
										 ELSE closed
									END
				WHEN 'failed' THEN closed
		   END AS appointment_decided,
		   CASE proposal_state
				WHEN 'recorded' THEN proposal
				WHEN 'imputed' THEN closed
				WHEN 'failed' THEN closed
		   END AS proposal_decided,
		   (closed AT TIME ZONE 'Europe/Oslo')::date - (created AT TIME ZONE 'Europe/Oslo')::date AS days
	  FROM proposal
), fact (:keys, at, measure, value) AS (
	SELECT :keys, appointment, 'new_opportunities', 1 FROM closing WHERE appointment_state = 'recorded'
	UNION ALL
	SELECT :keys, appointment_decided, 'appointment_passed', 1 FROM closing WHERE appointment_state IN ('recorded', 'imputed')
	UNION ALL
	SELECT :keys, appointment_decided, 'appointment_decided', 1 FROM closing WHERE appointment_state <> 'pending'
	UNION ALL
	SELECT :keys, proposal_decided, 'proposal_passed', 1 FROM closing WHERE proposal_state IN ('recorded', 'imputed')
	UNION ALL
	SELECT :keys, proposal_decided, 'proposal_decided', 1 FROM closing WHERE proposal_state <> 'pending'
	UNION ALL
	SELECT :keys, closed, 'closing_passed', 1 FROM closing WHERE closing_state = 'passed'
	UNION ALL
	SELECT :keys, closed, 'closing_decided', 1 FROM closing WHERE closing_state <> 'pending'
	UNION ALL
	SELECT :keys, appointment_decided, 'appointment_imputed', 1 FROM closing WHERE appointment_state = 'imputed'
	UNION ALL
	SELECT :keys, proposal_decided, 'proposal_imputed', 1 FROM closing WHERE proposal_state = 'imputed'
	UNION ALL
	SELECT :keys, closed, 'sales_count', 1 FROM closing WHERE outcome = 'won' AND amount IS NOT NULL
	UNION ALL
	SELECT :keys, closed, 'revenue', amount FROM closing WHERE outcome = 'won' AND amount IS NOT NULL
	UNION ALL
	SELECT :keys, closed, 'won_days', days FROM closing WHERE outcome = 'won' AND days >= 0
	UNION ALL
	SELECT :keys, closed, 'won_with_days', 1 FROM closing WHERE outcome = 'won' AND days >= 0
	UNION ALL
	SELECT :keys, closed, 'lost_days', days FROM closing WHERE outcome = 'lost' AND days >= 0
	UNION ALL
	SELECT :keys, closed, 'lost_with_days', 1 FROM closing WHERE outcome = 'lost' AND days >= 0
)
SELECT :keys,
	   date_trunc('week', at AT TIME ZONE 'Europe/Oslo')::date AS week,
	   date_trunc('month', at AT TIME ZONE 'Europe/Oslo')::date AS month,
	   coalesce(sum(value) FILTER (WHERE measure = 'new_opportunities'), 0)::bigint AS new_opportunities,
	   coalesce(sum(value) FILTER (WHERE measure = 'appointment_passed'), 0)::bigint AS appointment_passed,
	   coalesce(sum(value) FILTER (WHERE measure = 'appointment_decided'), 0)::bigint AS appointment_decided,
	   coalesce(sum(value) FILTER (WHERE measure = 'proposal_passed'), 0)::bigint AS proposal_passed,
	   coalesce(sum(value) FILTER (WHERE measure = 'proposal_decided'), 0)::bigint AS proposal_decided,
	   coalesce(sum(value) FILTER (WHERE measure = 'closing_passed'), 0)::bigint AS closing_passed,
	   coalesce(sum(value) FILTER (WHERE measure = 'closing_decided'), 0)::bigint AS closing_decided,
	   coalesce(sum(value) FILTER (WHERE measure = 'appointment_imputed'), 0)::bigint AS appointment_imputed,
	   coalesce(sum(value) FILTER (WHERE measure = 'proposal_imputed'), 0)::bigint AS proposal_imputed,
	   coalesce(sum(value) FILTER (WHERE measure = 'sales_count'), 0)::bigint AS sales_count,
	   coalesce(sum(value) FILTER (WHERE measure = 'revenue'), 0)::numeric(18,2) AS revenue,
	   coalesce(sum(value) FILTER (WHERE measure = 'won_days'), 0)::bigint AS won_days,
	   coalesce(sum(value) FILTER (WHERE measure = 'won_with_days'), 0)::bigint AS won_with_days,
	   coalesce(sum(value) FILTER (WHERE measure = 'lost_days'), 0)::bigint AS lost_days,
	   coalesce(sum(value) FILTER (WHERE measure = 'lost_with_days'), 0)::bigint AS lost_with_days
  FROM fact
 GROUP BY :keys, week, month
