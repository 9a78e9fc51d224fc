-- Rates, sales and cycle of each group over all of its opportunities.
SELECT :keys, kpi.rate_agg(CASE WHEN proposal_at IS NOT NULL THEN true WHEN closed_at IS NOT NULL THEN false END) AS proposal,
	   kpi.rate_agg(won) AS closing, kpi.sales_agg(amount) AS sales,
	   kpi.cycle_agg(closed_at::date - created_at::date, won) FILTER (WHERE closed_at >= created_at) AS cycle
  FROM opportunity GROUP BY :keys
