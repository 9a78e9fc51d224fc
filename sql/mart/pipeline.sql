-- pipeline: the open deals of each rep, by the gateway that they have passed and the days since; what they are expected to
-- bring is reckoned as in deal
CREATE OR REPLACE VIEW pipeline_now AS
SELECT rep_id, gateway, (ARRAY[0, 7, 14, 30, 60, 90, 180])[width_bucket(days_since_step, ARRAY[0, 7, 14, 30, 60, 90, 180])] AS age_from,
	count(*) AS deals,
	coalesce(sum(amount), 0)::numeric(18,2) AS open_amount,
	count(*) - count(amount) AS deals_without_amount,
	count(*) FILTER (WHERE days_since_step > (SELECT stale_after_days FROM config)) AS stale_deals,
	count(*) FILTER (WHERE age_quartile = 1) AS deals_quartile_1,
	count(*) FILTER (WHERE age_quartile = 2) AS deals_quartile_2,
	count(*) FILTER (WHERE age_quartile = 3) AS deals_quartile_3,
	count(*) FILTER (WHERE age_quartile = 4) AS deals_quartile_4,
	count(win_probability * reckoned_amount) AS deals_expected,
	coalesce(sum(win_probability * reckoned_amount), 0)::numeric(18,2) AS expected_revenue,
	coalesce(sum(win_probability_in_goal * reckoned_amount), 0)::numeric(18,2) AS expected_in_goal,
	coalesce(sum(win_probability_in_goal) FILTER (WHERE amount IS NULL), 0)::numeric(24,6) AS sales_without_amount,
	kpi.forecast_agg(reckoned_amount, win_probability_in_goal::double precision) AS forecast
FROM (
	SELECT o.rep_id, o.gateway, o.days_since_step, amount, coalesce(amount, average_revenue) AS reckoned_amount,
		CASE WHEN o.days_since_step <= quartile_1_days THEN 1
			WHEN o.days_since_step <= quartile_2_days THEN 2
			WHEN o.days_since_step <= quartile_3_days THEN 3
			WHEN o.days_since_step > quartile_3_days THEN 4
		END AS age_quartile,
		CASE WHEN o.days_since_step > (SELECT cycle_horizon_days FROM config) THEN 0 WHEN a.win_probability * win_level > 1 THEN 1
			ELSE a.win_probability * win_level END::numeric(12,6) AS win_probability,
		CASE WHEN o.days_since_step > (SELECT cycle_horizon_days FROM config) AND l.ends_on IS NOT NULL THEN 0 WHEN i.win_probability * win_level > 1 THEN 1
			ELSE i.win_probability * win_level END::numeric(12,6) AS win_probability_in_goal
	FROM (
		SELECT rep_id, amount,
			CASE WHEN proposal_on IS NOT NULL THEN 'proposal' WHEN appointment_on IS NOT NULL THEN 'appointment' ELSE 'created' END AS gateway,
			(SELECT today FROM period) - coalesce(proposal_on, appointment_on, created_on) AS days_since_step
		FROM reached
		WHERE counted AND won IS NULL AND coalesce(created_on, proposal_on, appointment_on) IS NOT NULL
		OFFSET '0'	-- here and below: each is worked out once; '0' as in opportunity_check
	) AS o
	LEFT JOIN outlook AS l ON l.rep_id = o.rep_id AND l.gateway = o.gateway
	LEFT JOIN win_by_age AS a ON a.peer_group = l.peer_group AND a.gateway = l.gateway AND a.days_since_step = o.days_since_step
	LEFT JOIN win_in_goal AS i ON i.peer_group = l.peer_group AND i.gateway = l.gateway AND i.ends_on = l.ends_on AND i.days_since_step = o.days_since_step
	OFFSET '0'
) AS d
GROUP BY rep_id, gateway, age_from;

CREATE TABLE IF NOT EXISTS pipeline (LIKE pipeline_now, PRIMARY KEY (rep_id, gateway, age_from));
