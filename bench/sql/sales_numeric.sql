SELECT :keys, sum(amount), stddev(amount) FROM opportunity GROUP BY :keys
