-- Up to three events for each opportunity, side by side with its columns: the
-- appointment passed, the proposal passed, the closing with whatever it
-- decides.
SELECT :keys,
	   date_trunc('week', local)::date AS week,
	   date_trunc('month', local)::date AS month,
	   count(*) FILTER (WHERE event = 1 AND appointment IS NOT NULL) AS new_opportunities,
	   count(*) FILTER (WHERE event = 1) AS appointment_passed,
	   count(*) FILTER (WHERE event = 1 OR event = 3 AND NOT won AND appointment IS NULL AND proposal IS NULL) AS appointment_decided,
	   count(*) FILTER (WHERE event = 2 OR event = 3 AND won AND proposal IS NULL) AS proposal_passed,
	   count(*) FILTER (WHERE event = 2 OR event = 3 AND proposal IS NULL AND (won OR appointment IS NOT NULL)) AS proposal_decided,
	   count(*) FILTER (WHERE event = 3 AND won) AS closing_passed,
	   count(*) FILTER (WHERE event = 3 AND (won OR proposal IS NOT NULL)) AS closing_decided,
	   count(*) FILTER (WHERE event = 1 AND appointment IS NULL) AS appointment_imputed,
	   count(*) FILTER (WHERE event = 3 AND won AND proposal IS NULL) AS proposal_imputed,
	   count(amount) FILTER (WHERE event = 3 AND won) AS sales_count,
	   coalesce(sum(amount) FILTER (WHERE event = 3 AND won), 0) AS revenue,
	   coalesce(sum(days) FILTER (WHERE event = 3 AND won AND days >= 0), 0) AS won_days,
	   count(*) FILTER (WHERE event = 3 AND won AND days >= 0) AS won_with_days,
	   coalesce(sum(days) FILTER (WHERE event = 3 AND NOT won AND days >= 0), 0) AS lost_days,
	   count(*) FILTER (WHERE event = 3 AND NOT won AND days >= 0) AS lost_with_days
  FROM (SELECT :keys, won, amount,
			   CASE WHEN created_at > '-infinity' AND created_at <= '2025-12-01 00:00+00' THEN created_at END AS created,
			   CASE WHEN appointment_at > '-infinity' AND appointment_at <= '2025-12-01 00:00+00' THEN appointment_at END AS appointment,
			   CASE WHEN proposal_at > '-infinity' AND proposal_at <= '2025-12-01 00:00+00' THEN proposal_at END AS proposal,
			   CASE WHEN closed_at > '-infinity' AND closed_at <= '2025-12-01 00:00+00' AND won IS NOT NULL THEN closed_at END AS closed
		  FROM opportunity) AS usable
 CROSS JOIN LATERAL (VALUES
			(1, coalesce(appointment, least(proposal, CASE WHEN won THEN closed END)) AT TIME ZONE 'Europe/Oslo', NULL),
			(2, proposal AT TIME ZONE 'Europe/Oslo', NULL),
			(3, closed AT TIME ZONE 'Europe/Oslo',
			 (closed AT TIME ZONE 'Europe/Oslo')::date - (created AT TIME ZONE 'Europe/Oslo')::date)
	   ) AS event (event, local, days)
 WHERE local IS NOT NULL
 GROUP BY :keys, week, month
