-- curve: the life table of each rep's opportunities, from creation, appointment and proposal, as seen in the trailing
-- window and in the trailing year, and, as signals need it, in the four periods before the window; recorded times only.
-- And, of the trailing year, from creation and appointment to the next step that the CRM records: who is won has taken
-- every step, recorded or not.
CREATE OR REPLACE VIEW curve_now AS
WITH life AS (
	-- days by subqueries, which are run once: beside a join with their table PostgreSQL does not aggregate in workers
	SELECT rep_id,
		kpi.cycle_agg(created_on, closed_on, won, (SELECT from_date FROM period), (SELECT monday FROM period)) AS creation,
		kpi.cycle_agg(appointment_on, closed_on, won, (SELECT from_date FROM period), (SELECT monday FROM period)) AS appointment,
		kpi.cycle_agg(proposal_on, closed_on, won, (SELECT from_date FROM period), (SELECT monday FROM period)) AS proposal,
		kpi.cycle_agg(created_on, closed_on, won, (SELECT year_from_date FROM period), (SELECT monday FROM period)) AS creation_year,
		kpi.cycle_agg(appointment_on, closed_on, won, (SELECT year_from_date FROM period), (SELECT monday FROM period)) AS appointment_year,
		kpi.cycle_agg(proposal_on, closed_on, won, (SELECT year_from_date FROM period), (SELECT monday FROM period)) AS proposal_year,
		kpi.cycle_agg(created_on, closed_on, won, (SELECT from_date - 28 * trailing_weeks FROM config, period), (SELECT from_date FROM period)) AS creation_past,
		kpi.cycle_agg(appointment_on, closed_on, won, (SELECT from_date - 28 * trailing_weeks FROM config, period), (SELECT from_date FROM period)) AS appointment_past,
		kpi.cycle_agg(created_on, least(appointment_on, proposal_on, closed_on),
			CASE WHEN appointment_on IS NOT NULL OR proposal_on IS NOT NULL THEN true ELSE won END, (SELECT year_from_date FROM period), (SELECT monday FROM period)) AS creation_step,
		kpi.cycle_agg(appointment_on, least(proposal_on, closed_on),
			CASE WHEN proposal_on IS NOT NULL THEN true ELSE won END, (SELECT year_from_date FROM period), (SELECT monday FROM period)) AS appointment_step
	FROM reached
	WHERE counted AND (won IS NULL OR closed_on >= (SELECT least(year_from_date, from_date - 28 * trailing_weeks) FROM config, period))
	GROUP BY rep_id
)
SELECT rep_id, c.*
FROM life, LATERAL (VALUES
	('creation', 'trailing', creation), ('creation', 'year', creation_year),
	('appointment', 'trailing', appointment), ('appointment', 'year', appointment_year),
	('proposal', 'trailing', proposal), ('proposal', 'year', proposal_year),
	('creation', 'past', creation_past), ('appointment', 'past', appointment_past),
	('creation', 'step', creation_step), ('appointment', 'step', appointment_step)
) AS c(start, span, cycle);

CREATE TABLE IF NOT EXISTS curve (LIKE curve_now, PRIMARY KEY (rep_id, start, span));
