\set ECHO none
\i test/setup.sql
\i test/mart.sql
DROP SCHEMA sales CASCADE;
\i test/mart_oracle.sql
SELECT no_plan();

-- The small CRM: in the window lie a change to summer time, the ends of months, a rep who leaves and one without a deal,
-- who is a team of one, too.
CREATE FUNCTION pg_temp.small() RETURNS void
	LANGUAGE sql
AS $$
	SELECT oracle.crm_is_empty();
	INSERT INTO sales.rep SELECT rep_id, rep_name, team, peer_group, hired_on, left_on FROM crm.rep;
	INSERT INTO sales.rep VALUES ('10', 'Rep 10', 'Team of one', 'field', NULL, NULL);
	INSERT INTO sales.opportunity SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount, offering, NULL, region FROM crm.opportunity;
	INSERT INTO sales.goal SELECT rep_id, starts_on, ends_on, revenue FROM crm.goal;
	INSERT INTO sales.activity SELECT rep_id, kind, happened_at, opportunity_id FROM crm.activity;
	UPDATE sales.config SET time_zone = 'Europe/Oslo', as_of = '2024-06-26 12:00+02', gateways = DEFAULT, kinds = DEFAULT, trailing_weeks = DEFAULT,
		cycle_horizon_days = DEFAULT, min_decisions = DEFAULT;
$$;

-- Each with what makes it
CREATE TEMPORARY TABLE crm_case (place serial, name text, made_by text);
INSERT INTO crm_case (name, made_by) VALUES
	('a small CRM', ''),
	('at the end of a goal', $$UPDATE sales.config SET as_of = '2024-06-30 22:00+02'$$),
	('a goal without weeks left', $$UPDATE sales.config SET as_of = '2024-07-03 12:00+02'$$),
	('no lost state', $$UPDATE sales.opportunity SET closed_at = NULL, outcome = 'open' WHERE outcome = 'lost'$$),
	('no appointments', $$UPDATE sales.opportunity SET appointment_at = NULL; UPDATE sales.config SET gateways = '{proposal,closing}'$$),
	('no proposals', $$UPDATE sales.opportunity SET proposal_at = NULL; UPDATE sales.config SET gateways = '{appointment,closing}'$$),
	('nothing but the closing', $$UPDATE sales.opportunity SET appointment_at = NULL, proposal_at = NULL; UPDATE sales.config SET gateways = '{closing}'$$),
	('gateways that are recorded, but said not to be', $$UPDATE sales.config SET gateways = '{closing}'$$),
	('won without an appointment or a proposal', $$UPDATE sales.opportunity SET appointment_at = nullif(appointment_at, CASE WHEN opportunity_id::integer % 3 = 0 THEN appointment_at END),
		proposal_at = nullif(proposal_at, CASE WHEN opportunity_id::integer % 5 = 0 THEN proposal_at END)$$),
	('won without an appointment where there are no proposals', $$UPDATE sales.opportunity SET appointment_at = NULL WHERE opportunity_id::integer % 3 = 0;
		UPDATE sales.config SET gateways = '{appointment,closing}'$$),
	('times out of order', $$UPDATE sales.opportunity SET created_at = CASE opportunity_id::integer % 7 WHEN 0 THEN closed_at WHEN 1 THEN NULL ELSE created_at END,
		appointment_at = CASE opportunity_id::integer % 5 WHEN 0 THEN NULL WHEN 1 THEN closed_at + interval '9 days' ELSE appointment_at END,
		proposal_at = CASE opportunity_id::integer % 4 WHEN 0 THEN closed_at + interval '40 days' WHEN 1 THEN 'infinity' ELSE proposal_at END,
		closed_at = CASE opportunity_id::integer % 11 WHEN 0 THEN created_at - interval '3 days' WHEN 1 THEN NULL WHEN 2 THEN 'infinity' ELSE closed_at END$$),
	('outcomes and kinds of all sorts', $$UPDATE sales.opportunity SET outcome = CASE opportunity_id::integer % 9 WHEN 0 THEN 'void' WHEN 1 THEN NULL WHEN 2 THEN 'who knows' ELSE outcome END,
		kind = CASE opportunity_id::integer % 6 WHEN 0 THEN 'renewal' WHEN 1 THEN 'expansion' WHEN 2 THEN 'new' END$$),
	('amounts of all sorts', $$UPDATE sales.opportunity SET amount = CASE opportunity_id::integer % 6 WHEN 0 THEN NULL WHEN 1 THEN 0 WHEN 2 THEN -amount / 4 ELSE amount END$$),
	('no amounts above 0', $$UPDATE sales.opportunity SET amount = CASE rep_id WHEN '1' THEN 0 WHEN '2' THEN -1 END$$),
	('a rep hired within the window', $$UPDATE sales.rep SET hired_on = '2024-05-13' WHERE rep_id = '3'; DELETE FROM sales.opportunity WHERE rep_id = '3' AND created_at < '2024-05-13'$$),
	('hired after the window, or gone before it', $$UPDATE sales.rep SET hired_on = '2024-06-25', left_on = NULL WHERE rep_id = '3'; UPDATE sales.rep SET left_on = '2024-03-24' WHERE rep_id IN ('2', '9')$$),
	('reps without group and without team', $$UPDATE sales.rep SET peer_group = '' WHERE rep_id IN ('1', '2', '10'); UPDATE sales.rep SET team = '' WHERE rep_id IN ('2', '3')$$),
	('a company of one', $$DELETE FROM sales.rep WHERE rep_id <> '1'$$),
	('a group that decides too little', $$UPDATE sales.rep SET peer_group = 'few' WHERE rep_id IN ('1', '9', '10'); UPDATE sales.config SET min_decisions = 40$$),
	('goals of 0, of less, nested and partly overlapping', $$UPDATE sales.goal SET revenue = CASE rep_id WHEN '1' THEN 0 WHEN '2' THEN -100 ELSE revenue END;
		INSERT INTO sales.goal VALUES ('3', '2024-06-01', '2024-06-30', 15000), ('3', '2024-01-01', '2024-12-31', 200000), ('4', '2024-06-24', '2024-06-30', 9000), ('5', '2024-05-01', '2024-06-30', 1)$$),
	('no goals', $$TRUNCATE sales.goal$$),
	('no activities', $$TRUNCATE sales.activity$$),
	('activities of nothing known', $$UPDATE sales.activity SET opportunity_id = CASE opportunity_id::integer % 3 WHEN 0 THEN NULL WHEN 1 THEN 'x' ELSE opportunity_id END,
		kind = CASE opportunity_id::integer % 10 WHEN 0 THEN 'letter' ELSE kind END, happened_at = CASE opportunity_id::integer % 13 WHEN 0 THEN 'infinity' WHEN 1 THEN NULL ELSE happened_at END,
		rep_id = CASE opportunity_id::integer % 17 WHEN 0 THEN 'y' ELSE rep_id END$$),
	('an opportunity there twice', $$INSERT INTO sales.opportunity SELECT * FROM sales.opportunity WHERE opportunity_id::integer % 50 = 0$$),
	('no opportunities', $$TRUNCATE sales.opportunity$$),
	('nothing', $$SELECT oracle.crm_is_empty()$$),
	('a short window and horizon', $$UPDATE sales.config SET trailing_weeks = 3, cycle_horizon_days = 20$$),
	('a window of a year', $$UPDATE sales.config SET trailing_weeks = 52$$),
	('the other side of the world', $$UPDATE sales.config SET time_zone = 'Pacific/Auckland'$$),
	('long ago', $$UPDATE sales.config SET as_of = '2023-10-29 02:30+01'$$);

CREATE FUNCTION pg_temp.made(name text) RETURNS SETOF text
	LANGUAGE plpgsql
AS $$
DECLARE
	t timestamptz := clock_timestamp();
BEGIN
	PERFORM pg_temp.small();
	EXECUTE (SELECT coalesce(nullif(made_by, ''), 'SELECT') FROM crm_case AS c WHERE c.name = made.name);
	RETURN QUERY SELECT * FROM oracle.differences();
	RAISE LOG '% %', name, clock_timestamp() - t;
END
$$;
SELECT is_empty(format('SELECT * FROM pg_temp.made(%L)', name), name) FROM crm_case ORDER BY place;

SELECT * FROM finish();
ROLLBACK;
