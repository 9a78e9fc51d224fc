\set ECHO none
\i test/setup.sql
\i test/mart.sql
DROP SCHEMA sales CASCADE;
\i test/mart_oracle.sql
SELECT plan(13);

-- Each with what makes it of the small CRM
CREATE TEMPORARY TABLE crm_case (place serial, name text, made_by text);
INSERT INTO crm_case (name, made_by) VALUES
	('a small CRM', 'SELECT'),
	('a goal without weeks left', $$UPDATE sales.config SET as_of = '2024-07-03 12:00+02'$$),
	('no lost state', $$UPDATE sales.opportunity SET closed_at = NULL, outcome = 'open' WHERE outcome = 'lost'$$),
	('no appointments', $$UPDATE sales.opportunity SET appointment_at = NULL; UPDATE sales.config SET gateways = '{proposal,closing}'$$),
	('no proposals, and appointments that are skipped', $$UPDATE sales.opportunity SET proposal_at = NULL,
			appointment_at = CASE WHEN opportunity_id::integer % 3 > 0 THEN appointment_at END;
		UPDATE sales.config SET gateways = '{appointment,closing}'$$),
	('nothing but the closing', $$UPDATE sales.opportunity SET appointment_at = NULL WHERE rep_id > '4'; UPDATE sales.config SET gateways = '{closing}'$$),
	('gateways that are skipped', $$UPDATE sales.opportunity SET appointment_at = CASE WHEN opportunity_id::integer % 3 > 0 THEN appointment_at END,
		proposal_at = CASE WHEN opportunity_id::integer % 5 > 0 THEN proposal_at END$$),
	('times, outcomes and kinds of all sorts', $$UPDATE sales.opportunity
		SET created_at = CASE opportunity_id::integer % 7 WHEN 0 THEN closed_at WHEN 1 THEN NULL ELSE created_at END,
			appointment_at = CASE opportunity_id::integer % 5 WHEN 0 THEN NULL WHEN 1 THEN closed_at + interval '9 days' ELSE appointment_at END,
			proposal_at = CASE opportunity_id::integer % 4 WHEN 0 THEN closed_at + interval '40 days' WHEN 1 THEN 'infinity' ELSE proposal_at END,
			closed_at = CASE opportunity_id::integer % 11 WHEN 0 THEN created_at - interval '3 days' WHEN 1 THEN NULL WHEN 2 THEN 'infinity' ELSE closed_at END,
			outcome = CASE opportunity_id::integer % 9 WHEN 0 THEN 'void' WHEN 1 THEN NULL WHEN 2 THEN 'who knows' ELSE outcome END,
			kind = CASE opportunity_id::integer % 13 WHEN 0 THEN 'renewal' WHEN 1 THEN 'expansion' WHEN 2 THEN 'new' END$$),
	('amounts of all sorts', $$UPDATE sales.opportunity SET amount = CASE rep_id WHEN '1' THEN 0 WHEN '2' THEN -1 ELSE
		CASE opportunity_id::integer % 6 WHEN 0 THEN NULL WHEN 1 THEN 0 WHEN 2 THEN -amount / 4 ELSE amount END END$$),
	('activities of nothing known, opportunities there twice', $$INSERT INTO sales.opportunity SELECT * FROM sales.opportunity WHERE opportunity_id::integer % 50 = 0;
		UPDATE sales.activity SET opportunity_id = CASE opportunity_id::integer % 7 WHEN 0 THEN NULL WHEN 1 THEN 'x' ELSE opportunity_id END,
			kind = CASE opportunity_id::integer % 11 WHEN 0 THEN 'letter' ELSE kind END,
			happened_at = CASE opportunity_id::integer % 13 WHEN 0 THEN 'infinity' WHEN 1 THEN NULL ELSE happened_at END,
			rep_id = CASE opportunity_id::integer % 17 WHEN 0 THEN 'y' ELSE rep_id END$$),
	('second appointments, of all sorts', $$INSERT INTO sales.activity
		SELECT CASE WHEN opportunity_id::integer % 6 = 0 THEN '5' ELSE rep_id END, 'appointment',
			CASE opportunity_id::integer % 5 WHEN 0 THEN appointment_at WHEN 1 THEN closed_at + interval '3 days' WHEN 2 THEN closed_at + interval '1 hour'
				ELSE appointment_at + (n * opportunity_id::integer % 23 - 2) * interval '1 day' END, opportunity_id
		FROM sales.opportunity, generate_series(1, 2) AS n WHERE opportunity_id::integer % 4 > 0;
		INSERT INTO sales.activity SELECT rep_id, kind, happened_at, NULL FROM sales.activity WHERE kind = 'appointment' AND opportunity_id::integer % 29 = 0;
		INSERT INTO sales.opportunity SELECT * FROM sales.opportunity WHERE opportunity_id::integer % 50 = 0$$),
	('groups with few appointments', $$UPDATE sales.rep SET peer_group = CASE WHEN rep_id < '4' THEN 'a' WHEN rep_id < '6' THEN 'b' ELSE '' END;
		DELETE FROM sales.activity WHERE rep_id = '1' OR kind = 'appointment' AND rep_id IN ('4', '5') AND opportunity_id::integer % 16 > 0$$);

SELECT is_empty(format('SELECT * FROM oracle.differences(%L)', made_by), name) FROM crm_case ORDER BY place;
SELECT results_eq($$SELECT DISTINCT activity_basis FROM sales.activity_plan ORDER BY 1$$, $$VALUES ('company'), ('own'), ('peers')$$, 'the last has them all');

SELECT * FROM finish();
ROLLBACK;
