-- Scan, group, one sum.
SELECT :keys, count(*), sum(amount) FROM opportunity GROUP BY :keys
