-- The relations of a mart in plain SQL, defined without its templates: what the mart in schema sales must hold, row by
-- row. Slow and plain on purpose. kpi's own functions are used for intervals, p and the prior alone, which have tests
-- of their own.

\i test/oracle.sql

-- A mart whose contract is tables, to be filled with one CRM after the other
CREATE SCHEMA sales;
CREATE TABLE sales.opportunity (
	opportunity_id text, rep_id text, created_at timestamptz, appointment_at timestamptz, proposal_at timestamptz, closed_at timestamptz,
	outcome text, amount numeric, offering text, kind text, region text
);
CREATE TABLE sales.rep (rep_id text, rep_name text, team text, peer_group text, hired_on date, left_on date);
CREATE TABLE sales.goal (rep_id text, starts_on date, ends_on date, revenue numeric);
CREATE TABLE sales.activity (rep_id text, kind text, happened_at timestamptz, opportunity_id text);
CREATE INDEX ON sales.activity (opportunity_id);

DO $$ BEGIN PERFORM kpi.create_mart('sales', options => '{"dimensions": ["region"]}'); END $$;

CREATE FUNCTION oracle.crm_is_empty() RETURNS void
	LANGUAGE sql
	AS 'TRUNCATE sales.opportunity, sales.rep, sales.goal, sales.activity, sales.required_weekly, sales.scorecard_snapshot';

-- Figures: one row per thing that adds to a column of weekly

CREATE TABLE oracle.part (grp integer, rep_id text, offering text, region text);
CREATE TABLE oracle.figure (rep_id text, offering text, region text, day date, name text, value numeric);

-- Opportunities with an appointment that came to a second one, or ended
CREATE TABLE oracle.second (rep_id text, day date, passed boolean);

-- Life tables: who was seen, from which age to which. A question is about the deals of one or more reps in a window.

CREATE TABLE oracle.lead (rep_id text, start text, started date, ended date, won boolean);
CREATE TABLE oracle.member (level text, subject text, side text, rep_id text);
CREATE TABLE oracle.question (id serial, level text, subject text, side text, start text, from_date date, until_date date);
CREATE TABLE oracle.answer (id integer, won bigint, lost bigint, win double precision, median integer);

CREATE FUNCTION oracle.seen(from_date date, until_date date)
	RETURNS TABLE (rep_id text, start text, first_day integer, last_day integer, won boolean)
	STABLE
BEGIN ATOMIC
	SELECT rep_id, start, greatest(0, from_date - started),
		CASE WHEN ended < until_date THEN ended ELSE until_date END - started,
		CASE WHEN ended < until_date THEN won END
	FROM oracle.lead
	WHERE started < until_date AND (ended IS NULL OR ended >= from_date AND ended >= started);
END;

CREATE FUNCTION oracle.step(state double precision[], at_risk bigint, won bigint, lost bigint) RETURNS double precision[]
	LANGUAGE plpgsql
AS $$
BEGIN
	IF at_risk > 0 THEN
		state := ARRAY[state[1] * (at_risk - won - lost) / at_risk, state[2] + state[1] * won / at_risk];
	END IF;
	RETURN state;
END
$$;
-- the shares still open and won
CREATE AGGREGATE oracle.share(bigint, bigint, bigint) (SFUNC = oracle.step, STYPE = double precision[], INITCOND = '{1,0}');

CREATE FUNCTION oracle.answers(horizon integer)
	RETURNS TABLE (id integer, won bigint, lost bigint, win double precision, median integer)
	STABLE
BEGIN ATOMIC
	WITH seen AS MATERIALIZED (
		SELECT w.from_date, w.until_date, s.*
		FROM (SELECT DISTINCT from_date, until_date FROM oracle.question) AS w, oracle.seen(w.from_date, w.until_date) AS s
	),
	asked AS MATERIALIZED (
		SELECT q.id, q.from_date, q.until_date, q.start, m.rep_id
		FROM oracle.question AS q JOIN oracle.member AS m USING (level, subject, side)
		WHERE q.id > (SELECT coalesce(max(id), 0) FROM oracle.answer)
	),
	-- a deal left open at an age is not at risk on that day, one that ended is
	change AS (
		SELECT id, day, sum(risk) AS risk, sum(won) AS won, sum(lost) AS lost
		FROM asked JOIN (
			SELECT from_date, until_date, start, rep_id, day, count(*) FILTER (WHERE risk > 0) - count(*) FILTER (WHERE risk < 0) AS risk,
				count(*) FILTER (WHERE risk = 0 AND s.won) AS won, count(*) FILTER (WHERE risk = 0 AND NOT s.won) AS lost
			FROM seen AS s, LATERAL (VALUES (first_day, 1), (last_day + (s.won IS NOT NULL)::integer, -1), (last_day, 0)) AS c(day, risk)
			GROUP BY 1, 2, 3, 4, 5
		) AS c USING (from_date, until_date, start, rep_id)
		GROUP BY id, day
	),
	whole AS (
		SELECT id, sum(won) AS won, sum(lost) AS lost, min(first_day) AS first_day, min(first_day) = max(latest) AND sum(left_open) = 0 AS is_plain
		FROM asked JOIN (
			SELECT from_date, until_date, start, rep_id, count(*) FILTER (WHERE won) AS won, count(*) FILTER (WHERE NOT won) AS lost,
				min(first_day) AS first_day, max(first_day) AS latest, count(*) FILTER (WHERE won IS NULL AND last_day <= horizon) AS left_open
			FROM seen
			GROUP BY 1, 2, 3, 4
		) AS c USING (from_date, until_date, start, rep_id)
		GROUP BY id
	),
	-- between two such days nothing does
	daily AS MATERIALIZED (
		SELECT id, day, won::bigint, lost::bigint, (sum(risk) OVER (PARTITION BY id ORDER BY day))::bigint AS at_risk
		FROM change
		WHERE day <= horizon
	),
	shared AS MATERIALIZED (
		SELECT id, day, at_risk, share[2] AS win, coalesce((lag(share) OVER (PARTITION BY id ORDER BY day))[1], 1) AS open_before
		FROM (SELECT d.*, oracle.share(at_risk, won, lost) OVER (PARTITION BY id ORDER BY day) AS share FROM daily AS d) AS d
	),
	-- on the first day with fewer than 10 at risk at most 5 % are open
	judged AS (
		SELECT w.id, max(s.win) AS win,
			w.is_plain OR coalesce((array_agg(s.open_before ORDER BY s.day) FILTER (WHERE s.at_risk < 10 AND s.day >= w.first_day))[1] <= 0.05, true) AS is_complete
		FROM whole AS w JOIN shared AS s USING (id)
		GROUP BY w.id, w.is_plain
	)
	SELECT w.id, w.won, w.lost, CASE WHEN j.is_complete THEN j.win END,
		CASE WHEN j.is_complete AND j.win > 0 THEN min(s.day) FILTER (WHERE s.win >= j.win / 2 - 1e-9) END
	FROM whole AS w JOIN judged AS j USING (id) LEFT JOIN shared AS s USING (id)
	GROUP BY w.id, w.won, w.lost, j.is_complete, j.win;
END;

CREATE VIEW oracle.setting AS
SELECT *, 'appointment' = ANY (gateways) AS has_appointment, 'proposal' = ANY (gateways) AS has_proposal,
	CASE WHEN 'appointment' = ANY (gateways) THEN 'appointment' ELSE 'creation' END AS entry,
	monday - 7 * trailing_weeks AS from_date
FROM (
	SELECT c.*, c.refreshed_as_of AS at, (c.refreshed_as_of AT TIME ZONE c.time_zone)::date AS today,
		oracle.monday((c.refreshed_as_of AT TIME ZONE c.time_zone)::date) AS monday
	FROM sales.config AS c
) AS c;

-- Reckons all that follows from the CRM and the settings.
CREATE FUNCTION oracle.reckon() RETURNS void
	LANGUAGE plpgsql
AS $$
DECLARE
	s oracle.setting;
BEGIN
	SELECT * INTO s FROM oracle.setting;
	TRUNCATE oracle.opportunity, oracle.part, oracle.figure, oracle.second, oracle.lead, oracle.member, oracle.question, oracle.answer;
	CREATE TEMPORARY TABLE counted ON COMMIT DROP AS
	SELECT dense_rank() OVER (ORDER BY rep_id, coalesce(offering, ''), coalesce(region, ''))::integer AS grp, rep_id, coalesce(offering, '') AS offering,
		coalesce(region, '') AS region, opportunity_id, created_at, appointment_at, proposal_at, closed_at,
		CASE outcome WHEN 'won' THEN true WHEN 'lost' THEN false END AS won, amount
	FROM sales.opportunity
	WHERE outcome IS DISTINCT FROM 'void' AND coalesce(kind, 'new') = ANY (s.kinds) AND rep_id IN (SELECT rep_id FROM sales.rep);
	CREATE INDEX ON counted (opportunity_id);
	ANALYZE counted;
	INSERT INTO oracle.part SELECT DISTINCT grp, rep_id, offering, region FROM counted;
	INSERT INTO oracle.opportunity SELECT grp, created_at, appointment_at, proposal_at, closed_at, won, amount FROM counted;

	INSERT INTO oracle.figure
	SELECT rep_id, offering, region, day, f.name, f.value
	FROM oracle.event(s.time_zone, s.at, s.gateways) AS e JOIN oracle.part USING (grp),
		LATERAL (VALUES
			('new', 'new_opportunities', 1),
			('appointment passed', 'appointment_passed', 1), ('appointment passed', 'appointment_decided', 1), ('appointment failed', 'appointment_decided', 1),
			('appointment imputed', 'appointment_imputed', 1),
			('proposal passed', 'proposal_passed', 1), ('proposal passed', 'proposal_decided', 1), ('proposal failed', 'proposal_decided', 1),
			('proposal imputed', 'proposal_imputed', 1),
			('closing passed', 'closing_passed', 1), ('closing passed', 'closing_decided', 1), ('closing failed', 'closing_decided', 1),
			('sale', 'sales_count', 1), ('sale', 'revenue', e.value), ('sale', 'squares', e.value ^ 2),
			('won days', 'won_days', e.value), ('won days', 'won_with_days', 1), ('lost days', 'lost_days', e.value), ('lost days', 'lost_with_days', 1)
		) AS f(kind, name, value)
	WHERE f.kind = e.kind;
	INSERT INTO oracle.figure
	SELECT a.rep_id, coalesce(o.offering, ''), coalesce(o.region, ''), (happened_at AT TIME ZONE s.time_zone)::date, kind || 's', 1
	FROM (SELECT *, CASE kind WHEN 'booked' THEN 'booked' ELSE kind || 's' END AS name FROM sales.activity) AS a
		-- of which there was something to count by then; of opportunities with one id, any
		LEFT JOIN LATERAL (
			SELECT offering, region FROM counted AS o
			WHERE o.opportunity_id = a.opportunity_id AND EXISTS (
				SELECT
				FROM (VALUES (created_at, true), (appointment_at, 'appointment' = ANY (s.gateways)), (proposal_at, 'proposal' = ANY (s.gateways)), (closed_at, won IS NOT NULL))
					AS m(at, is_seen)
				WHERE is_seen AND isfinite(m.at) AND m.at <= s.at
			)
			ORDER BY offering, region
			LIMIT 1
		) AS o ON true
	WHERE happened_at > '-infinity' AND happened_at <= s.at AND kind IN ('call', 'conversation', 'booked', 'appointment')
		AND rep_id IN (SELECT rep_id FROM sales.rep);
	UPDATE oracle.figure SET name = 'booked' WHERE name = 'bookeds';

	-- of each opportunity, as often as it is there, the first two times at which an appointment was held
	INSERT INTO oracle.second
	SELECT rep_id, least(second, ended), coalesce(second <= ended, second IS NOT NULL)
	FROM (
		SELECT rep_id, (closed AT TIME ZONE s.time_zone)::date AS ended, (t.times[1] AT TIME ZONE s.time_zone)::date AS first, (t.times[2] AT TIME ZONE s.time_zone)::date AS second
		FROM counted AS c, LATERAL (SELECT CASE WHEN won IS NOT NULL THEN oracle.usable(closed_at, s.at) END) AS e(closed), LATERAL (
			SELECT array_agg(DISTINCT happened_at ORDER BY happened_at)
			FROM sales.activity AS a
			WHERE a.opportunity_id = c.opportunity_id AND kind = 'appointment' AND happened_at > '-infinity' AND happened_at <= s.at AND rep_id IN (SELECT rep_id FROM sales.rep)
		) AS t(times)
	) AS o
	WHERE first IS NOT NULL AND (ended IS NULL OR ended >= first) AND (second IS NOT NULL OR ended IS NOT NULL);

	-- closed without a known outcome is open
	INSERT INTO oracle.lead
	SELECT rep_id, start, (started AT TIME ZONE s.time_zone)::date, CASE WHEN won IS NOT NULL THEN (closed_at AT TIME ZONE s.time_zone)::date END, won
	FROM (SELECT rep_id, created_at, appointment_at, proposal_at, won, oracle.usable(closed_at, s.at) AS closed_at FROM counted) AS c,
		LATERAL (VALUES ('creation', oracle.usable(created_at, s.at)), ('appointment', oracle.usable(appointment_at, s.at)),
			('proposal', oracle.usable(proposal_at, s.at))) AS v(start, started)
	WHERE started IS NOT NULL;
	DROP TABLE counted;

	INSERT INTO oracle.member
	SELECT 'rep', o.rep_id, side, r.rep_id
	FROM sales.rep AS o, sales.rep AS r, (VALUES ('own'), ('near'), ('far')) AS s(side)
	WHERE CASE side
			WHEN 'own' THEN r.rep_id = o.rep_id
			WHEN 'near' THEN r.rep_id <> o.rep_id AND r.peer_group = o.peer_group AND o.peer_group <> ''
			ELSE r.rep_id <> o.rep_id
		END
	UNION ALL
	SELECT 'team', o.team, side, r.rep_id
	FROM (SELECT DISTINCT team FROM sales.rep WHERE team <> '') AS o, sales.rep AS r, (VALUES ('own'), ('near')) AS s(side)
	WHERE r.team <> '' AND (r.team = o.team) = (side = 'own');

	INSERT INTO oracle.question (level, subject, side, start, from_date, until_date)
	SELECT DISTINCT level, subject, side, start, s.from_date, s.monday
	FROM oracle.member, (VALUES ('creation'), (s.entry)) AS v(start)
	UNION ALL
	SELECT 'rep', rep_id, 'own', s.entry, s.monday - 7 * (n + s.trailing_weeks), s.monday - 7 * n FROM sales.rep, generate_series(1, 12) AS n
	ORDER BY 6, 1, 2, 3, 4;
	ANALYZE oracle.question, oracle.member, oracle.lead, oracle.figure;
	INSERT INTO oracle.answer SELECT * FROM oracle.answers(s.cycle_horizon_days);
	-- of past weeks the peers matter only where the own deals do not tell
	INSERT INTO oracle.question (level, subject, side, start, from_date, until_date)
	SELECT 'rep', subject, v.side, start, from_date, until_date
	FROM oracle.question AS q LEFT JOIN oracle.answer AS a USING (id), (VALUES ('near'), ('far')) AS v(side)
	WHERE q.side = 'own' AND until_date < s.monday AND a.win IS NULL
	ORDER BY 6, 2, 3;
	INSERT INTO oracle.answer SELECT * FROM oracle.answers(s.cycle_horizon_days);
END
$$;

-- The additive relations, a row per key and column that is not 0


CREATE FUNCTION oracle.unpivot(relation jsonb, sales kpi.sales) RETURNS TABLE (name text, value numeric)
	IMMUTABLE
BEGIN ATOMIC
	SELECT key, value::numeric
	FROM jsonb_each_text(relation - '{rep_id,rep_name,team,offering,region,week,month,grain,starts_on,ends_on,sales,weeks_employed}'::text[])
	WHERE key !~ '_ratio$|^average_' AND value::numeric <> 0
	UNION ALL
	SELECT 'squares', substring(sales::text, 'squares=(.*)')::numeric WHERE substring(sales::text, 'squares=(.*)')::numeric <> 0;
END;

CREATE VIEW oracle.weekly AS
SELECT rep_id, offering, region, oracle.monday(day) AS week, oracle.first_of_month(day) AS month, name, trim_scale(sum(value)) AS value
FROM oracle.figure GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(value) <> 0;
CREATE VIEW oracle.sales_weekly AS
SELECT rep_id, offering, region, week, month, u.name, trim_scale(u.value) AS value FROM sales.weekly AS w, oracle.unpivot(to_jsonb(w), w.sales) AS u;

CREATE VIEW oracle.rep_week AS
SELECT rep_id, oracle.monday(day) AS week, oracle.first_of_month(day) AS month, name, trim_scale(sum(value)) AS value
FROM oracle.figure GROUP BY 1, 2, 3, 4 HAVING sum(value) <> 0;
CREATE VIEW oracle.sales_rep_week AS
SELECT rep_id, week, month, u.name, trim_scale(u.value) AS value FROM sales.rep_week AS w, oracle.unpivot(to_jsonb(w), w.sales) AS u;

CREATE VIEW oracle.rep_window AS
-- nothing is known where nobody had a second one
SELECT rep_id, f.name, f.value
FROM (
		SELECT rep_id, sum(passed::integer) AS passed, count(*) AS decided, sum(sum(passed::integer)) OVER () AS all_passed
		FROM oracle.second, oracle.setting
		WHERE day >= from_date AND day < monday
		GROUP BY rep_id
	) AS s, LATERAL (VALUES ('second_appointment_passed', passed), ('second_appointment_decided', decided)) AS f(name, value)
WHERE all_passed > 0 AND f.value > 0
UNION ALL
-- those before which the opportunity had none; of several at one time one
SELECT rep_id, 'first_appointments', count(*)
FROM oracle.setting AS s, sales.activity AS a JOIN sales.rep USING (rep_id),
	LATERAL (SELECT (happened_at AT TIME ZONE s.time_zone)::date) AS d(day)
WHERE kind = 'appointment' AND happened_at > '-infinity' AND happened_at <= s.at AND day >= from_date AND day < monday
	AND NOT EXISTS (
		SELECT FROM sales.activity AS b JOIN sales.rep USING (rep_id)
		WHERE b.opportunity_id = a.opportunity_id AND b.kind = 'appointment' AND b.happened_at > '-infinity'
			AND (b.happened_at, b.rep_id, b.ctid) < (a.happened_at, a.rep_id, a.ctid)
	)
GROUP BY rep_id
UNION ALL
SELECT f.rep_id, name, trim_scale(sum(value)) AS value
FROM oracle.figure AS f, oracle.setting
WHERE day >= from_date AND day < monday
GROUP BY 1, 2 HAVING sum(value) <> 0
UNION ALL
SELECT rep_id, 'weeks_employed', round(count(day) / 7.0, 6)
FROM oracle.setting, sales.rep LEFT JOIN LATERAL (
		SELECT day FROM generate_series(from_date::timestamp, monday - 1, interval '1 day') AS day
		WHERE (hired_on IS NULL OR day >= hired_on) AND (left_on IS NULL OR day <= left_on)
	) AS d ON true
GROUP BY 1;
CREATE VIEW oracle.sales_rep_window AS
SELECT rep_id, u.name, trim_scale(u.value) AS value FROM sales.rep_window AS w, oracle.unpivot(to_jsonb(w), w.sales) AS u
UNION ALL
SELECT rep_id, 'weeks_employed', weeks_employed FROM sales.rep_window;

CREATE VIEW oracle.scorecard_history AS
SELECT rep_id, grain, date_trunc(grain, day::timestamp)::date AS starts_on, (date_trunc(grain, day::timestamp) + length - interval '1 day')::date AS ends_on,
	name, trim_scale(sum(value)) AS value
FROM oracle.figure, (VALUES ('month', interval '1 month'), ('quarter', '3 months'), ('year', '1 year')) AS g(grain, length)
WHERE name !~ '_imputed$|^squares$'
GROUP BY 1, 2, 3, 4, 5 HAVING sum(value) <> 0;
CREATE VIEW oracle.sales_scorecard_history AS
SELECT rep_id, grain, starts_on, ends_on, u.name, trim_scale(u.value) AS value FROM sales.scorecard_history AS w, oracle.unpivot(to_jsonb(w), NULL) AS u;

-- Life tables by counting the deals on each day on which something changes

CREATE VIEW oracle.counted_curve AS
WITH seen AS (
	SELECT w.span, s.*
	FROM oracle.setting, LATERAL (VALUES ('trailing', from_date), ('year', monday - 364)) AS w(span, from_date), oracle.seen(w.from_date, monday) AS s
	WHERE s.start = 'creation' OR s.start = ANY (gateways)
), day AS (
	SELECT DISTINCT rep_id, start, span, d.day FROM seen, LATERAL (VALUES (first_day), (last_day), (last_day + 1)) AS d(day)
)
SELECT rep_id, start, span, day,
	count(*) FILTER (WHERE first_day <= day AND (day < last_day OR day = last_day AND won IS NOT NULL)) AS at_risk,
	count(*) FILTER (WHERE day = last_day AND won) AS won,
	count(*) FILTER (WHERE day = last_day AND NOT won) AS lost
FROM day JOIN seen USING (rep_id, start, span)
GROUP BY 1, 2, 3, 4;
CREATE TABLE oracle.curve AS SELECT * FROM oracle.counted_curve LIMIT 0;
CREATE VIEW oracle.sales_curve AS
SELECT d.rep_id, d.start, d.span, d.day, coalesce(kpi.at_risk(c.cycle, d.day), 0) AS at_risk, coalesce(k.won, 0) AS won, coalesce(k.lost, 0) AS lost
FROM oracle.curve AS d LEFT JOIN sales.curve AS c USING (rep_id, start, span)
	LEFT JOIN (SELECT rep_id, start, span, k.* FROM sales.curve, kpi.days(cycle) AS k) AS k USING (rep_id, start, span, day)
UNION ALL
-- days on which nothing should change
SELECT c.rep_id, c.start, c.span, k.day, k.net, k.won, k.lost
FROM oracle.setting, sales.curve AS c, kpi.days(c.cycle) AS k
WHERE (c.start = 'creation' OR c.start = ANY (gateways)) AND c.span NOT IN ('past', 'step')
	AND NOT EXISTS (SELECT FROM oracle.curve AS d WHERE (d.rep_id, d.start, d.span, d.day) = (c.rep_id, c.start, c.span, k.day));

-- The measures

CREATE FUNCTION oracle.as_sales(n numeric, total numeric, squares numeric) RETURNS kpi.sales
	IMMUTABLE RETURN format('n=%s total=%s squares=%s', coalesce(n, 0), trim_scale(coalesce(total, 0)), trim_scale(coalesce(squares, 0)))::kpi.sales;

-- what the own deals, those of the peer group and those of the company come to in the window that ends at until_date
CREATE FUNCTION oracle.tally(ends date)
	RETURNS TABLE (level text, subject text, side text, kpi text, n bigint, value double precision, passed numeric, decided numeric, recorded numeric, sales kpi.sales)
	STABLE
BEGIN ATOMIC
	WITH totals AS MATERIALIZED (
		SELECT m.level, m.subject, m.side, coalesce(jsonb_object_agg(f.name, f.value) FILTER (WHERE f.name IS NOT NULL), '{}') AS f
		FROM (SELECT DISTINCT m.level, m.subject, m.side FROM oracle.member AS m) AS m
		LEFT JOIN (
			SELECT m.level, m.subject, m.side, f.name, sum(f.value) AS value
			FROM oracle.member AS m JOIN (
				SELECT f.rep_id, f.name, sum(f.value) AS value
				FROM oracle.setting AS s, oracle.figure AS f
				WHERE f.day >= ends - 7 * s.trailing_weeks AND f.day < ends
				GROUP BY 1, 2
			) AS f USING (rep_id)
			GROUP BY 1, 2, 3, 4
		) AS f USING (level, subject, side)
		GROUP BY 1, 2, 3
	), ratio AS (
		SELECT t.*, k.kpi, coalesce((f ->> (gateway || '_passed'))::numeric, 0) AS passed, coalesce((f ->> (gateway || '_decided'))::numeric, 0) AS decided,
			-- of those that passed the next one
			CASE k.kpi
				WHEN 'appointment_ratio' THEN CASE WHEN s.has_appointment AND next > 0 THEN greatest(1 - coalesce((f ->> 'appointment_imputed')::numeric, 0) / next, 0) END
				WHEN 'proposal_ratio' THEN CASE WHEN s.has_proposal THEN 1 - coalesce((f ->> 'proposal_imputed')::numeric, 0) / (f ->> 'closing_passed')::numeric END
			END AS recorded
		FROM totals AS t, oracle.setting AS s, (VALUES ('appointment_ratio', 'appointment'), ('proposal_ratio', 'proposal'), ('closing_ratio', 'closing')) AS k(kpi, gateway),
			LATERAL (SELECT (f ->> CASE WHEN s.has_proposal THEN 'proposal_passed' ELSE 'closing_passed' END)::numeric) AS n(next)
		-- of past weeks nobody asks
		WHERE ends = s.monday
	)
	SELECT r.level, r.subject, r.side, r.kpi, decided::bigint, (passed / nullif(decided, 0))::double precision, passed, decided, recorded, NULL::kpi.sales
	FROM ratio AS r
	UNION ALL
	SELECT t.level, t.subject, t.side, 'average_revenue', coalesce((f ->> 'sales_count')::bigint, 0), ((f ->> 'revenue')::numeric / (f ->> 'sales_count')::numeric)::double precision,
		NULL, NULL, NULL, oracle.as_sales((f ->> 'sales_count')::numeric, (f ->> 'revenue')::numeric, (f ->> 'squares')::numeric)
	FROM totals AS t
	UNION ALL
	SELECT q.level, q.subject, q.side, k.kpi, coalesce(a.won, 0) + CASE k.kpi WHEN 'win_ratio' THEN coalesce(a.lost, 0) ELSE 0 END,
		CASE k.kpi WHEN 'win_ratio' THEN a.win ELSE a.median END, coalesce(a.won, 0), coalesce(a.won + a.lost, 0), NULL, NULL
	FROM oracle.setting AS s, (SELECT DISTINCT level, subject, side, start, until_date, min(id) OVER (PARTITION BY level, subject, side, start, until_date) AS id FROM oracle.question) AS q
		LEFT JOIN oracle.answer AS a USING (id), LATERAL (VALUES ('win_ratio', s.entry), ('sales_cycle', 'creation')) AS k(kpi, start)
	WHERE q.start = k.start AND q.until_date = ends;
END;

-- own and peers' in one row; the peers are those of the group or, where they decided too little, of the company
CREATE FUNCTION oracle.pair(ends date)
	RETURNS TABLE (level text, subject text, kpi text, n bigint, value double precision, passed numeric, decided numeric, recorded numeric, sales kpi.sales,
		is_near boolean, peers_n bigint, peers_value double precision, peers_passed numeric, peers_decided numeric, peers_sales kpi.sales)
	STABLE
BEGIN ATOMIC
	WITH tally AS MATERIALIZED (SELECT * FROM oracle.tally(ends))
	SELECT o.level, o.subject, o.kpi, o.n, o.value, o.passed, o.decided, o.recorded, o.sales,
		coalesce(near.n >= s.min_decisions, false), coalesce(p.n, 0), p.value, coalesce(p.passed, 0), coalesce(p.decided, 0), coalesce(p.sales, oracle.as_sales(0, 0, 0))
	FROM oracle.setting AS s, tally AS o
	LEFT JOIN tally AS near ON near.level = o.level AND near.subject = o.subject AND near.kpi = o.kpi AND near.side = 'near'
	LEFT JOIN tally AS p ON p.level = o.level AND p.subject = o.subject AND p.kpi = o.kpi
		AND p.side = CASE WHEN near.n >= (SELECT min_decisions FROM oracle.setting) OR o.level = 'team' THEN 'near' ELSE 'far' END
	WHERE o.side = 'own';
END;

CREATE TABLE oracle.paired AS SELECT NULL::date AS week, p.* FROM oracle.pair(NULL) AS p LIMIT 0;

-- the win ratio to plan with: one's own, or the peers' moved by one's own ended deals drawn to the group, or the peers', or
-- the ended drawn to the group
CREATE VIEW oracle.plan AS
WITH pair AS MATERIALIZED (SELECT * FROM oracle.paired WHERE kpi = 'win_ratio'),
grp AS (
	SELECT p.week, p.level, p.subject, CASE p.level WHEN 'team' THEN '' ELSE r.peer_group END AS circle, kpi.rate(passed::bigint, decided::bigint) AS ended
	FROM pair AS p LEFT JOIN sales.rep AS r ON p.level = 'rep' AND r.rep_id = p.subject
),
prior AS (
	SELECT g.week, g.level, g.subject, CASE WHEN g.circle <> '' AND count(*) OVER c >= 10 THEN kpi.prior_agg(ended) OVER c ELSE kpi.prior_agg(ended) OVER e END AS prior
	FROM grp AS g WINDOW c AS (PARTITION BY week, level, circle), e AS (PARTITION BY week, level)
),
adjusted AS (
	SELECT p.*, min_decisions, drawn, CASE WHEN decided >= min_decisions THEN peers_value * drawn / nullif(peers_passed / nullif(peers_decided, 0), 0) END AS adjusted
	FROM oracle.setting, pair AS p JOIN prior USING (week, level, subject),
		LATERAL (SELECT (passed + (prior).alpha) / (decided + (prior).alpha + (prior).beta)) AS d(drawn)
)
SELECT a.week, a.level, a.subject, CASE basis WHEN 'own' THEN a.value WHEN 'adjusted' THEN CASE WHEN adjusted > 1 THEN 1 ELSE adjusted END WHEN 'peers' THEN a.peers_value WHEN 'decisions' THEN drawn END AS win_ratio, basis
FROM adjusted AS a, LATERAL (SELECT CASE
		WHEN a.n >= a.min_decisions AND a.value IS NOT NULL THEN 'own'
		WHEN adjusted IS NOT NULL THEN 'adjusted'
		WHEN a.peers_value IS NOT NULL THEN 'peers'
		-- where there is nothing else
		WHEN drawn IS NOT NULL THEN 'decisions'
		ELSE ''
	END) AS b(basis);

-- days from creation to closing of the won of the window
CREATE VIEW oracle.ended AS
SELECT rep_id, last_day FROM oracle.setting AS s, oracle.seen(s.from_date, s.monday) AS e WHERE e.start = 'creation' AND e.won;

CREATE VIEW oracle.measure AS
WITH cycle AS MATERIALIZED (
	SELECT m.level, m.subject, m.side, k.kpi, kpi.rollup(c.cycle) AS cycle
	FROM oracle.setting AS s, oracle.member AS m, LATERAL (VALUES ('win_ratio', s.entry), ('sales_cycle', 'creation')) AS k(kpi, start), sales.curve AS c
	WHERE c.rep_id = m.rep_id AND c.start = k.start AND c.span = 'trailing'
	GROUP BY 1, 2, 3, 4
),
tested AS MATERIALIZED (
	SELECT p.*, o.cycle,
		CASE
			WHEN p.kpi = 'average_revenue' THEN kpi.p_value(sales, peers_sales)
			WHEN p.kpi = 'sales_cycle' THEN kpi.p_value(coalesce(o.cycle, 'empty'), coalesce(c.cycle, 'empty'))
			ELSE kpi.p_value(kpi.rate(passed::bigint, decided::bigint), kpi.rate(peers_passed::bigint, peers_decided::bigint))
		END AS p,
		-- where follow-up is too short for the median of one's own or the peers', the mean days of the won
		p.kpi = 'sales_cycle' AND NOT (value IS NOT NULL AND (coalesce(peers_value, 0) > 0 OR p.peers_n = 0)) AS is_average,
		days.own AS mean, days.peers AS peers_mean,
		p.level = 'rep' AND (SELECT hired_on > s.monday - cycle_horizon_days FROM sales.rep WHERE rep_id = p.subject) AS is_new,
		confidence, cycle_horizon_days AS horizon, min_decisions, min_effect, q_limit
	FROM oracle.setting AS s JOIN oracle.paired AS p ON p.week = s.monday
		LEFT JOIN cycle AS o ON o.level = p.level AND o.subject = p.subject AND o.kpi = p.kpi AND o.side = 'own'
		LEFT JOIN cycle AS c ON c.level = p.level AND c.subject = p.subject AND c.kpi = p.kpi AND c.side = CASE WHEN is_near OR p.level = 'team' THEN 'near' ELSE 'far' END,
		LATERAL (SELECT avg(last_day) FILTER (WHERE m.side = 'own'), avg(last_day) FILTER (WHERE m.side <> 'own')
			FROM oracle.member AS m JOIN oracle.ended USING (rep_id)
			WHERE m.level = p.level AND m.subject = p.subject AND m.side IN ('own', CASE WHEN is_near OR p.level = 'team' THEN 'near' ELSE 'far' END)
				AND p.kpi = 'sales_cycle') AS days(own, peers)
),
ranked AS (
	SELECT t.*, p * count(p) OVER (PARTITION BY level) / count(p) OVER (PARTITION BY level ORDER BY p) AS raised FROM tested AS t
),
corrected AS (
	SELECT r.*, CASE WHEN p IS NOT NULL THEN least(1, min(raised) OVER (PARTITION BY level ORDER BY p DESC)) END AS q
	FROM ranked AS r WHERE p IS NOT NULL
	UNION ALL
	SELECT r.*, NULL FROM ranked AS r WHERE p IS NULL
)
SELECT c.level, c.subject, c.kpi,
	CASE c.kpi WHEN 'win_ratio' THEN plan.win_ratio ELSE v.own END AS value,
	CASE WHEN c.kpi = 'win_ratio' THEN plan.basis WHEN v.own IS NULL THEN '' WHEN is_average THEN 'average' ELSE 'own' END AS basis,
	n,
	CASE c.kpi WHEN 'win_ratio' THEN CASE plan.basis WHEN 'own' THEN kpi.win_probability_low(cycle, horizon, c.confidence) END WHEN 'sales_cycle' THEN CASE WHEN NOT is_average THEN kpi.low_days(cycle, horizon, c.confidence) END
		WHEN 'average_revenue' THEN kpi.low(sales, c.confidence) ELSE kpi.low(kpi.rate(passed::bigint, decided::bigint), c.confidence) END AS low,
	CASE c.kpi WHEN 'win_ratio' THEN CASE plan.basis WHEN 'own' THEN kpi.win_probability_high(cycle, horizon, c.confidence) END WHEN 'sales_cycle' THEN CASE WHEN NOT is_average THEN kpi.high_days(cycle, horizon, c.confidence) END
		WHEN 'average_revenue' THEN kpi.high(sales, c.confidence) ELSE kpi.high(kpi.rate(passed::bigint, decided::bigint), c.confidence) END AS high,
	v.peers AS peers_value, peers_n, is_near AS peers_near, d.delta, p, q, recorded,
	CASE
		WHEN n < c.min_decisions OR d.delta IS NULL OR is_average AND is_new THEN 'too few'
		WHEN recorded < 0.9 THEN 'recording'
		WHEN q < c.q_limit AND abs(d.delta) >= c.min_effect THEN CASE WHEN (c.kpi = 'sales_cycle') = (d.delta < 0) THEN 'good' ELSE 'bad' END
		ELSE 'even'
	END AS verdict
FROM corrected AS c CROSS JOIN oracle.setting AS s LEFT JOIN oracle.plan AS plan ON plan.week = s.monday AND plan.level = c.level AND plan.subject = c.subject,
	LATERAL (SELECT CASE WHEN is_average THEN mean::double precision ELSE value END, CASE WHEN is_average THEN peers_mean::double precision ELSE peers_value END) AS v(own, peers),
	LATERAL (SELECT CASE WHEN v.peers > 0 THEN v.own / v.peers - 1 END) AS d(delta);

-- What the goals take

-- the shortest goal that holds a day
CREATE FUNCTION oracle.goal(day date) RETURNS TABLE (rep_id text, starts_on date, ends_on date, revenue numeric, weeks numeric)
	STABLE
BEGIN ATOMIC
	SELECT DISTINCT ON (rep_id) rep_id, starts_on, ends_on, revenue, (ends_on - starts_on + 1) / 7.0
	FROM sales.goal
	WHERE day BETWEEN starts_on AND ends_on
	ORDER BY rep_id, ends_on - starts_on, starts_on, revenue;
END;

CREATE TABLE oracle.required (rep_id text, week date, required numeric, goal_revenue numeric, goal_weeks numeric, win_ratio numeric, basis text, average_revenue numeric);
-- a goal of nothing takes nothing
CREATE FUNCTION oracle.magic(goal numeric, average numeric, win numeric, weeks numeric) RETURNS numeric
	IMMUTABLE RETURN round(CASE WHEN average IS NULL OR win IS NULL THEN NULL WHEN goal <= 0 THEN 0 WHEN average > 0 AND win > 0 THEN goal / average / win / weeks END, 6);

CREATE VIEW oracle.required_weekly AS
SELECT g.rep_id, w.week, oracle.magic(g.revenue, p.average::numeric, p.win_ratio::numeric, round(g.weeks, 6)) AS required, g.revenue AS goal_revenue, g.weeks AS goal_weeks, p.win_ratio, p.basis, round(p.average::numeric, 2) AS average_revenue
FROM oracle.setting AS s, generate_series(0, 12) AS n, LATERAL (SELECT s.monday - 7 * n) AS w(week), LATERAL oracle.goal(week) AS g JOIN sales.rep USING (rep_id)
	JOIN LATERAL (
		SELECT subject, win_ratio, basis, CASE WHEN a.n >= s.min_decisions THEN a.value ELSE peers_value END AS average
		FROM oracle.plan AS p JOIN oracle.paired AS a USING (week, level, subject)
		WHERE level = 'rep' AND a.kpi = 'average_revenue' AND p.week = w.week
	) AS p ON p.subject = g.rep_id
WHERE (hired_on IS NULL OR hired_on <= week + 6) AND (left_on IS NULL OR left_on >= week);

CREATE TABLE oracle.new_weekly (rep_id text, week date, new_opportunities numeric);

-- The interval of a number of events n is that of the means under which n is within z standard deviations.
CREATE FUNCTION oracle.bound(n numeric, z double precision) RETURNS double precision
	IMMUTABLE RETURN n + z * z / 2 + z * sqrt(n + z * z / 4);
CREATE FUNCTION oracle.z(confidence double precision) RETURNS double precision
	IMMUTABLE RETURN CASE confidence WHEN 0.95 THEN 1.959963984540054 END;

CREATE VIEW oracle.barometer AS
SELECT rep_id, rep_name, team, week, week = monday AS is_running, new_opportunities, required, new_opportunities / nullif(required, 0) AS barometer,
	new_opportunities_4, required_4, new_opportunities_4 / nullif(required_4, 0) AS barometer_4,
	oracle.bound(new_opportunities_4, -oracle.z(confidence)) / nullif(required_4, 0) AS barometer_4_low,
	oracle.bound(new_opportunities_4, oracle.z(confidence)) / nullif(required_4, 0) AS barometer_4_high,
	-- of a week that is not over nothing is known yet
	week < monday AND coalesce(oracle.bound(new_opportunities_4, oracle.z(confidence)) < required_4, false) AS is_low,
	goal_revenue, win_ratio, basis, average_revenue
FROM (
	SELECT r.*,
		coalesce((SELECT sum(new_opportunities) FROM oracle.new_weekly AS n WHERE n.rep_id = r.rep_id AND n.week = r.week), 0) AS new_opportunities,
		coalesce((SELECT sum(new_opportunities) FROM oracle.new_weekly AS n WHERE n.rep_id = r.rep_id AND n.week BETWEEN r.week - 21 AND r.week), 0) AS new_opportunities_4,
		(SELECT CASE WHEN count(o.required) = 4 THEN sum(o.required) END FROM oracle.required AS o WHERE o.rep_id = r.rep_id AND o.week BETWEEN r.week - 21 AND r.week) AS required_4
	FROM oracle.required AS r
) AS b JOIN sales.rep USING (rep_id) CROSS JOIN oracle.setting;

CREATE VIEW oracle.barometer_4 AS
SELECT r.rep_id, new_opportunities_4, required_4, new_opportunities_4 / nullif(required_4, 0) AS barometer_4,
	oracle.bound(new_opportunities_4, -oracle.z(confidence)) / nullif(required_4, 0) AS barometer_4_low,
	oracle.bound(new_opportunities_4, oracle.z(confidence)) / nullif(required_4, 0) AS barometer_4_high,
	coalesce(oracle.bound(new_opportunities_4, oracle.z(confidence)) < required_4, false) AS is_low
FROM oracle.setting, (
	SELECT r.rep_id, count(*) AS weeks, CASE WHEN count(required) = 4 THEN sum(required) END AS required_4
	FROM oracle.required AS r, oracle.setting
	WHERE week BETWEEN monday - 28 AND monday - 7
	GROUP BY 1
) AS r, LATERAL (
	SELECT coalesce(sum(new_opportunities), 0) AS new_opportunities_4 FROM oracle.new_weekly AS n WHERE n.rep_id = r.rep_id AND week BETWEEN monday - 28 AND monday - 7
) AS n;

CREATE VIEW oracle.current_goal AS
SELECT g.rep_id, starts_on, ends_on, g.revenue AS goal_revenue, weeks AS goal_weeks, done.revenue AS goal_revenue_won, done.revenue / nullif(g.revenue, 0) AS attainment,
	greatest(g.revenue - done.revenue, 0) AS goal_revenue_left, (ends_on - today + 1) / 7.0 AS weeks_left
FROM oracle.setting, LATERAL oracle.goal(today) AS g JOIN sales.rep USING (rep_id),
	LATERAL (SELECT coalesce(sum(value), 0) AS revenue FROM oracle.figure AS f WHERE f.rep_id = g.rep_id AND name = 'revenue' AND day BETWEEN starts_on AND ends_on) AS done;

CREATE TABLE oracle.measured AS SELECT * FROM oracle.measure LIMIT 0;
-- The views that people read

CREATE VIEW oracle.measured_wide AS
SELECT level, subject, jsonb_object_agg(kpi, to_jsonb(m)) AS m FROM oracle.measured AS m GROUP BY 1, 2;
CREATE VIEW oracle.window_wide AS
SELECT rep_id, jsonb_object_agg(name, value) AS w FROM oracle.rep_window GROUP BY 1;

-- columns of which the names say what they are: those of measure are held against it as <kpi>_<column>
CREATE VIEW oracle.scorecard AS
SELECT r.rep_id, r.rep_name, r.team, r.peer_group, s.at AS as_of, s.from_date, s.monday AS until_date,
	coalesce((w ->> 'appointment_passed')::numeric, 0) AS appointment_passed, coalesce((w ->> 'appointment_decided')::numeric, 0) AS appointment_decided,
	coalesce((w ->> 'proposal_passed')::numeric, 0) AS proposal_passed, coalesce((w ->> 'proposal_decided')::numeric, 0) AS proposal_decided,
	coalesce((w ->> 'closing_passed')::numeric, 0) AS closing_passed, coalesce((w ->> 'closing_decided')::numeric, 0) AS closing_decided,
	coalesce((w ->> 'second_appointment_passed')::numeric, 0) AS second_appointment_passed, coalesce((w ->> 'second_appointment_decided')::numeric, 0) AS second_appointment_decided,
	coalesce((w ->> 'second_appointment_passed')::numeric, 0) / (w ->> 'second_appointment_decided')::numeric AS second_appointment_ratio,
	(m #>> '{appointment_ratio,value}')::numeric AS appointment_ratio, (m #>> '{appointment_ratio,low}')::numeric AS appointment_low, (m #>> '{appointment_ratio,high}')::numeric AS appointment_high,
	(m #>> '{appointment_ratio,peers_value}')::numeric AS appointment_peers, (m #>> '{appointment_ratio,delta}')::numeric AS appointment_delta,
	(m #>> '{appointment_ratio,q}')::numeric AS appointment_q, (m #>> '{appointment_ratio,recorded}')::numeric AS appointment_recorded, m #>> '{appointment_ratio,verdict}' AS appointment_verdict,
	(m #>> '{proposal_ratio,value}')::numeric AS proposal_ratio, (m #>> '{proposal_ratio,low}')::numeric AS proposal_low, (m #>> '{proposal_ratio,high}')::numeric AS proposal_high,
	(m #>> '{proposal_ratio,peers_value}')::numeric AS proposal_peers, (m #>> '{proposal_ratio,delta}')::numeric AS proposal_delta,
	(m #>> '{proposal_ratio,q}')::numeric AS proposal_q, (m #>> '{proposal_ratio,recorded}')::numeric AS proposal_recorded, m #>> '{proposal_ratio,verdict}' AS proposal_verdict,
	(m #>> '{closing_ratio,value}')::numeric AS closing_ratio, (m #>> '{closing_ratio,low}')::numeric AS closing_low, (m #>> '{closing_ratio,high}')::numeric AS closing_high,
	(m #>> '{closing_ratio,peers_value}')::numeric AS closing_peers, (m #>> '{closing_ratio,delta}')::numeric AS closing_delta,
	(m #>> '{closing_ratio,q}')::numeric AS closing_q, m #>> '{closing_ratio,verdict}' AS closing_verdict,
	(m #>> '{win_ratio,n}')::numeric AS ended, (m #>> '{win_ratio,value}')::numeric AS win_ratio, m #>> '{win_ratio,basis}' AS win_ratio_basis,
	(m #>> '{win_ratio,low}')::numeric AS win_ratio_low, (m #>> '{win_ratio,high}')::numeric AS win_ratio_high, (m #>> '{win_ratio,peers_value}')::numeric AS win_ratio_peers,
	(m #>> '{win_ratio,delta}')::numeric AS win_ratio_delta, (m #>> '{win_ratio,q}')::numeric AS win_ratio_q, m #>> '{win_ratio,verdict}' AS win_ratio_verdict,
	round(p.share, 6) * round((m #>> '{closing_ratio,value}')::numeric, 6) / nullif(round((m #>> '{win_ratio,value}')::numeric, 6), 0) AS path_gap,
	coalesce((w ->> 'sales_count')::numeric, 0) AS sales_count, coalesce((w ->> 'revenue')::numeric, 0) AS revenue,
	round((m #>> '{average_revenue,value}')::numeric, 2) AS average_revenue, round((m #>> '{average_revenue,low}')::numeric, 2) AS average_revenue_low, round((m #>> '{average_revenue,high}')::numeric, 2) AS average_revenue_high,
	round((m #>> '{average_revenue,peers_value}')::numeric, 2) AS average_revenue_peers, (m #>> '{average_revenue,delta}')::numeric AS average_revenue_delta,
	(m #>> '{average_revenue,q}')::numeric AS average_revenue_q, m #>> '{average_revenue,verdict}' AS average_revenue_verdict,
	coalesce((w ->> 'won_days')::numeric, 0) AS won_days, coalesce((w ->> 'won_with_days')::numeric, 0) AS won_with_days,
	(w ->> 'won_days')::numeric / (w ->> 'won_with_days')::numeric AS average_days,
	round((m #>> '{sales_cycle,value}')::numeric) AS sales_cycle, m #>> '{sales_cycle,basis}' AS sales_cycle_basis, (m #>> '{sales_cycle,low}')::numeric AS sales_cycle_low, (m #>> '{sales_cycle,high}')::numeric AS sales_cycle_high,
	round((m #>> '{sales_cycle,peers_value}')::numeric) AS sales_cycle_peers, (m #>> '{sales_cycle,delta}')::numeric AS sales_cycle_delta,
	(m #>> '{sales_cycle,q}')::numeric AS sales_cycle_q, m #>> '{sales_cycle,verdict}' AS sales_cycle_verdict,
	n.new AS new_opportunities, n.weeks AS weeks_employed, n.new / nullif(n.weeks, 0) AS new_per_week,
	g.starts_on, g.ends_on, g.goal_weeks, g.goal_revenue, g.goal_revenue_won, g.attainment,
	k.magic AS magic_number, k.magic AS required_new_per_week,
	oracle.magic(g.goal_revenue, coalesce((w ->> 'revenue')::numeric, 0) / (w ->> 'sales_count')::numeric,
		p.exact_share * coalesce((w ->> 'closing_passed')::numeric, 0) / (w ->> 'closing_decided')::numeric, g.goal_weeks) AS magic_number_by_ratios,
	n.new / nullif(n.weeks, 0) / nullif(k.magic, 0) AS barometer,
	-- the logarithms of the bounds, as of a product of what is independent
	k.magic / exp(sqrt(ln(i.win_high / i.win) ^ 2 + ln(i.sale_high / i.sale) ^ 2)) AS magic_number_low,
	k.magic * exp(sqrt(ln(i.win / i.win_low) ^ 2 + ln(i.sale / i.sale_low) ^ 2)) AS magic_number_high
FROM oracle.setting AS s CROSS JOIN sales.rep AS r JOIN oracle.measured_wide ON level = 'rep' AND subject = r.rep_id JOIN oracle.window_wide AS ww ON ww.rep_id = r.rep_id
	LEFT JOIN oracle.current_goal AS g ON g.rep_id = r.rep_id,
	-- a gateway that is not recorded counts as 1
	LATERAL (SELECT CASE WHEN s.has_proposal THEN (m #>> '{proposal_ratio,value}')::numeric ELSE 1 END,
		CASE WHEN s.has_proposal THEN coalesce((w ->> 'proposal_passed')::numeric, 0) / (w ->> 'proposal_decided')::numeric ELSE 1 END) AS p(share, exact_share),
	LATERAL (SELECT coalesce((w ->> 'new_opportunities')::numeric, 0), (w ->> 'weeks_employed')::numeric) AS n(new, weeks),
	-- of the average and the win ratio that are shown
	LATERAL (SELECT oracle.magic(g.goal_revenue, round((m -> 'average_revenue' ->> CASE WHEN (w ->> 'sales_count')::numeric >= s.min_decisions THEN 'value' ELSE 'peers_value' END)::numeric, 2),
		round((m #>> '{win_ratio,value}')::numeric, 6), round(g.goal_weeks, 6))) AS k(magic)
	LEFT JOIN LATERAL (
		SELECT nullif(round((m #>> '{win_ratio,value}')::numeric, 6), 0) AS win, nullif(round((m #>> '{win_ratio,low}')::numeric, 6), 0) AS win_low, round((m #>> '{win_ratio,high}')::numeric, 6) AS win_high,
			CASE WHEN sale > 0 THEN sale END AS sale, CASE WHEN sale_low > 0 THEN sale_low END AS sale_low, CASE WHEN sale_high > 0 THEN sale_high END AS sale_high
		FROM (SELECT round((m #>> '{average_revenue,value}')::numeric, 2), round((m #>> '{average_revenue,low}')::numeric, 2), round((m #>> '{average_revenue,high}')::numeric, 2)) AS v(sale, sale_low, sale_high)
		WHERE (m #>> '{average_revenue,n}')::numeric >= s.min_decisions
	) AS i ON true;

CREATE TABLE oracle.score AS SELECT * FROM oracle.scorecard LIMIT 0;

CREATE VIEW oracle.team_scorecard AS
SELECT t.*, s.at AS as_of,
	(m #>> '{appointment_ratio,value}')::numeric AS appointment_ratio, (m #>> '{appointment_ratio,peers_value}')::numeric AS appointment_peers, (m #>> '{appointment_ratio,q}')::numeric AS appointment_q,
	(m #>> '{proposal_ratio,value}')::numeric AS proposal_ratio, (m #>> '{proposal_ratio,delta}')::numeric AS proposal_delta, m #>> '{proposal_ratio,verdict}' AS proposal_verdict,
	(m #>> '{closing_ratio,value}')::numeric AS closing_ratio, (m #>> '{closing_ratio,low}')::numeric AS closing_low, m #>> '{closing_ratio,verdict}' AS closing_verdict,
	(m #>> '{win_ratio,n}')::numeric AS ended, (m #>> '{win_ratio,value}')::numeric AS win_ratio, m #>> '{win_ratio,basis}' AS win_ratio_basis,
	round((m #>> '{average_revenue,value}')::numeric, 2) AS average_revenue, round((m #>> '{average_revenue,peers_value}')::numeric, 2) AS average_revenue_peers,
	round((m #>> '{sales_cycle,value}')::numeric) AS sales_cycle,
	CASE WHEN s.has_proposal THEN round((m #>> '{proposal_ratio,value}')::numeric, 6) ELSE 1 END * round((m #>> '{closing_ratio,value}')::numeric, 6)
		/ nullif(round((m #>> '{win_ratio,value}')::numeric, 6), 0) AS path_gap,
	goal_revenue_won / nullif(goal_revenue, 0) AS attainment, new_per_week / nullif(magic_number, 0) AS barometer
FROM oracle.setting AS s, (
		SELECT c.team, count(*) AS reps, sum(new_opportunities) AS new_opportunities, sum(proposal_passed) AS proposal_passed, sum(proposal_decided) AS proposal_decided,
			sum(closing_passed) AS closing_passed, sum(closing_decided) AS closing_decided, sum(second_appointment_passed) AS second_appointment_passed,
			sum(second_appointment_decided) AS second_appointment_decided, sum(second_appointment_passed) / nullif(sum(second_appointment_decided), 0) AS second_appointment_ratio,
			sum(sales_count) AS sales_count, sum(revenue) AS revenue, sum(won_days) AS won_days,
			sum(won_with_days) AS won_with_days, sum(goal_revenue) AS goal_revenue, sum(goal_revenue_won) AS goal_revenue_won, sum(magic_number) AS magic_number,
			-- of those whom a goal is asked of
			sum(round(new_per_week, 6)) FILTER (WHERE magic_number IS NOT NULL) AS new_per_week
		FROM oracle.score AS c
		GROUP BY c.team
	) AS t JOIN oracle.measured_wide ON level = 'team' AND subject = t.team;

CREATE VIEW oracle.peer_comparison AS
SELECT subject AS rep_id, rep_name, team, peer_group, kpi, value, basis, n, low, high, peers_value, peers_n, peers_near, delta, p, q, recorded, verdict
FROM oracle.measured JOIN sales.rep ON rep_id = subject
WHERE level = 'rep';

-- which rules fire
CREATE VIEW oracle.recommendation AS
SELECT rep_id, kpi, comparison, place, compared
FROM (
	SELECT subject AS rep_id, kpi, c.comparison, c.compared, true AS is_sure
	FROM oracle.measured, LATERAL (VALUES ('value', value), ('delta', delta), ('recorded', recorded::double precision)) AS c(comparison, compared)
	WHERE level = 'rep' AND kpi <> 'win_ratio'
	UNION ALL
	SELECT rep_id, 'barometer', 'value', barometer_4, is_low FROM oracle.barometer_4
) AS m JOIN sales.rep USING (rep_id) JOIN sales.playbook AS p USING (kpi, comparison) JOIN oracle.setting USING (locale)
WHERE p.pipeline = '' AND CASE comparison WHEN 'delta' THEN compared <= floor ELSE compared < floor END AND is_sure
	AND CASE WHEN EXISTS (SELECT FROM sales.playbook AS o WHERE (o.kpi, o.comparison, o.locale, o.pipeline) = (p.kpi, p.comparison, p.locale, '') AND o.peer_group <> '' AND o.peer_group = rep.peer_group)
		THEN p.peer_group = rep.peer_group ELSE p.peer_group = '' END;

CREATE VIEW oracle.activity_plan AS
SELECT c.rep_id, goal_revenue, c.goal_revenue_won, goal_revenue_left, weeks_left, win_ratio, win_ratio_basis AS basis, path_gap, second_appointment_ratio, activity_basis,
	magic * calls AS calls_per_week, magic * conversations AS conversations_per_week, magic * booked AS booked_per_week,
	magic AS appointments_per_week, magic * round(proposal_share, 6) AS proposals_per_week, magic * round(win_ratio, 6) AS customers_per_week,
	magic * calls / selling_days AS calls_per_day, magic / selling_days AS appointments_per_day,
	magic * round(proposal_share, 6) / selling_days AS proposals_per_day, magic * round(win_ratio, 6) / selling_days AS customers_per_day
FROM oracle.score AS c LEFT JOIN (SELECT rep_id, goal_revenue_left, weeks_left FROM oracle.current_goal) AS g USING (rep_id) CROSS JOIN oracle.setting AS s,
	LATERAL (SELECT round(magic_number, 6) AS magic, CASE WHEN s.has_proposal THEN c.proposal_ratio ELSE 1 END AS proposal_share) AS p,
	-- one's own steps to a first appointment or, with few, those of the peer group or, with few, of the company, oneself included
	LATERAL (SELECT CASE
			WHEN coalesce(sum(value) FILTER (WHERE f.rep_id = c.rep_id), 0) >= s.min_decisions THEN 'own'
			WHEN coalesce(sum(value) FILTER (WHERE r.peer_group = c.peer_group AND r.peer_group <> ''), 0) >= s.min_decisions THEN 'peers'
			ELSE 'company'
		END AS activity_basis
		FROM oracle.rep_window AS f JOIN sales.rep AS r USING (rep_id) WHERE name = 'first_appointments') AS b,
	LATERAL (
		SELECT sum(value) FILTER (WHERE name = 'calls') / a AS calls, sum(value) FILTER (WHERE name = 'conversations') / a AS conversations,
			sum(value) FILTER (WHERE name = 'booked') / a AS booked
		FROM (
			SELECT name, value, sum(value) FILTER (WHERE name = 'first_appointments') OVER () AS a
			FROM oracle.rep_window AS f JOIN sales.rep AS r USING (rep_id)
			WHERE CASE activity_basis WHEN 'own' THEN rep_id = c.rep_id WHEN 'peers' THEN r.peer_group = c.peer_group ELSE true END
		) AS f
		GROUP BY a
		UNION ALL
		SELECT NULL, NULL, NULL
		LIMIT 1
	) AS step;

-- of the size of what a WITH gives nothing is known
CREATE FUNCTION oracle.reckon_all() RETURNS void
	LANGUAGE plpgsql SET enable_nestloop = off
AS $$
BEGIN
	PERFORM oracle.reckon();
	TRUNCATE oracle.measured, oracle.required, oracle.paired, oracle.curve, oracle.new_weekly, oracle.score;
	INSERT INTO oracle.curve SELECT * FROM oracle.counted_curve;
	INSERT INTO oracle.new_weekly SELECT rep_id, oracle.monday(day), sum(value) FROM oracle.figure WHERE name = 'new_opportunities' GROUP BY 1, 2;
	INSERT INTO oracle.paired SELECT monday - 7 * i, p.* FROM oracle.setting, generate_series(0, 12) AS i, oracle.pair(monday - 7 * i) AS p;
	ANALYZE oracle.paired;
	INSERT INTO oracle.measured SELECT * FROM oracle.measure;
	INSERT INTO oracle.required SELECT * FROM oracle.required_weekly;
	INSERT INTO oracle.score SELECT * FROM oracle.scorecard;
END
$$;

-- What differs. Exactly, row by row:
CREATE FUNCTION oracle.rows_differ(relation text) RETURNS SETOF text
	LANGUAGE plpgsql
AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT CASE WHEN sum(side) > 0 THEN ''mart lacks '' ELSE ''mart has '' END || d
		FROM (SELECT 1 AS side, d::text FROM oracle.%I AS d UNION ALL SELECT -1, d::text FROM oracle.%I AS d) AS d
		GROUP BY d HAVING sum(side) <> 0 ORDER BY d LIMIT 10', relation, 'sales_' || relation);
END
$$;
-- or, numbers but for the rounding of four of them, in the columns of the definition:
CREATE FUNCTION oracle.values_differ(relation text, definition text, VARIADIC key text[]) RETURNS SETOF text
	LANGUAGE plpgsql
AS $$
BEGIN
	RETURN QUERY EXECUTE format($q$
		WITH ours AS (SELECT (SELECT jsonb_object_agg(k, j -> k) FROM unnest($1) AS k) AS key, j FROM (SELECT to_jsonb(o) AS j FROM oracle.%1$I AS o) AS o),
			mart AS (SELECT (SELECT jsonb_object_agg(k, j -> k) FROM unnest($1) AS k) AS key, j FROM (SELECT to_jsonb(m) AS j FROM sales.%2$I AS m) AS m)
		SELECT coalesce(ours.key, mart.key)::text || ' ' || coalesce(c.name || ': ' || coalesce(mart.j ->> c.name, 'NULL') || ', not ' || coalesce(c.value, 'NULL'),
			CASE WHEN ours.key IS NULL THEN 'is too much' ELSE 'is missing' END)
		FROM ours FULL JOIN mart ON mart.key = ours.key LEFT JOIN LATERAL jsonb_each_text(ours.j) AS c(name, value) ON mart.key IS NOT NULL
		WHERE CASE
				WHEN c.name IS NULL THEN true
				WHEN jsonb_typeof(ours.j -> c.name) = 'number' AND jsonb_typeof(mart.j -> c.name) = 'number'
				THEN abs(c.value::numeric - (mart.j ->> c.name)::numeric) > 0.0000025 + abs(c.value::numeric) / 10000000
				ELSE ours.j -> c.name IS DISTINCT FROM mart.j -> c.name
			END
		ORDER BY 1 LIMIT 10$q$, definition, relation) USING key;
END
$$;

-- All of them; nothing but the name where there is no difference
CREATE FUNCTION oracle.differences() RETURNS SETOF text
	LANGUAGE plpgsql
AS $$
DECLARE
	r record;
BEGIN
	PERFORM kpi.refresh_mart_now('sales');
	PERFORM oracle.reckon_all();
	FOR r IN SELECT * FROM unnest(ARRAY['weekly', 'rep_week', 'rep_window', 'scorecard_history', 'curve']) AS name LOOP
		RETURN QUERY SELECT r.name || ': ' || d FROM oracle.rows_differ(r.name) AS d;
	END LOOP;
	FOR r IN
		SELECT name, coalesce(definition, name) AS definition, key
		FROM (VALUES ('measure', 'measured', '{level,subject,kpi}'::text[]), ('required_weekly', 'required', '{rep_id,week}'), ('barometer', NULL, '{rep_id,week}'),
			('barometer_4', NULL, '{rep_id}'), ('current_goal', NULL, '{rep_id}'), ('scorecard', 'score', '{rep_id}'), ('team_scorecard', NULL, '{team}'),
			('peer_comparison', NULL, '{rep_id,kpi}'), ('recommendation', NULL, '{rep_id,kpi,comparison,place}'), ('activity_plan', NULL, '{rep_id}')) AS v(name, definition, key)
	LOOP
		RETURN QUERY SELECT r.name || ': ' || d FROM oracle.values_differ(r.name, r.definition, VARIADIC r.key) AS d;
	END LOOP;
END
$$;

-- The small CRM of test/mart.sql, or half of it: in the window lie a change to summer time, the ends of months, a rep who
-- leaves and one without a deal, who is a team of one, too.
CREATE FUNCTION oracle.small() RETURNS void
	LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM oracle.crm_is_empty();
	INSERT INTO sales.rep SELECT rep_id, rep_name, team, peer_group, hired_on, left_on FROM crm.rep;
	INSERT INTO sales.rep VALUES ('10', 'Rep 10', 'Team of one', 'field', NULL, NULL);
	INSERT INTO sales.opportunity SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount, offering, NULL, region FROM crm.opportunity
	WHERE opportunity_id <= 600;
	INSERT INTO sales.goal SELECT rep_id, starts_on, ends_on, revenue FROM crm.goal;
	INSERT INTO sales.activity SELECT rep_id, kind, happened_at, opportunity_id FROM crm.activity;
	UPDATE sales.config SET time_zone = 'Europe/Oslo', as_of = '2024-06-26 12:00+02', gateways = DEFAULT, kinds = DEFAULT, trailing_weeks = DEFAULT,
		cycle_horizon_days = DEFAULT, min_decisions = DEFAULT;
END
$$;
-- what differs in a case that these statements make of it
CREATE FUNCTION oracle.differences(made_by text) RETURNS SETOF text
	LANGUAGE plpgsql
AS $$
BEGIN
	PERFORM oracle.small();
	EXECUTE made_by;
	RETURN QUERY SELECT * FROM oracle.differences();
END
$$;
