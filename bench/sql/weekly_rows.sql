-- weekly_agg and weeks alone, the rates and sales left as they are.
SELECT :keys, weeks.*
  FROM (SELECT :keys, kpi.weekly_agg(created_at, appointment_at, proposal_at, closed_at, won, amount,
									 'Europe/Oslo', '2025-12-01 00:00+00') AS history
		  FROM opportunity GROUP BY :keys) AS built,
	   kpi.weeks(history)
