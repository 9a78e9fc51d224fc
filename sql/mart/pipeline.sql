-- pipeline: the open deals of each rep, by the gateway that they have passed and the days since
CREATE OR REPLACE VIEW pipeline_now AS
SELECT rep_id, gateway, (ARRAY[0, 7, 14, 30, 60, 90, 180])[width_bucket(days_since_step, ARRAY[0, 7, 14, 30, 60, 90, 180])] AS age_from,
	count(*) AS deals,
	coalesce(sum(amount), 0)::numeric(18,2) AS open_amount,
	count(*) FILTER (WHERE amount IS NULL) AS deals_without_amount,
	count(*) FILTER (WHERE stale) AS stale_deals,
	count(*) FILTER (WHERE age_quartile = 1) AS deals_quartile_1,
	count(*) FILTER (WHERE age_quartile = 2) AS deals_quartile_2,
	count(*) FILTER (WHERE age_quartile = 3) AS deals_quartile_3,
	count(*) FILTER (WHERE age_quartile = 4) AS deals_quartile_4,
	count(expected_revenue) AS deals_expected,
	coalesce(sum(win_probability * reckoned_amount), 0)::numeric(18,2) AS expected_revenue,
	coalesce(sum(win_probability_in_goal * reckoned_amount), 0)::numeric(18,2) AS expected_in_goal,
	coalesce(sum(win_probability_in_goal) FILTER (WHERE amount IS NULL), 0)::numeric(24,6) AS sales_without_amount,
	kpi.forecast_agg(reckoned_amount, win_probability_in_goal::double precision) AS forecast
FROM (
	SELECT rep_id, gateway, days_since_step, stale, age_quartile, amount, reckoned_amount, win_probability, expected_revenue, win_probability_in_goal
	FROM deal
	WHERE outcome = 'open'
	OFFSET 0	-- each is worked out once, for all the sums
) AS d
GROUP BY rep_id, gateway, age_from;

CREATE TABLE IF NOT EXISTS pipeline (LIKE pipeline_now, PRIMARY KEY (rep_id, gateway, age_from));
