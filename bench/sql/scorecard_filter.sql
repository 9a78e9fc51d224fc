-- The same figures by hand.
SELECT :keys, count(*) FILTER (WHERE proposal_at IS NOT NULL) AS proposal_passed,
	   count(*) FILTER (WHERE proposal_at IS NOT NULL OR closed_at IS NOT NULL) AS proposal_decided,
	   count(*) FILTER (WHERE won) AS closing_passed, count(won) AS closing_decided,
	   count(amount), sum(amount), stddev(amount),
	   avg(closed_at::date - created_at::date) FILTER (WHERE won AND closed_at >= created_at) AS average_days,
	   percentile_disc(0.5) WITHIN GROUP (ORDER BY closed_at::date - created_at::date) FILTER (WHERE won AND closed_at >= created_at) AS median_days
  FROM opportunity GROUP BY :keys
