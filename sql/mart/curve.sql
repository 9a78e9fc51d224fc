-- curve: the life table of each rep's opportunities, from creation, appointment and proposal, as seen in the trailing
-- window and in the trailing year, and, as signals need it, in the four periods before the window; recorded times only
CREATE OR REPLACE VIEW curve_now AS
WITH local AS (
	SELECT rep_id, won,
		kpi.local_date(created_at, zone) AS creation,
		kpi.local_date(appointment_at, zone) AS appointment,
		kpi.local_date(proposal_at, zone) AS proposal,
		kpi.local_date(closed_at, zone) AS closed
	FROM fact, (SELECT time_zone FROM config) AS t(zone)
	WHERE closed_at IS NULL OR won IS NULL
		OR closed_at >= (SELECT least(year_from_date, from_date - 28 * trailing_weeks)::timestamp AT TIME ZONE time_zone FROM config, period)
),
life AS (
	SELECT rep_id,
		kpi.cycle_agg(creation, closed, won, from_date, monday) AS creation,
		kpi.cycle_agg(appointment, closed, won, from_date, monday) AS appointment,
		kpi.cycle_agg(proposal, closed, won, from_date, monday) AS proposal,
		kpi.cycle_agg(creation, closed, won, year_from_date, monday) AS creation_year,
		kpi.cycle_agg(appointment, closed, won, year_from_date, monday) AS appointment_year,
		kpi.cycle_agg(proposal, closed, won, year_from_date, monday) AS proposal_year,
		kpi.cycle_agg(creation, closed, won, past_from_date, from_date) AS creation_past,
		kpi.cycle_agg(appointment, closed, won, past_from_date, from_date) AS appointment_past
	FROM local, period, (SELECT from_date - 28 * trailing_weeks FROM config, period) AS p(past_from_date)
	GROUP BY rep_id
)
SELECT rep_id, c.*
FROM life, LATERAL (VALUES
	('creation', 'trailing', creation), ('creation', 'year', creation_year),
	('appointment', 'trailing', appointment), ('appointment', 'year', appointment_year),
	('proposal', 'trailing', proposal), ('proposal', 'year', proposal_year),
	('creation', 'past', creation_past), ('appointment', 'past', appointment_past)
) AS c(start, span, cycle);

CREATE TABLE IF NOT EXISTS curve (LIKE curve_now, PRIMARY KEY (rep_id, start, span));
