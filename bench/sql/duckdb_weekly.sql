-- DuckDB: four narrow scans, each grouped by itself, joined. Its AT TIME ZONE
-- takes 0.2 µs a row, so it is applied to the hours there are, and each time
-- stamp looks up its own (Oslo's offset is whole hours). A part is what of a
-- week lies in one month, by its first day. LEFT JOIN where an inner one would
-- do keeps DuckDB from hashing the big side. No time stamp here is infinite.
WITH hour AS MATERIALIZED (
	SELECT epoch_us(starts_at) // 3600000000 AS hour, day,
		   greatest(date_trunc('week', day), date_trunc('month', day))::date AS part
	  FROM (SELECT starts_at, (starts_at AT TIME ZONE 'Europe/Oslo')::date AS day
			  FROM generate_series(timestamptz '2022-12-01 00:00:00+00', timestamptz '2025-12-01 00:00:00+00',
								   interval '1 hour') AS series (starts_at))
), usable AS NOT MATERIALIZED (
	SELECT *,
		   CASE WHEN created_at <= '2025-12-01 00:00:00+00' THEN created_at END AS created,
		   CASE WHEN appointment_at <= '2025-12-01 00:00:00+00' THEN appointment_at END AS appointment,
		   CASE WHEN proposal_at <= '2025-12-01 00:00:00+00' THEN proposal_at END AS proposal
	  FROM opportunity
), closing AS NOT MATERIALIZED (
	SELECT :keys, ended.part, won, amount, appointment, proposal,
		   CASE WHEN ended.day >= begun.day THEN ended.day - begun.day END AS days
	  FROM usable
	  LEFT JOIN hour AS ended ON ended.hour = epoch_us(closed_at) // 3600000000
	  LEFT JOIN hour AS begun ON begun.hour = epoch_us(created) // 3600000000
	 WHERE closed_at <= '2025-12-01 00:00:00+00'
), appointment AS (
	SELECT :keys, part, count(appointment) AS recorded, count(*) AS passed
	  FROM (SELECT :keys, appointment,
				   coalesce(appointment, least(proposal, CASE WHEN won AND closed_at <= '2025-12-01 00:00:00+00' THEN closed_at END)) AS passed_at
			  FROM usable) AS appointment
	  JOIN hour ON hour = epoch_us(passed_at) // 3600000000
	 GROUP BY :keys, part
), proposal AS (
	SELECT :keys, part, count(*) AS recorded
	  FROM opportunity
	  JOIN hour ON hour = epoch_us(proposal_at) // 3600000000
	 WHERE proposal_at <= '2025-12-01 00:00:00+00'
	 GROUP BY :keys, part
), won AS (
	SELECT :keys, part, count(*) AS deals, count(*) - count(proposal) AS imputed,
		   count(amount) AS sales_count, sum(amount) AS revenue, sum(days) AS days, count(days) AS with_days
	  FROM closing
	 WHERE won
	 GROUP BY :keys, part
), lost AS (
	SELECT :keys, part, count(*) AS deals, count(proposal) AS after_proposal,
		   count(appointment) FILTER (WHERE proposal IS NULL) AS after_appointment,
		   sum(days) AS days, count(days) AS with_days
	  FROM closing
	 WHERE NOT won
	 GROUP BY :keys, part
)
SELECT :keys,
	   date_trunc('week', part)::date AS week,
	   date_trunc('month', part)::date AS month,
	   coalesce(appointment.recorded, 0) AS new_opportunities,
	   coalesce(appointment.passed, 0) AS appointment_passed,
	   coalesce(appointment.passed, 0) + coalesce(lost.deals - after_proposal - after_appointment, 0) AS appointment_decided,
	   coalesce(proposal.recorded, 0) + coalesce(imputed, 0) AS proposal_passed,
	   coalesce(proposal.recorded, 0) + coalesce(imputed, 0) + coalesce(after_appointment, 0) AS proposal_decided,
	   coalesce(won.deals, 0) AS closing_passed,
	   coalesce(won.deals, 0) + coalesce(after_proposal, 0) AS closing_decided,
	   coalesce(appointment.passed - appointment.recorded, 0) AS appointment_imputed,
	   coalesce(imputed, 0) AS proposal_imputed,
	   coalesce(sales_count, 0) AS sales_count,
	   coalesce(revenue, 0) AS revenue,
	   coalesce(won.days, 0) AS won_days,
	   coalesce(won.with_days, 0) AS won_with_days,
	   coalesce(lost.days, 0) AS lost_days,
	   coalesce(lost.with_days, 0) AS lost_with_days
  FROM appointment
  FULL JOIN proposal USING (:keys, part)
  FULL JOIN won USING (:keys, part)
  FULL JOIN lost USING (:keys, part)
