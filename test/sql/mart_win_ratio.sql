\set ECHO none
\i test/setup.sql
SELECT plan(11);

-- Life tables: decided long ago, all of them; and the same number in view for 30 days only, too short for a horizon of 365
CREATE FUNCTION pg_temp.followed(won integer, lost integer) RETURNS kpi.cycle
	RETURN (SELECT cycle_agg(100, n <= won) FROM generate_series(1, won + lost) AS n);
CREATE FUNCTION pg_temp.short(won integer, lost integer) RETURNS kpi.cycle
	RETURN (SELECT cycle_agg(n % 20, CASE WHEN n <= won THEN true WHEN n <= won + lost THEN false END) FROM generate_series(1, 2 * (won + lost)) AS n);

SELECT is(win_probability(pg_temp.followed(30, 70), 365)::numeric(6,4), 0.3, 'one was followed');
SELECT is(win_probability(pg_temp.short(12, 18), 365), NULL, 'the other was not');

SELECT is(format('%s %s', round(p.win_ratio::numeric, 4), p.basis), expected, name)
FROM (VALUES
	('own, if followed', pg_temp.followed(30, 70), pg_temp.followed(50, 50), '0.3000 own'),
	-- peers' 0.5 x own 12/30 drawn to the prior of mean 0.5 and 30 decisions, 27/60 / the peers' ended 0.5
	('else the peers'', moved', pg_temp.short(12, 18), pg_temp.followed(50, 50), '0.4500 adjusted'),
	('the peers'' as they are, for few', pg_temp.short(1, 2), pg_temp.followed(50, 50), '0.5000 peers'),
	-- 12/30 and 1/3 drawn to the prior
	('the decisions, if the peers were not followed either', pg_temp.short(12, 18), pg_temp.short(20, 20), '0.4500 decisions'),
	('for few, too', pg_temp.short(1, 2), pg_temp.short(20, 20), '0.4848 decisions'),
	('of few, though followed, the peers''', pg_temp.followed(2, 0), pg_temp.followed(50, 50), '0.5000 peers'),
	('or the decisions', pg_temp.followed(2, 1), pg_temp.short(20, 20), '0.5152 decisions'),
	('of none, the group''s', cycle '0:+4 30:-4', pg_temp.short(20, 20), '0.5000 decisions'),
	('peers who won nothing move nothing', pg_temp.short(12, 18), pg_temp.followed(0, 50), '0.0000 peers')
) AS v(name, own, peers, expected),
	mart_win_ratio(own, peers, ROW(15, 15)::beta_prior, 365, 10) AS p;

SELECT * FROM finish();
ROLLBACK;
