\set ECHO none
\i test/setup.sql
\i test/binary.sql
SELECT plan(210);

-- what counts, and how it is rounded
SELECT is(forecast_agg(amount, probability)::text, expected, name)
FROM (VALUES
	('two deals', '{1000,3000}'::numeric[], '{0.4,0.3}'::float8[], 'n=2 least=0 most=4000 expected=1300 variance=2130000'),
	('without an amount not counted', '{1000,NULL}', '{0.4,0.3}', 'n=1 least=0 most=1000 expected=400 variance=240000'),
	('without a probability not counted', '{1000,3000}', '{0.4,NULL}', 'n=1 least=0 most=1000 expected=400 variance=240000'),
	('empty over NULLs', '{NULL}', '{NULL}', 'n=0 least=0 most=0 expected=0 variance=0'),
	('a negative amount may come in too', '{1000,-500}', '{0.4,0.2}', 'n=2 least=-500 most=1000 expected=300 variance=280000'),
	('what is certain does not vary', '{1000,500,-3}', '{1,0,1}', 'n=3 least=-3 most=1500 expected=997 variance=0'),
	('an amount of 0 is a deal', '{0}', '{0.5}', 'n=1 least=0 most=0 expected=0 variance=0'),
	('4 decimals of the amount, halves away from zero', '{0.00005,-0.00015}', '{0.5,0.5}', 'n=2 least=-0.0002 most=0.0001 expected=-0.00005 variance=0.0000000125'),
	('6 decimals of the probability', '{1,1,1}', '{0.3333333333333333,0.6666666666666666,0.0000004}', 'n=3 least=0 most=3 expected=1 variance=0.444444222222'),
	('its halves away from zero', '{1}', '{0.0078125}', 'n=1 least=0 most=1 expected=0.007813 variance=0.007751957031'),
	('rounded to certainty', '{1}', '{0.9999996}', 'n=1 least=0 most=1 expected=1 variance=0'),
	('the least that is seen', '{0.0001}', '{0.000001}', 'n=1 least=0 most=0.0001 expected=0.0000000001 variance=0.00000000000000999999'),
	('the largest', '{99999999999999.9999}', '{0.5}', 'n=1 least=0 most=99999999999999.9999 expected=49999999999999.99995 variance=2499999999999999995000000000.0000000025')
) AS c(name, amounts, probabilities, expected), unnest(amounts, probabilities) AS deal(amount, probability)
GROUP BY name, expected ORDER BY name;
SELECT is((SELECT forecast_agg(1::numeric, 0.5) FROM generate_series(1, 0))::text, 'n=0 least=0 most=0 expected=0 variance=0', 'no rows give the empty forecast');

-- every type of number
SELECT is(forecast_agg(1000, 0.4), 'n=1 least=0 most=1000 expected=400 variance=240000', 'plain literals'),
	is(forecast_agg(1000.5, 1), 'n=1 least=0 most=1000.5 expected=1000.5 variance=0', 'an integer as probability'),
	is(forecast_agg('1000', '0.4'), 'n=1 least=0 most=1000 expected=400 variance=240000', 'quoted literals'),
	is(forecast_agg(0.1::float8, 0.5), forecast_agg(0.1::numeric, 0.5), 'double precision'),
	is(forecast_agg(1000, NULL), 'n=0 least=0 most=0 expected=0 variance=0', 'a literal NULL');
SELECT is(attempt(format('SELECT forecast_agg(amount, probability) FROM (VALUES (1000::%1$s, 1::%2$s), (500, 0)) AS deal(amount, probability)', amount, probability)),
	'n=2 least=0 most=1500 expected=1000 variance=0', format('columns of %s and %s', amount, probability))
FROM unnest('{smallint,integer,bigint,real,double precision,numeric}'::text[]) AS amount,
	unnest('{integer,real,double precision,numeric}'::text[]) AS probability;

-- a definition in plain SQL
SELECT setseed(0.4);
CREATE TABLE deal AS
SELECT n % 40 AS rep, ((random() - 0.3) * 10 ^ (n % 14))::numeric(40,20) AS amount, CASE WHEN n % 9 > 0 THEN random() ELSE n % 2 END AS probability
FROM generate_series(1, 4000) AS n;
CREATE TABLE by_rep AS
SELECT rep, forecast_agg(amount, probability) AS f, count(*) AS n, sum(least(a, 0)) AS least, sum(greatest(a, 0)) AS most, sum(a * p) AS expected, sum(a * a * p * (1 - p)) AS variance
FROM deal, LATERAL (SELECT round(amount, 4), round(probability::numeric, 6)) AS rounded(a, p)
GROUP BY rep;
SELECT is(count(*) FILTER (WHERE f::text = format('n=%s least=%s most=%s expected=%s variance=%s', n, trim_scale(least), trim_scale(most), trim_scale(expected), trim_scale(variance))),
	40::bigint, 'the sums') FROM by_rep;
SELECT is(count(*) FILTER (WHERE forecast_count(f) = n AND total(f) = least + most AND expected(f) = by_rep.expected), 40::bigint, 'number, total and what is expected are exact') FROM by_rep;
SELECT is(count(*) FILTER (WHERE abs(stddev(f) / sqrt(variance)::float8 - 1) < 1e-14), 40::bigint, 'the standard deviation') FROM by_rep;
SELECT is(count(*) FILTER (WHERE abs(stddev(f, 0.25) / sqrt(variance + (by_rep.expected * 0.25) ^ 2)::float8 - 1) < 1e-14), 40::bigint, 'with an uncertain ratio') FROM by_rep;

-- the range, against the quantiles: 100 deals of 1000 at 0.3
CREATE TABLE hundred AS SELECT forecast_agg(1000, 0.3) AS f FROM generate_series(1, 100);
SELECT ok(abs(forecast_low(f, confidence, uncertainty) / (30000 - z * sd) - 1) < 1e-14 AND abs(forecast_high(f, confidence, uncertainty) / (30000 + z * sd) - 1) < 1e-14,
	format('the range at %s, with an uncertainty of %s', confidence, uncertainty))
FROM hundred, (VALUES (0.5, 0.6744897501960817), (0.9, 1.6448536269514722), (0.95, 1.959963984540054), (0.99, 2.5758293035489004)) AS q(confidence, z),
	(VALUES (0, sqrt(21e6)), (0.1, sqrt(30e6))) AS u(uncertainty, sd)
ORDER BY confidence, uncertainty;
SELECT is(forecast_low(f), forecast_low(f, 0.95), '0.95 is the default below'), is(forecast_high(f), forecast_high(f, 0.95), '0.95 is the default above'),
	is(forecast_low(f, uncertainty => 0.1), forecast_low(f, 0.95, 0.1), 'uncertainty by name'), is(stddev(f), stddev(f, 0), 'no uncertainty is the default'),
	is(chance(f, 31000), chance(f, 31000, 0), 'of the chance too')
FROM hundred;
SELECT is(forecast_low(f, confidence), low, name || ': low'), is(forecast_high(f, confidence), high, name || ': high')
FROM (VALUES
	('within the least and the most', 'n=2 least=0 most=4000 expected=1300 variance=2130000'::forecast, 0.95, 0::float8, 4000::float8),
	('the least can be below 0', 'n=2 least=-500 most=1000 expected=300 variance=280000', 0.999, -500, 1000),
	('what is certain has no range', 'n=3 least=-3 most=1500 expected=997 variance=0', 0.999, 997, 997),
	('the highest confidence', 'n=2 least=0 most=4000 expected=1300 variance=2130000', 1 - 2 ^ -53::float8, 0, 4000)
) AS c(name, f, confidence, low, high);
SELECT is(round(forecast_high(f, 1e-300)), 30000::float8, 'the lowest confidence') FROM hundred;

-- the chance
SELECT cmp_ok(abs(chance(f, 30000 + z * sqrt(21e6::float8)) / p - 1), '<', 1e-11::float8, format('the chance of %s standard deviations more', z))
FROM hundred, (VALUES (-6, 0.9999999990134123), (-1, 0.8413447460685429), (0, 0.5), (1, 0.15865525393145705), (2, 0.022750131948179207), (6, 9.865876450376981e-10), (8, 6.220960574271785e-16)) AS q(z, p)
ORDER BY z;
SELECT is(chance(f, goal), expected, name)
FROM (VALUES
	('the least comes in for certain', 'n=2 least=-500 most=1000 expected=300 variance=280000'::forecast, -500::float8, 1::float8),
	('so does less', 'n=2 least=-500 most=1000 expected=300 variance=280000', -1e308, 1),
	('more than the most cannot', 'n=2 least=-500 most=1000 expected=300 variance=280000', 1000.0001, 0),
	('nor can much more', 'n=2 least=-500 most=1000 expected=300 variance=280000', 1e308, 0),
	('what is expected has an even chance', 'n=2 least=-500 most=1000 expected=300 variance=280000', 300, 0.5),
	('what is certain comes in', 'n=3 least=-3 most=1500 expected=997.1 variance=0', 997.1, 1),
	('and not more than that', 'n=3 least=-3 most=1500 expected=997.1 variance=0', 997.1001, 0),
	('deals of nothing bring nothing', 'n=2 least=0 most=0 expected=0 variance=0', 0, 1),
	('and not more', 'n=2 least=0 most=0 expected=0 variance=0', 0.0001, 0)
) AS c(name, f, goal, expected);
SELECT ok(chance(f, 1000) BETWEEN 0.09 AND 0.1, 'the most itself can') FROM (VALUES ('n=2 least=-500 most=1000 expected=300 variance=280000'::forecast)) AS c(f);
SELECT is(count(*) FILTER (WHERE abs(chance(f, forecast_low(f, c, u), u) - (1 + c) / 2) < 1e-12 AND abs(chance(f, forecast_high(f, c, u), u) - (1 - c) / 2) < 1e-12),
	18::bigint, 'chance and range agree')
FROM hundred, unnest('{0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9}'::float8[]) AS c, unnest('{0,0.2}'::float8[]) AS u;
SELECT is_empty($$
	SELECT goal FROM (SELECT goal, chance(f, goal), lag(chance(f, goal)) OVER (ORDER BY goal) AS before FROM hundred, generate_series(-100, 100100, 100) AS goal) AS c
	WHERE chance > before OR chance NOT BETWEEN 0 AND 1$$, 'more has less of a chance');
SELECT is(chance(f, 31000), c, 'a goal of type integer'), is(chance(f, 31000.0), c, 'of type numeric'), is(chance(f, '31000', '0'), c, 'in quotes'),
	is(stddev(f, 1), stddev(f, 1.0), 'an integer as uncertainty'), is(forecast_low(f, 0.9, 1), forecast_low(f, '0.9', '1'), 'and of the range')
FROM hundred, chance(f, 31000::float8) AS c;
SELECT is(attempt(format('SELECT chance(f, goal, uncertainty) = chance(f, 31000, 1) AND stddev(f, uncertainty) = stddev(f, 1) FROM hundred, (VALUES (31000::%1$s, 1::%1$s)) AS c(goal, uncertainty)', type)), 'true', 'columns of ' || type)
FROM unnest('{smallint,integer,bigint,real,double precision,numeric}'::text[]) AS type;

-- empty and NULL
SELECT is(forecast_count(f), 0::bigint, 'empty: count'), is(total(f), NULL, 'empty: total'), is(expected(f), NULL, 'empty: expected'), is(stddev(f), NULL, 'empty: stddev'),
	is(forecast_low(f), NULL, 'empty: low'), is(forecast_high(f), NULL, 'empty: high'), is(chance(f, 0), NULL, 'empty: chance')
FROM (VALUES ('n=0 least=0 most=0 expected=0 variance=0'::forecast)) AS c(f);
SELECT is(total(NULL::forecast), NULL, 'total of NULL'), is(expected(NULL), NULL, 'expected of NULL'), is(stddev(f, NULL), NULL, 'uncertainty NULL'), is(forecast_low(f, NULL), NULL, 'confidence NULL'),
	is(forecast_high(f, 0.9, NULL), NULL, 'uncertainty of the range NULL'), is(chance(f, NULL), NULL, 'goal NULL'), is(chance(f, 1, NULL), NULL, 'uncertainty of the chance NULL')
FROM hundred;

-- the algebra and the windows
SELECT is(a + b, 'n=3 least=-500 most=4000 expected=1200 variance=2170000', 'both together'), is(a + b - b, a, 'minus undoes plus'), is(a - a, 'n=0 least=0 most=0 expected=0 variance=0', 'less itself is empty')
FROM (VALUES ('n=2 least=0 most=4000 expected=1300 variance=2130000'::forecast, 'n=1 least=-500 most=0 expected=-100 variance=40000'::forecast)) AS c(a, b);
SELECT results_eq(
	$$SELECT forecast_agg(x, p) OVER w FROM (VALUES (1, 1000, 0.4), (2, NULL, 0.5), (3, -500, 0.2), (4, 3000, 0.3)) AS v(i, x, p)
		WINDOW w AS (ORDER BY i ROWS 1 PRECEDING) ORDER BY i$$,
	$$VALUES ('n=1 least=0 most=1000 expected=400 variance=240000'::forecast), ('n=1 least=0 most=1000 expected=400 variance=240000'),
		('n=1 least=-500 most=0 expected=-100 variance=40000'), ('n=2 least=-500 most=3000 expected=800 variance=1930000')$$,
	'forecast_agg over a moving window');

-- as many deals as can be counted, all as large as can be
CREATE TABLE extreme AS
SELECT name, text, text::forecast AS f, n, least, most, expected, variance
FROM (VALUES ('won or lost', 1, 0.5), ('credit notes', -1, 0.5), ('nearly certain', 1, 0.999999), ('hardly', -1, 0.000001)) AS c(name, sign, p),
	LATERAL (SELECT 9223372036854775807 AS n, sign * 99999999999999.9999 AS a) AS l,
	LATERAL (SELECT least(n * a, 0), greatest(n * a, 0), n * a * p, n * a * a * p * (1 - p)) AS s(least, most, expected, variance),
	LATERAL (SELECT format('n=%s least=%s most=%s expected=%s variance=%s', n, trim_scale(least), trim_scale(most), trim_scale(expected), trim_scale(variance))) AS t(text);
SELECT is(f::text, text, name || ': text'), is(from_binary('forecast', forecast_send(f)), text, name || ': binary'), is(expected(f), expected, name || ': expected'),
	is(total(f), least + most, name || ': total'), is(stddev(f), sqrt(variance)::float8, name || ': stddev'), is(chance(f, expected(f)::float8), 0.5::float8, name || ': chance'),
	ok(forecast_low(f) < expected AND forecast_high(f) > expected, name || ': range'), is(f - f, 'n=0 least=0 most=0 expected=0 variance=0', name || ': less itself')
FROM extreme ORDER BY name;
SELECT throws_ok(format('SELECT f + %L FROM extreme WHERE name = %L', 'n=1 least=0 most=0 expected=0 variance=0', name), '22003', 'number of deals out of range', name || ': one more') FROM extreme ORDER BY name;
WITH RECURSIVE doubled AS (
	SELECT 0 AS n, forecast_agg(-99999999999999.9999, 0.5) AS f UNION ALL SELECT n + 1, f + f FROM doubled WHERE n < 62
)
SELECT is((SELECT rollup(f) FROM doubled), f, 'a deal, doubled 62 times, all together') FROM extreme WHERE name = 'credit notes';

-- errors
SELECT throws_ok('SELECT ' || sql, state, message, sql)
FROM (VALUES
	($$forecast_agg(1, 1.1)$$, '22003', 'probability must be between 0 and 1, not 1.1'),
	($$forecast_agg(1::numeric, -0.1)$$, '22003', 'probability must be between 0 and 1, not -0.1'),
	($$forecast_agg(1, 'NaN')$$, '22003', 'probability must be between 0 and 1, not NaN'),
	($$forecast_agg(1, 'Infinity')$$, '22003', 'probability must be between 0 and 1, not Infinity'),
	($$forecast_agg(100000000000000, 0.5)$$, '22003', 'amount 100000000000000 is out of range'),
	($$forecast_agg(99999999999999.99995, 0.5::float8)$$, '22003', 'amount 99999999999999.99995 is out of range'),
	($$forecast_agg('NaN'::numeric, 0.5)$$, '22003', 'amount NaN is out of range'),
	($$forecast_agg('-Infinity'::float8, 0.5)$$, '22003', 'amount -Infinity is out of range'),
	($$stddev(f, -0.1) FROM hundred$$, '22003', 'uncertainty must be at least 0, not -0.1'),
	($$stddev(f, 'NaN') FROM hundred$$, '22003', 'uncertainty must be a finite number, not NaN'),
	($$stddev(f, 1e308) FROM hundred$$, '22003', 'standard deviation is out of range'),
	($$forecast_low(f, 0.9, 'Infinity') FROM hundred$$, '22003', 'uncertainty must be a finite number, not Infinity'),
	($$forecast_high(f, 0.9, -1) FROM hundred$$, '22003', 'uncertainty must be at least 0, not -1'),
	($$chance(f, 1, -1) FROM hundred$$, '22003', 'uncertainty must be at least 0, not -1'),
	($$chance(f, 'NaN') FROM hundred$$, '22003', 'goal must be a finite number, not NaN'),
	($$chance(f, 'Infinity') FROM hundred$$, '22003', 'goal must be a finite number, not Infinity'),
	($$forecast_low(f, 0) FROM hundred$$, '22023', 'confidence must be above 0 and below 1, not 0'),
	($$forecast_high(f, 1) FROM hundred$$, '22023', 'confidence must be above 0 and below 1, not 1'),
	($$forecast_low(f, 'NaN') FROM hundred$$, '22023', 'confidence must be above 0 and below 1, not NaN'),
	($$forecast_agg(1, 1) - forecast_agg(1, 0)$$, '22003', 'no deals have this number, range, expectation and variance'),
	($$forecast_agg(1, 1) - f FROM hundred GROUP BY f$$, '22003', 'no deals have this number, range, expectation and variance'),
	($$forecast 'n=1 least=0 most=1'$$, '22P02', 'invalid input syntax for type forecast: "n=1 least=0 most=1"'),
	($$forecast 'n=1 least=0 most=1.00001 expected=0 variance=0'$$, '22P02', 'invalid input syntax for type forecast: "n=1 least=0 most=1.00001 expected=0 variance=0"'),
	($$forecast ''$$, '22P02', 'invalid input syntax for type forecast: ""'),
	($$forecast 'n=9223372036854775808 least=0 most=0 expected=0 variance=0'$$, '22003', 'value "9223372036854775808" is out of range for type forecast')
) AS c(sql, state, message);

-- the invariant: no deals have these
SELECT is(attempt(format('SELECT %L::forecast', text)), 'error 22003', name)
FROM (VALUES
	('fewer than none', 'n=-1 least=0 most=0 expected=0 variance=0'),
	('something from nothing', 'n=0 least=0 most=1 expected=0.5 variance=0.25'),
	('the least above 0', 'n=2 least=1 most=1 expected=1 variance=0'),
	('the most below 0', 'n=2 least=-1 most=-1 expected=-1 variance=0'),
	('more than the amounts allow', 'n=2 least=0 most=200000000000000 expected=0 variance=0'),
	('and on both sides', 'n=2 least=-100000000000000 most=99999999999999.9999 expected=0 variance=0'),
	('expected above the most', 'n=2 least=0 most=1 expected=1.0000000001 variance=0.00000000000000000001'),
	('expected below the least', 'n=2 least=-1 most=1 expected=-1.0000000001 variance=0.00000000000000000001'),
	('a negative variance', 'n=2 least=0 most=1 expected=0.5 variance=-0.25'),
	('the variance above that of one deal', 'n=2 least=0 most=1 expected=0.5 variance=0.25000000000000000002'),
	('and above that of the largest deals', 'n=3 least=0 most=299999999999999.9997 expected=149999999999999.99985 variance=15000000000000000000000000000'),
	('a variance odd against what is expected', 'n=2 least=0 most=1 expected=0.5 variance=0.24999999999999999999'),
	('one deal on both sides', 'n=1 least=-1 most=1 expected=0 variance=1'),
	('one deal of another variance', 'n=1 least=0 most=1 expected=0.5 variance=0.24'),
	('one deal whose probability has 7 decimals', 'n=1 least=0 most=2 expected=0.0000001 variance=0.00000019999999'),
	('numbers of 200 bits', 'n=2 least=-1606938044258990275541962092341162602522202993782792835301376 most=0 expected=0 variance=0'),
	('an expectation of 256 bits', 'n=2 least=0 most=0 expected=11579208923731619542357098500868790785326998466564056403945758400791 variance=0')
) AS c(name, text);
SELECT is(attempt(format('SELECT %L::forecast', text)), text, name)
FROM (VALUES
	('the variance of one deal', 'n=2 least=0 most=1 expected=0.5 variance=0.25'),
	('of deals on both sides', 'n=2 least=-1 most=1 expected=0 variance=0.5')
) AS c(name, text);

-- round trips and hostile input
SELECT is(from_binary('forecast', forecast_send(f)), f::text, 'binary ' || f), is(f::text::forecast, f, 'text ' || f)
FROM (VALUES ('n=0 least=0 most=0 expected=0 variance=0'::forecast), ('n=2 least=-500 most=1000 expected=-300.5 variance=250000'), ('n=9223372036854775807 least=0 most=0 expected=0 variance=0')) AS c(f);
SELECT setseed(0.21);
SELECT is_empty($$SELECT text FROM hostile_text('forecast', ARRAY['n=3 least=-500 most=4000 expected=-100.5 variance=210000.25'], ARRAY['n=', 'least=', 'most=', 'expected=', 'variance='], 1500) AS text
	WHERE text !~ '^error (22P02|22003)$' AND NOT (forecast_count(text::forecast) >= 0 AND coalesce(stddev(text::forecast), 0) >= 0)$$, 'hostile text gives an error or a valid forecast');
SELECT is_empty($$SELECT text FROM hostile_binary('forecast', ARRAY[forecast_send('n=3 least=-500 most=4000 expected=-100.5 variance=210000.25')], 1000) AS text
	WHERE text !~ '^error (22P03|08P01|22003)$' AND NOT (forecast_count(text::forecast) >= 0 AND coalesce(stddev(text::forecast), 0) >= 0)$$, 'hostile messages give an error or a valid forecast');

-- Does a range of 90 % hold in 90 %? Of 1000 reps each knows the common ratio,
-- 0.3, from 80 decided deals only, and has 150 open ones.
SELECT setseed(0.5);
CREATE TABLE known AS
SELECT rep, rate_agg(random() < 0.3) AS closing FROM generate_series(1, 1000) AS rep, generate_series(1, 80) GROUP BY rep;
CREATE TABLE open AS
SELECT rep, 500 + 4000 * random() ^ 2 AS amount, random() < 0.3 AS won FROM generate_series(1, 1000) AS rep, generate_series(1, 150);
CREATE TABLE outcome AS
SELECT rep, ratio(closing) AS ratio, sqrt((1 - ratio(closing)) / passed(closing)) AS uncertainty, forecast_agg(amount, ratio(closing)) AS f, sum(amount) FILTER (WHERE won) AS revenue
FROM known JOIN open USING (rep) GROUP BY rep, closing;
SELECT ok(avg((revenue BETWEEN forecast_low(f, 0.9, uncertainty) AND forecast_high(f, 0.9, uncertainty))::integer) BETWEEN 0.87 AND 0.93, 'with the uncertainty of the ratio it does'),
	cmp_ok(avg((revenue BETWEEN forecast_low(f, 0.9) AND forecast_high(f, 0.9))::integer), '<', 0.75, 'without it in clearly less'),
	ok(abs(avg(chance(f, goal, uncertainty)) - avg((revenue >= goal)::integer)) < 0.05, 'and 120 % of what is expected comes in as often as the chance says'),
	cmp_ok(avg(chance(f, goal)), '<', avg((revenue >= goal)::integer)::float8 - 0.1, 'which without it is clearly less')
FROM outcome, LATERAL (SELECT 1.2 * expected(f)::float8) AS g(goal);

SELECT * FROM finish();
ROLLBACK;
