-- period: the time that the figures are of, one row
CREATE OR REPLACE VIEW period_now AS
SELECT refreshed_as_of AS as_of, today, monday,
	monday - 7 * trailing_weeks AS from_date,
	monday - 364 AS year_from_date
FROM config,
	kpi.local_date(refreshed_as_of, time_zone) AS today,
	LATERAL (SELECT today - extract(isodow FROM today)::integer + 1) AS m(monday);

CREATE TABLE IF NOT EXISTS period (LIKE period_now, PRIMARY KEY (as_of));
