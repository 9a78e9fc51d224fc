SELECT :keys, kpi.sales_agg(amount) FROM opportunity GROUP BY :keys
