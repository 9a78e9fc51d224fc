-- week: the calendar, without gaps, of the weeks cut at month ends, to join by week and month; from the first week with
-- anything in it to the running one
-- key: week, month
CREATE OR REPLACE VIEW week AS
SELECT week, month, date_trunc('quarter', month::timestamp)::date AS quarter, extract(year FROM month)::integer AS year,
	extract(isoyear FROM week)::integer AS iso_year, extract(week FROM week)::integer AS iso_week,
	starts_on, ends_on, ends_on - starts_on + 1 AS cell_days,
	week = monday AS is_running,
	week >= from_date AND week < monday AS is_trailing,
	week >= year_from_date AND week < monday AS is_trailing_year
FROM period,
	-- both of them, as one may come in before anything is decided, or be decided without having come in
	LATERAL (SELECT least(from_date, (SELECT min(week) FROM rep_week), (SELECT min(week) FROM cohort_level WHERE level = 'company'))) AS f(first),
	generate_series(first::timestamp, monday::timestamp, interval '7 days') AS w,
	LATERAL (SELECT w::date, date_trunc('month', w + interval '6 days')::date) AS d(week, next_month),
	LATERAL (
		SELECT date_trunc('month', w)::date, week, least(week + 6, CASE WHEN next_month > week THEN next_month - 1 END)
		UNION ALL
		SELECT next_month, next_month, week + 6 WHERE next_month > week
	) AS c(month, starts_on, ends_on);
