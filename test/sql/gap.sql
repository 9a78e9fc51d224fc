\set ECHO none
\i test/setup.sql
SELECT plan(52);

SELECT results_eq(
	$$SELECT part, own, peers, revenue, scale(revenue) FROM gap_parts(30, '40/60', '12/40', 'n=2 total=6000 squares=18000000', 25, '60/100', '40/100', 'n=3 total=7500 squares=18750000')$$,
	$$VALUES ('opportunities', 30::float8, 25::float8, 3031.9444, 4), ('proposal ratio', 40 / 60::float8, 0.6, 1754.1667, 4),
		('closing ratio', 0.3, 0.4, -4818.0555, 4), ('average sale', 3000, 2500, 3031.9444, 4)$$,
	'opportunities and average sale are both a fifth above and have equal parts');
SELECT results_eq(
	$$SELECT part, own, peers, revenue FROM gap_parts(30, '0/0', '0/9', 'n=0 total=0 squares=0', 25, '0/0', '1/2', 'n=1 total=1000 squares=1000000')$$,
	$$VALUES ('opportunities', 30::float8, 25::float8, 0.0000), ('proposal ratio', NULL, NULL, 0.0000), ('closing ratio', 0, 0.5, 0.0000), ('average sale', NULL, 1000, 0.0000)$$,
	'what is not known is NULL');
SELECT is_empty(format('SELECT FROM gap_parts(%s)', arguments), 'NULL in, no rows out: ' || arguments)
FROM unnest(ARRAY[
	$$NULL, '1/2', '1/2', 'n=0 total=0 squares=0', 25, '1/2', '1/2', 'n=0 total=0 squares=0'$$,
	$$30, '1/2', '1/2', 'n=0 total=0 squares=0', 25, '1/2', '1/2', NULL$$
]) AS arguments;

-- rounding, and what is not known
SELECT is((SELECT array_agg(revenue) FROM gap_parts(o, p, c, s, o2, p2, c2, s2)), expected, name)
FROM (VALUES
	('nothing differs', 25, '1/2'::rate, '1/2'::rate, 'n=1 total=1000 squares=1000000'::sales, 25, '2/4'::rate, '4/8'::rate, 'n=2 total=2000 squares=2000000'::sales, '{0,0,0,0}'::numeric[]),
	('only opportunities', 30, '1/2', '1/2', 'n=1 total=1000 squares=1000000', 25, '50/100', '3/6', 'n=2 total=2000 squares=2000000', '{1250,0,0,0}'),
	('only the proposal ratio', 25, '3/5', '1/2', 'n=1 total=1000 squares=1000000', 25, '1/2', '1/2', 'n=1 total=1000 squares=1000000', '{0,1250,0,0}'),
	('only the closing ratio, which is 0', 25, '1/2', '0/7', 'n=1 total=1000 squares=1000000', 25, '1/2', '1/2', 'n=1 total=1000 squares=1000000', '{0,0,-6250,0}'),
	('only the average sale, which is negative', 25, '1/2', '1/2', 'n=1 total=-1000 squares=1000000', 25, '1/2', '1/2', 'n=1 total=1000 squares=1000000', '{0,0,0,-12500}'),
	('all from 0: a quarter each', 4, '1/1', '1/1', 'n=1 total=1000 squares=1000000', 0, '0/1', '0/1', 'n=1 total=0 squares=0', '{1000,1000,1000,1000}'),
	('three ten-thousandths for four equal parts', 1, '1/1', '1/1', 'n=1 total=0.0003 squares=0.00000009', 0, '0/1', '0/1', 'n=1 total=0 squares=0', '{0.0001,0.0001,0.0001,0}'),
	('and the other way', 0, '0/1', '0/1', 'n=1 total=0 squares=0', 1, '1/1', '1/1', 'n=1 total=0.0003 squares=0.00000009', '{-0.0001,-0.0001,-0.0001,0}'),
	('a gap of half a ten-thousandth is rounded away from 0', 1, '1/2', '1/1', 'n=1 total=0.0001 squares=0.00000001', 0, '1/2', '1/1', 'n=1 total=0.0001 squares=0.00000001', '{0.0001,0,0,0}'),
	('and the other way', 0, '1/2', '1/1', 'n=1 total=0.0001 squares=0.00000001', 1, '1/2', '1/1', 'n=1 total=0.0001 squares=0.00000001', '{-0.0001,0,0,0}'),
	('less than half of it is none', 1, '1/3', '1/1', 'n=1 total=0.0001 squares=0.00000001', 0, '1/3', '1/1', 'n=1 total=0.0001 squares=0.00000001', '{0,0,0,0}'),
	('own closing ratio not known: as the peers''', 30, '1/2', '0/0', 'n=1 total=1000 squares=1000000', 25, '1/2', '1/2', 'n=1 total=1000 squares=1000000', '{1250,0,0,0}'),
	('the peers'' not known: as own', 30, '1/2', '1/2', 'n=1 total=1000 squares=1000000', 25, '1/2', '0/0', 'n=1 total=1000 squares=1000000', '{1250,0,0,0}'),
	('nothing sold: all is the closing ratio''s', 30, '1/2', '0/9', 'n=0 total=0 squares=0', 30, '1/2', '1/2', 'n=1 total=1000 squares=1000000', '{0,0,-7500,0}'),
	('nothing known but opportunities', 30, '0/0', '0/0', 'n=0 total=0 squares=0', 25, '1/2', '1/2', 'n=1 total=1000 squares=1000000', '{1250,0,0,0}'),
	('each knows what the other does not', 30, '1/2', '0/0', 'n=0 total=0 squares=0', 25, '0/0', '1/2', 'n=1 total=1000 squares=1000000', '{1250,0,0,0}'),
	('the average sale known of neither: no revenue', 30, '2/3', '0/9', 'n=0 total=0 squares=0', 25, '1/2', '0/8', 'n=0 total=0 squares=0', '{0,0,0,0}'),
	('the closing ratio known of neither: no revenue', 30, '2/3', '0/0', 'n=1 total=1000 squares=1000000', 25, '1/2', '0/0', 'n=1 total=900 squares=810000', '{0,0,0,0}'),
	('a gateway that is not recorded, given as 1/1', 30, '1/1', '1/2', 'n=1 total=1000 squares=1000000', 25, '1/1', '1/2', 'n=1 total=1000 squares=1000000', '{2500,0,0,0}')
) AS c(name, o, p, c, s, o2, p2, c2, s2, expected);

-- The definition in plain SQL: the peers' factors are changed to own, one
-- after the other, in each of the 24 orders. The order gives the place of each
-- factor; revenue is that after so many changes.
CREATE FUNCTION pg_temp.revenue(own numeric[], peers numeric[], place integer[], changes integer) RETURNS numeric
LANGUAGE sql RETURN
	CASE WHEN place[1] <= changes THEN own[1] ELSE peers[1] END * CASE WHEN place[2] <= changes THEN own[2] ELSE peers[2] END *
	CASE WHEN place[3] <= changes THEN own[3] ELSE peers[3] END * CASE WHEN place[4] <= changes THEN own[4] ELSE peers[4] END;
CREATE TABLE orders AS
SELECT ARRAY[a, b, c, d] AS place
FROM generate_series(1, 4) AS a, generate_series(1, 4) AS b, generate_series(1, 4) AS c, generate_series(1, 4) AS d
WHERE a NOT IN (b, c, d) AND b NOT IN (c, d) AND c <> d;

SELECT setseed(0.53);
CREATE TABLE rep AS
SELECT id, round((random() * 60)::numeric, id % 3)::float8 AS opportunities,
	CASE WHEN id % 7 = 0 THEN '0/0' WHEN id % 6 = 0 THEN '0/3' ELSE rate(floor(random() * 50)::bigint, 50 + id % 9) END AS proposal,
	CASE WHEN id % 5 = 0 THEN '0/0' WHEN id % 8 = 0 THEN '7/7' ELSE rate(floor(random() * 30)::bigint, 30 + id % 4) END AS closing,
	(SELECT sales_agg(round((random() * 5000 + n)::numeric, id % 5)) FROM generate_series(2, id % 6) AS n) AS sales
FROM generate_series(1, 30) AS id;
CREATE TABLE part AS
SELECT o.id AS own_id, p.id AS peers_id, g.*
FROM rep AS o, rep AS p, gap_parts(o.opportunities, o.proposal, o.closing, o.sales, p.opportunities, p.proposal, p.closing, p.sales) WITH ORDINALITY AS g(part, own, peers, revenue, factor);
CREATE TABLE pair AS
WITH exact AS (
	SELECT id, ARRAY[opportunities::numeric, round(passed(proposal), 60) / nullif(decided(proposal), 0), round(passed(closing), 60) / nullif(decided(closing), 0), round(total(sales), 60) / sales_count(sales)] AS factors FROM rep
)
SELECT o.id AS own_id, p.id AS peers_id,
	ARRAY(SELECT coalesce(x, y, 0) FROM unnest(o.factors, p.factors) AS f(x, y)) AS own,
	ARRAY(SELECT coalesce(y, x, 0) FROM unnest(o.factors, p.factors) AS f(x, y)) AS peers
FROM exact AS o, exact AS p;
CREATE TABLE by_orders AS
SELECT own_id, peers_id, factor, avg(pg_temp.revenue(own, peers, place, place[factor]) - pg_temp.revenue(own, peers, place, place[factor] - 1)) AS revenue
FROM pair, orders, generate_series(1, 4) AS factor
GROUP BY own_id, peers_id, factor;

SELECT is(count(*) FILTER (WHERE abs(part.revenue - by_orders.revenue) < 0.0001), 3600::bigint, 'the mean over all orders, to the ten-thousandth')
FROM part JOIN by_orders USING (own_id, peers_id, factor);
SELECT ok(count(*) FILTER (WHERE revenue > 0) > 900 AND count(*) FILTER (WHERE revenue < 0) > 900 AND count(own) < 3600, 'there is something of everything') FROM part;
SELECT is_empty($$
	SELECT own_id, peers_id FROM (SELECT own_id, peers_id, sum(revenue) AS total FROM part GROUP BY own_id, peers_id) AS t JOIN pair USING (own_id, peers_id)
	WHERE total <> round(round(pg_temp.revenue(own, peers, '{0,0,0,0}', 0) - pg_temp.revenue(own, peers, '{1,1,1,1}', 0), 40), 4)$$, 'the parts add up to the gap');
SELECT is_empty($$
	SELECT a.own_id, a.peers_id, part FROM part AS a JOIN part AS b USING (part)
	WHERE a.own_id = b.peers_id AND a.peers_id = b.own_id AND (a.revenue <> -b.revenue OR a.own IS DISTINCT FROM b.peers)$$, 'own and peers exchanged change the sign of every part');
SELECT is_empty($$
	SELECT own_id, peers_id, factor FROM part JOIN pair USING (own_id, peers_id)
	WHERE pair.own[factor] = pair.peers[factor] AND revenue <> 0$$, 'equal factors have no part');
SELECT is_empty($$SELECT own_id, peers_id, factor FROM part WHERE (own IS NULL OR peers IS NULL) AND revenue <> 0$$, 'nor has what is not known of one');
SELECT is_empty($$
	SELECT o.id, p.id FROM rep AS o, rep AS p,
		LATERAL (SELECT array_agg(revenue) AS part FROM gap_parts(o.opportunities, o.proposal, o.closing, o.sales, p.opportunities, p.proposal, p.closing, p.sales)) AS a,
		LATERAL (SELECT array_agg(revenue) AS part FROM gap_parts(o.opportunities, o.closing, o.proposal, o.sales, p.opportunities, p.closing, p.proposal, p.sales)) AS b
	WHERE abs(a.part[2] - b.part[3]) > 0.0001 OR abs(a.part[3] - b.part[2]) > 0.0001 OR abs(a.part[1] - b.part[1]) > 0.0001 OR abs(a.part[4] - b.part[4]) > 0.0001$$,
	'ratios exchanged exchange their parts');
SELECT is_empty($$
	SELECT o.id, p.id FROM rep AS o, rep AS p,
		LATERAL (SELECT array_agg(revenue) AS part FROM gap_parts(o.opportunities, o.closing, o.closing, o.sales, p.opportunities, p.closing, p.closing, p.sales)) AS a
	WHERE abs(part[2] - part[3]) > 0.0001$$, 'ratios that differ alike have equal parts, to the ten-thousandth');

-- the largest and the smallest numbers
CREATE TABLE largest AS
SELECT opportunities, rate(9223372036854775807, 9223372036854775807) AS sure, rate(4611686018427387903, 9223372036854775806) AS half, sales_agg(amount) AS sales, amount
FROM (VALUES (1.5e308::float8, 99999999999999.9999), (1.5e308::float8, -99999999999999.9999), (5e-324, 99999999999999.9999)) AS c(opportunities, amount)
GROUP BY opportunities, amount;
SELECT is(total, round(opportunities::text::numeric / 2 * amount, 4), opportunities || ' at ' || amount), is(parts, ARRAY[total / 2, total / 2, 0, 0], 'in parts')
FROM largest, LATERAL (SELECT sum(revenue), array_agg(revenue) FROM gap_parts(opportunities, sure, half, sales, 0, '0/1', '7/14', sales)) AS g(total, parts)
ORDER BY opportunities, amount;
SELECT is(sum(revenue), round(5e307 * amount, 4), 'all that can be large at ' || amount)
FROM largest, LATERAL gap_parts(1.5e308, sure, half, sales, 1e308, half, half, sales)
WHERE opportunities > 1 GROUP BY amount ORDER BY amount;

-- every type of number
SELECT results_eq(
	format('SELECT revenue FROM (VALUES (30::%1$s, 25::%1$s)) AS c(own, peers), gap_parts(own, ''1/2'', ''1/2'', ''n=1 total=1000 squares=1000000'', peers, ''1/2'', ''1/2'', ''n=1 total=1000 squares=1000000'')', type),
	'VALUES (1250.0000), (0), (0), (0)', 'columns of ' || type)
FROM unnest('{smallint,integer,bigint,real,double precision,numeric}'::text[]) AS type;
SELECT is(sum(revenue), 5.1000, 'opportunities are as they print') FROM gap_parts(5.1, '1/1', '1/1', 'n=1 total=1 squares=1', 0, '1/1', '1/1', 'n=1 total=1 squares=1');

-- errors
SELECT throws_ok(format('SELECT FROM gap_parts(%s, ''1/2'', ''1/2'', ''n=0 total=0 squares=0'', %s, ''1/2'', ''1/2'', ''n=0 total=0 squares=0'')', own, peers), '22003', message, message)
FROM (VALUES
	('-1', '25', 'own opportunities must be at least 0, not -1'),
	('''NaN''', '25', 'own opportunities must be a finite number, not NaN'),
	('''Infinity''', '25', 'own opportunities must be a finite number, not Infinity'),
	('30', '-0.5', 'peers'' opportunities must be at least 0, not -0.5'),
	('30', '''NaN''', 'peers'' opportunities must be a finite number, not NaN'),
	('30', '''-Infinity''', 'peers'' opportunities must be a finite number, not -Infinity')
) AS c(own, peers, message);

SELECT * FROM finish();
ROLLBACK;
