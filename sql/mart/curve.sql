-- curve: the life table of each rep's opportunities, from creation, appointment and proposal, as seen in the trailing
-- window and in the trailing year, and, as signals need it, in the four periods before the window; recorded times only.
-- And, of the trailing year, from creation and appointment to the next step that the CRM records: who is won has taken
-- every step, recorded or not.
CREATE OR REPLACE VIEW curve_now AS
WITH life AS (
	-- windows by subqueries, which are run once: beside a join with their table PostgreSQL does not aggregate in workers
	SELECT rep_id,
		kpi.mart_cycles(created_on, closed_on, won,
			(SELECT ARRAY[from_date, year_from_date, from_date - 28 * trailing_weeks] FROM config, period), (SELECT ARRAY[monday, monday, from_date] FROM period)) AS creation,
		kpi.mart_cycles(appointment_on, closed_on, won,
			(SELECT ARRAY[from_date, year_from_date, from_date - 28 * trailing_weeks] FROM config, period), (SELECT ARRAY[monday, monday, from_date] FROM period)) AS appointment,
		kpi.mart_cycles(proposal_on, closed_on, won,
			(SELECT ARRAY[from_date, year_from_date] FROM period), (SELECT ARRAY[monday, monday] FROM period)) AS proposal,
		kpi.mart_cycles(created_on, least(appointment_on, proposal_on, closed_on),
			CASE WHEN appointment_on IS NOT NULL OR proposal_on IS NOT NULL THEN true ELSE won END,
			(SELECT ARRAY[year_from_date] FROM period), (SELECT ARRAY[monday] FROM period)) AS creation_step,
		kpi.mart_cycles(appointment_on, least(proposal_on, closed_on), CASE WHEN proposal_on IS NOT NULL THEN true ELSE won END,
			(SELECT ARRAY[year_from_date] FROM period), (SELECT ARRAY[monday] FROM period)) AS appointment_step
	FROM reached
	WHERE counted AND (won IS NULL OR closed_on >= (SELECT least(year_from_date, from_date - 28 * trailing_weeks) FROM config, period))
	GROUP BY rep_id
)
SELECT rep_id, c.*
FROM life, LATERAL (VALUES
	('creation', 'trailing', creation[1]), ('creation', 'year', creation[2]), ('creation', 'past', creation[3]),
	('appointment', 'trailing', appointment[1]), ('appointment', 'year', appointment[2]), ('appointment', 'past', appointment[3]),
	('proposal', 'trailing', proposal[1]), ('proposal', 'year', proposal[2]),
	('creation', 'step', creation_step[1]), ('appointment', 'step', appointment_step[1])
) AS c(start, span, cycle);

CREATE TABLE IF NOT EXISTS curve (LIKE curve_now, PRIMARY KEY (rep_id, start, span));
