-- usable_goal: the goals as the mart takes them: of a rep, of days, and of a size that is known
CREATE OR REPLACE VIEW usable_goal AS
SELECT rep_id, starts_on, ends_on, revenue::numeric(18,2) AS revenue
FROM goal
WHERE rep_id IN (SELECT rep_id FROM rep) AND starts_on <= ends_on AND isfinite(starts_on) AND isfinite(ends_on)
	AND revenue BETWEEN -99999999999999 AND 99999999999999;
