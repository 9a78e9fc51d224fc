-- period: the time that the figures are of, one row
-- key: as_of
CREATE OR REPLACE VIEW period AS
SELECT refreshed_as_of AS as_of, today, monday,
	monday - 7 * trailing_weeks AS from_date,
	monday - 364 AS year_from_date
FROM config,
	LATERAL (SELECT (refreshed_as_of AT TIME ZONE time_zone)::date) AS d(today),
	LATERAL (SELECT today - extract(isodow FROM today)::integer + 1) AS m(monday);
