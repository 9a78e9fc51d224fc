SELECT :keys, kpi.rate_agg(won) FROM opportunity GROUP BY :keys
