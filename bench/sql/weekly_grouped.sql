-- The build alone, for many groups.
SELECT :keys, kpi.weekly_agg(created_at, appointment_at, proposal_at, closed_at, won, amount,
							 'Europe/Oslo', '2025-12-01 00:00+00')
  FROM opportunity GROUP BY :keys
