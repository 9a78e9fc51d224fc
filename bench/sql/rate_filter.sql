SELECT :keys, count(*) FILTER (WHERE won) FROM opportunity GROUP BY :keys
