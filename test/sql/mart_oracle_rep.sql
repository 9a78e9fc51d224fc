\set ECHO none
\i test/setup.sql
\i test/mart.sql
DROP SCHEMA sales CASCADE;
\i test/mart_oracle.sql
SELECT plan(13);

-- Reps, goals and settings: each case with what makes it of the small CRM
CREATE TEMPORARY TABLE crm_case (place serial, name text, made_by text);
INSERT INTO crm_case (name, made_by) VALUES
	('a rep hired within the window', $$UPDATE sales.rep SET hired_on = '2024-05-13' WHERE rep_id = '3'; DELETE FROM sales.opportunity WHERE rep_id = '3' AND created_at < '2024-05-13'$$),
	('hired after the window, or gone before it', $$UPDATE sales.rep SET hired_on = '2024-06-25', left_on = NULL WHERE rep_id = '3';
		UPDATE sales.rep SET left_on = '2024-03-24' WHERE rep_id IN ('2', '9')$$),
	('reps without group and without team', $$UPDATE sales.rep SET peer_group = '' WHERE rep_id IN ('1', '2', '10'); UPDATE sales.rep SET team = '' WHERE rep_id IN ('2', '3')$$),
	('a company of one', $$DELETE FROM sales.rep WHERE rep_id <> '1'$$),
	('a group that decides too little', $$UPDATE sales.rep SET peer_group = 'few' WHERE rep_id IN ('1', '9', '10'); UPDATE sales.config SET min_decisions = 25$$),
	('goals of 0, of less, nested and partly overlapping', $$UPDATE sales.goal SET revenue = CASE rep_id WHEN '1' THEN 0 WHEN '2' THEN -100 ELSE revenue END;
		INSERT INTO sales.goal VALUES ('3', '2024-06-01', '2024-06-30', 15000), ('3', '2024-01-01', '2024-12-31', 200000), ('4', '2024-06-24', '2024-06-30', 9000),
			('5', '2024-05-01', '2024-06-30', 1)$$),
	('no opportunities', $$TRUNCATE sales.opportunity$$),
	('a short window and horizon', $$UPDATE sales.config SET trailing_weeks = 3, cycle_horizon_days = 20$$),
	('a window of a year, on the other side of the world', $$UPDATE sales.config SET trailing_weeks = 52, time_zone = 'Pacific/Auckland'$$),
	('in the hour that there is twice', $$UPDATE sales.config SET as_of = '2023-10-29 02:30+01'$$),
	('who has just begun, and wins fast', $$UPDATE sales.rep SET hired_on = '2024-04-22' WHERE rep_id = '3'; DELETE FROM sales.opportunity WHERE rep_id = '3' AND created_at < '2024-04-22';
		UPDATE sales.opportunity SET appointment_at = created_at, proposal_at = created_at, closed_at = created_at + interval '1 day', outcome = 'won' WHERE rep_id = '3';
		UPDATE sales.config SET min_decisions = 5$$);

SELECT is_empty(format('SELECT * FROM oracle.differences(%L)', made_by), name) FROM crm_case ORDER BY place;
SELECT results_eq($$SELECT basis, n >= 5, q < 0.01 AND delta < -0.5, verdict FROM sales.peer_comparison WHERE (rep_id, kpi) = ('3', 'sales_cycle')$$,
	$$VALUES ('average', true, true, 'too few')$$, 'does so as nothing slow can have been won yet');
SELECT results_eq($$SELECT certainty FROM sales.recommendation WHERE (rep_id, kpi) = ('3', 'sales_cycle')$$, $$VALUES ('too few')$$, 'and what is recommended says so');

SELECT * FROM finish();
ROLLBACK;
