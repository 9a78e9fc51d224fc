-- ClickHouse: one scan, up to three events of each opportunity by arrayJoin,
-- their kinds counted. Kinds: appointment recorded 1, imputed 2; proposal 3;
-- won without proposal 4, with it 5; lost after the proposal 6, after the
-- appointment 7, before both 8; no event 0. A part is what of a week lies in
-- one month, by its first day. ClickHouse has no infinite time stamps. What is
-- not Nullable is faster.
WITH toDateTime64('2025-12-01 00:00:00', 6, 'UTC') AS as_of
SELECT :keys,
	   toMonday(part) AS week,
	   toStartOfMonth(part) AS month,
	   countIf(kind = 1) AS new_opportunities,
	   countIf(kind <= 2) AS appointment_passed,
	   countIf(kind <= 2 OR kind = 8) AS appointment_decided,
	   countIf(kind IN (3, 4)) AS proposal_passed,
	   countIf(kind IN (3, 4, 7)) AS proposal_decided,
	   countIf(kind IN (4, 5)) AS closing_passed,
	   countIf(kind IN (4, 5, 6)) AS closing_decided,
	   countIf(kind = 2) AS appointment_imputed,
	   countIf(kind = 4) AS proposal_imputed,
	   countIf(kind IN (4, 5) AND amount IS NOT NULL) AS sales_count,
	   sumIf(assumeNotNull(amount), kind IN (4, 5) AND amount IS NOT NULL) AS revenue,
	   sumIf(days, kind IN (4, 5) AND days >= 0) AS won_days,
	   countIf(kind IN (4, 5) AND days >= 0) AS won_with_days,
	   sumIf(days, kind >= 6 AND days >= 0) AS lost_days,
	   countIf(kind >= 6 AND days >= 0) AS lost_with_days
  FROM (SELECT :keys, amount,
			   ifNull(appointment_at <= as_of, false) AS has_appointment,
			   ifNull(proposal_at <= as_of, false) AS has_proposal,
			   ifNull(closed_at <= as_of, false) AND won IS NOT NULL AS is_closed,
			   is_closed AND assumeNotNull(won) AS is_won,
			   assumeNotNull(appointment_at) AS appointment,
			   assumeNotNull(proposal_at) AS proposal,
			   assumeNotNull(closed_at) AS closed,
			   arrayJoin([
				   multiIf(has_appointment, 1, has_proposal OR is_won, 2, 0),
				   if(has_proposal, 3, 0),
				   multiIf(NOT is_closed, 0, is_won, if(has_proposal, 5, 4), has_proposal, 6, has_appointment, 7, 8)
			   ]) AS kind,
			   toDate(multiIf(kind = 1, appointment,
							  kind = 3, proposal,
							  kind >= 4 OR NOT has_proposal, closed,
							  is_won, least(proposal, closed),
							  proposal), 'Europe/Oslo') AS day,
			   greatest(toMonday(day), toStartOfMonth(day)) AS part,
			   if(created_at <= as_of, day - toDate(created_at, 'Europe/Oslo'), -1) AS days
		  FROM opportunity)
 WHERE kind > 0
 GROUP BY :keys, part
