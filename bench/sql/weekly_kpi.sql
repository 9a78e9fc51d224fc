-- The history of each group in one pass, as rows.
SELECT :keys, week, month, new_opportunities,
	   kpi.passed(appointment) AS appointment_passed, kpi.decided(appointment) AS appointment_decided,
	   kpi.passed(proposal) AS proposal_passed, kpi.decided(proposal) AS proposal_decided,
	   kpi.passed(closing) AS closing_passed, kpi.decided(closing) AS closing_decided,
	   appointment_imputed, proposal_imputed,
	   kpi.sales_count(sales) AS sales_count, coalesce(kpi.total(sales), 0) AS revenue,
	   won_days, won_with_days, lost_days, lost_with_days
  FROM (SELECT :keys, kpi.weekly_agg(created_at, appointment_at, proposal_at, closed_at, won, amount,
									 'Europe/Oslo', '2025-12-01 00:00+00') AS history
		  FROM opportunity GROUP BY :keys) AS built,
	   kpi.weeks(history)
