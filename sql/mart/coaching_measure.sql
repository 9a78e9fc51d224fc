-- coaching_measure: what became of the opportunities that came to the coached gateway before and after the coaching, the
-- coached rep's and the peers'.

-- Before: those that entered the gateway in the trailing_weeks before started_on; after: those of as many weeks from that
-- day on. An opportunity enters a gateway when it passes the one before, as imputed, or is created; gateways that are not
-- recorded are left out. Both count only what was decided within follow_up_days of entry, the days from started_on to
-- as_of and at most the trailing_weeks, so that the old ones have no more time than the new; and before only what was
-- decided before started_on, when the rep sold as before.
--
-- The peers are the others of the peer group or, where these decided too little before or after, of the company; those who
-- were coached, on whatever, in either window are no peers. The prior is that of the peers' ratios before; with fewer than
-- ten peers in the group, of the whole company's.
CREATE OR REPLACE VIEW coaching_measure_now AS
WITH event AS (
	SELECT DISTINCT kpi, started_on, started_on - 7 * trailing_weeks AS before_from, started_on + 7 * trailing_weeks AS after_until,
		least(today - started_on, 7 * trailing_weeks) AS follow_up_days
	FROM coaching, period, config
	WHERE started_on <= today
),
-- the days of what can have entered a gateway in one of the windows, as weekly_agg sees them
local AS (
	SELECT rep_id, won, created_on AS creation, closed_on AS closed, has_appointment, has_proposal,
		appointment_on AS appointment, proposal_on AS proposal
	FROM reached, (SELECT 'appointment' = ANY (gateways), 'proposal' = ANY (gateways) FROM config OFFSET 0) AS c(has_appointment, has_proposal)
	WHERE EXISTS (SELECT FROM event) AND counted
		AND (won IS NULL OR closed_on >= (SELECT min(before_from) FROM event))
		AND (created_on IS NULL OR created_on < (SELECT max(after_until) FROM event))
),
imputed AS NOT MATERIALIZED (
	SELECT rep_id, creation, closed, won, has_appointment, has_proposal,
		CASE WHEN has_appointment THEN coalesce(appointment, least(proposal, CASE WHEN won THEN closed END)) END AS appointment,
		CASE WHEN has_proposal THEN coalesce(proposal, CASE WHEN won THEN closed END) END AS proposal
	FROM local
),
gateway AS (
	SELECT 'appointment_ratio' AS kpi, rep_id, creation AS entered, coalesce(appointment, closed) AS decided, appointment IS NOT NULL AS passed
	FROM imputed
	WHERE has_appointment AND (SELECT 'appointment_ratio' = ANY (array_agg(kpi)) FROM event)
	UNION ALL
	SELECT 'proposal_ratio', rep_id, CASE WHEN has_appointment THEN appointment ELSE creation END, coalesce(proposal, closed), proposal IS NOT NULL
	FROM imputed
	WHERE has_proposal AND (SELECT 'proposal_ratio' = ANY (array_agg(kpi)) FROM event)
	UNION ALL
	SELECT 'closing_ratio', rep_id, CASE WHEN has_proposal THEN proposal WHEN has_appointment THEN appointment ELSE creation END, closed, won
	FROM imputed
	WHERE (SELECT 'closing_ratio' = ANY (array_agg(kpi)) FROM event)
),
cohort AS (
	SELECT kpi, started_on, rep_id,
		kpi.rate_agg(passed) FILTER (WHERE entered < started_on) AS before,
		kpi.rate_agg(passed) FILTER (WHERE entered >= started_on) AS after
	FROM event JOIN (
		-- most of those that entered gateways did not do so in any of the windows
		SELECT *
		FROM gateway
		WHERE entered >= (SELECT min(before_from) FROM event) AND entered < (SELECT max(after_until) FROM event)
		OFFSET '0'	-- as in opportunity_check
	) AS g USING (kpi)
	WHERE entered >= before_from AND entered < after_until AND decided - entered <= follow_up_days
		AND (entered >= started_on OR decided < started_on)
	GROUP BY kpi, started_on, rep_id
),
peer AS (
	SELECT kpi, started_on, peer_group AS circle, before, after
	FROM cohort JOIN event USING (kpi, started_on) JOIN roster USING (rep_id)
	WHERE NOT EXISTS (
		SELECT FROM coaching AS c
		WHERE c.rep_id = cohort.rep_id AND c.started_on >= before_from AND c.started_on < after_until
	)
),
-- of each peer group, and, with circle NULL, of the company
peers AS (
	SELECT kpi, started_on, circle, count(*) AS peers, kpi.rollup(before) AS before, kpi.rollup(after) AS after,
		count(*) FILTER (WHERE kpi.decided(before) > 0) AS priors, kpi.prior_agg(before) AS prior
	FROM peer
	GROUP BY GROUPING SETS ((kpi, started_on, circle), (kpi, started_on))
)
SELECT coaching.rep_id, coaching.kpi, coaching.started_on, follow_up_days,
	coalesce(kpi.passed(own.before), 0) AS before_passed, coalesce(kpi.decided(own.before), 0) AS before_decided,
	coalesce(kpi.passed(own.after), 0) AS after_passed, coalesce(kpi.decided(own.after), 0) AS after_decided,
	is_near AS peers_near, coalesce(p.peers, 0) AS peers,
	coalesce(kpi.passed(p.before), 0) AS peers_before_passed, coalesce(kpi.decided(p.before), 0) AS peers_before_decided,
	coalesce(kpi.passed(p.after), 0) AS peers_after_passed, coalesce(kpi.decided(p.after), 0) AS peers_after_decided,
	(CASE WHEN near.priors >= 10 THEN near.prior ELSE everybody.prior END).alpha AS prior_alpha,
	(CASE WHEN near.priors >= 10 THEN near.prior ELSE everybody.prior END).beta AS prior_beta
FROM coaching JOIN event USING (kpi, started_on) JOIN roster USING (rep_id)
	LEFT JOIN cohort AS own USING (kpi, started_on, rep_id)
	LEFT JOIN peers AS near ON near.kpi = coaching.kpi AND near.started_on = coaching.started_on AND near.circle = roster.peer_group
	LEFT JOIN peers AS everybody ON everybody.kpi = coaching.kpi AND everybody.started_on = coaching.started_on AND everybody.circle IS NULL
	CROSS JOIN config,
	LATERAL (SELECT coalesce(least(kpi.decided(near.before), kpi.decided(near.after)) >= min_decisions, false)) AS n(is_near),
	LATERAL (SELECT
		CASE WHEN is_near THEN near.peers ELSE everybody.peers END,
		CASE WHEN is_near THEN near.before ELSE everybody.before END,
		CASE WHEN is_near THEN near.after ELSE everybody.after END
	) AS p(peers, before, after);

CREATE TABLE IF NOT EXISTS coaching_measure (LIKE coaching_measure_now, PRIMARY KEY (rep_id, kpi, started_on));
