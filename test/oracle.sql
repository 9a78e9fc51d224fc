-- The KPIs in plain SQL, defined without the extension: what the C code must
-- give, row by row. Slow and plain on purpose.

CREATE SCHEMA oracle;

CREATE FUNCTION oracle.usable(at timestamptz, as_of timestamptz) RETURNS timestamptz
	IMMUTABLE RETURN CASE WHEN isfinite(at) AND at <= coalesce(as_of, 'infinity') THEN at END;

CREATE FUNCTION oracle.monday(day date) RETURNS date
	IMMUTABLE RETURN day - (extract(isodow FROM day)::integer - 1);

CREATE FUNCTION oracle.first_of_month(day date) RETURNS date
	IMMUTABLE RETURN day - (extract(day FROM day)::integer - 1);

-- What each opportunity adds to which day: one row per thing that is counted.
-- The opportunities stand in oracle.opportunity.
CREATE TABLE oracle.opportunity (
	grp            integer,
	created_at     timestamptz,
	appointment_at timestamptz,
	proposal_at    timestamptz,
	closed_at      timestamptz,
	won            boolean,
	amount         numeric
);

CREATE FUNCTION oracle.event(time_zone text, as_of timestamptz, gateways text[])
	RETURNS TABLE (grp integer, day date, kind text, value numeric)
	STABLE
BEGIN ATOMIC
	WITH recorded AS MATERIALIZED (
		SELECT grp, amount,
			oracle.usable(created_at, as_of) AS created,
			CASE WHEN 'appointment' = ANY (gateways) THEN oracle.usable(appointment_at, as_of) END AS appointment,
			CASE WHEN 'proposal' = ANY (gateways) THEN oracle.usable(proposal_at, as_of) END AS proposal,
			CASE WHEN won THEN oracle.usable(closed_at, as_of) END AS won,
			CASE WHEN NOT won THEN oracle.usable(closed_at, as_of) END AS lost
		FROM oracle.opportunity
	), passed AS MATERIALIZED (
		-- LEAST and coalesce skip what is unknown
		SELECT *,
			CASE WHEN 'appointment' = ANY (gateways) THEN coalesce(appointment, LEAST(proposal, won)) END AS a,
			CASE WHEN 'proposal' = ANY (gateways) THEN coalesce(proposal, won) END AS p
		FROM recorded
	), entered AS MATERIALIZED (
		SELECT *,
			'appointment' = ANY (gateways) AS enters_a,
			'proposal' = ANY (gateways) AND (a IS NOT NULL OR 'appointment' <> ALL (gateways)) AS enters_p,
			'closing' = ANY (gateways)
				AND (a IS NOT NULL OR 'appointment' <> ALL (gateways))
				AND (p IS NOT NULL OR 'proposal' <> ALL (gateways)) AS enters_c,
			(created AT TIME ZONE time_zone)::date AS first_day,
			(coalesce(won, lost) AT TIME ZONE time_zone)::date AS last_day
		FROM passed
	)
	SELECT grp, (at AT TIME ZONE time_zone)::date, kind, value
	FROM entered, LATERAL (VALUES
		('new', CASE WHEN 'appointment' = ANY (gateways) THEN appointment ELSE created END, 1),
		('appointment passed', a, 1),
		('appointment imputed', CASE WHEN appointment IS NULL THEN a END, 1),
		('appointment failed', CASE WHEN enters_a AND a IS NULL THEN lost END, 1),
		('proposal passed', p, 1),
		('proposal imputed', CASE WHEN proposal IS NULL THEN p END, 1),
		('proposal failed', CASE WHEN enters_p AND p IS NULL THEN lost END, 1),
		('closing passed', CASE WHEN enters_c THEN won END, 1),
		('closing failed', CASE WHEN enters_c THEN lost END, 1),
		('sale', CASE WHEN amount IS NOT NULL THEN won END, round(amount, 4)),
		('won days', CASE WHEN last_day >= first_day THEN won END, last_day - first_day),
		('lost days', CASE WHEN last_day >= first_day THEN lost END, last_day - first_day)
	) AS event (kind, at, value)
	WHERE at IS NOT NULL;
END;

-- The rows of weeks(weekly_agg(...)), its rates and sales as text
CREATE FUNCTION oracle.week(time_zone text, as_of timestamptz, gateways text[])
	RETURNS TABLE (grp integer, week date, month date, new_opportunities bigint,
		appointment text, proposal text, closing text,
		appointment_imputed bigint, proposal_imputed bigint, sales text,
		won_days numeric, won_with_days bigint, lost_days numeric, lost_with_days bigint)
	STABLE
BEGIN ATOMIC
	SELECT grp, oracle.monday(day), oracle.first_of_month(day),
		count(*) FILTER (WHERE kind = 'new'),
		count(*) FILTER (WHERE kind = 'appointment passed') || '/' ||
			count(*) FILTER (WHERE kind IN ('appointment passed', 'appointment failed')),
		count(*) FILTER (WHERE kind = 'proposal passed') || '/' ||
			count(*) FILTER (WHERE kind IN ('proposal passed', 'proposal failed')),
		count(*) FILTER (WHERE kind = 'closing passed') || '/' ||
			count(*) FILTER (WHERE kind IN ('closing passed', 'closing failed')),
		count(*) FILTER (WHERE kind = 'appointment imputed'),
		count(*) FILTER (WHERE kind = 'proposal imputed'),
		format('n=%s total=%s squares=%s',
			count(*) FILTER (WHERE kind = 'sale'),
			trim_scale(coalesce(sum(value) FILTER (WHERE kind = 'sale'), 0)),
			trim_scale(coalesce(sum(value * value) FILTER (WHERE kind = 'sale'), 0))),
		coalesce(sum(value) FILTER (WHERE kind = 'won days'), 0),
		count(*) FILTER (WHERE kind = 'won days'),
		coalesce(sum(value) FILTER (WHERE kind = 'lost days'), 0),
		count(*) FILTER (WHERE kind = 'lost days')
	FROM oracle.event(time_zone, as_of, gateways)
	GROUP BY 1, 2, 3;
END;

-- The readings of oracle.opportunity to compare
CREATE TABLE oracle.reading (
	reading   text,
	time_zone text,
	as_of     timestamptz,
	gateways  text[]
);

-- Rows that one of both has and the other has not
CREATE FUNCTION oracle.week_difference()
	RETURNS TABLE (reading text, by text, grp integer, week date, month date, new_opportunities bigint,
		appointment text, proposal text, closing text,
		appointment_imputed bigint, proposal_imputed bigint, sales text,
		won_days numeric, won_with_days bigint, lost_days numeric, lost_with_days bigint)
	STABLE
BEGIN ATOMIC
	WITH expected AS (
		SELECT reading, w.*
		FROM oracle.reading AS r, oracle.week(r.time_zone, r.as_of, r.gateways) AS w
	), actual AS (
		SELECT reading, grp, w.week, w.month, w.new_opportunities,
			w.appointment::text, w.proposal::text, w.closing::text,
			w.appointment_imputed, w.proposal_imputed, w.sales::text,
			w.won_days::numeric, w.won_with_days, w.lost_days::numeric, w.lost_with_days
		FROM oracle.reading AS r,
			LATERAL (
				SELECT grp, kpi.weekly_agg(created_at, appointment_at, proposal_at, closed_at, won, amount,
					r.time_zone, r.as_of, r.gateways) AS history
				FROM oracle.opportunity
				GROUP BY grp
			) AS h,
			kpi.weeks(history) AS w
	), missing AS (
		TABLE expected EXCEPT ALL TABLE actual
	), surplus AS (
		TABLE actual EXCEPT ALL TABLE expected
	)
	SELECT reading, 'definition', grp, week, month, new_opportunities, appointment, proposal, closing,
		appointment_imputed, proposal_imputed, sales, won_days, won_with_days, lost_days, lost_with_days
	FROM missing
	UNION ALL
	SELECT reading, 'weekly_agg', grp, week, month, new_opportunities, appointment, proposal, closing,
		appointment_imputed, proposal_imputed, sales, won_days, won_with_days, lost_days, lost_with_days
	FROM surplus;
END;

-- The rows of days(cycle_agg(started, ended, won, from_date, until_date)) of
-- the deals in oracle.deal
CREATE TABLE oracle.deal (
	grp     integer,
	started date,
	ended   date,
	won     boolean
);

CREATE FUNCTION oracle.days(from_date date, until_date date)
	RETURNS TABLE (grp integer, day integer, net bigint, won bigint, lost bigint)
	STABLE
BEGIN ATOMIC
	WITH deal AS (
		SELECT grp, started, won, CASE WHEN won IS NULL THEN 'infinity' ELSE coalesce(ended, 'infinity') END AS ended
		FROM oracle.deal
		WHERE isfinite(started)
	), seen AS (
		SELECT grp, won, ended < until_date AS has_ended,
			GREATEST(0, CASE WHEN isfinite(from_date) THEN from_date - started END) AS first_day,
			CASE WHEN ended < until_date THEN ended ELSE until_date END - started AS last_day
		FROM deal
		WHERE ended >= started AND started < until_date AND ended >= coalesce(from_date, '-infinity')
	), change AS (
		SELECT grp, first_day AS day, 1 AS net, 0 AS won, 0 AS lost FROM seen
		UNION ALL
		SELECT grp, last_day, -1, 0, 0 FROM seen WHERE NOT has_ended
		UNION ALL
		SELECT grp, last_day, 0, won::integer, (NOT won)::integer FROM seen WHERE has_ended
	)
	SELECT grp, day, sum(net), sum(won), sum(lost)
	FROM change
	GROUP BY grp, day
	HAVING sum(net) <> 0 OR sum(won) <> 0 OR sum(lost) <> 0;
END;

-- The rows of days(cycle_agg(days, won)): as if started on one day and seen
-- in a window that holds everything
CREATE FUNCTION oracle.days_of_whole_cycles()
	RETURNS TABLE (grp integer, day integer, net bigint, won bigint, lost bigint)
	STABLE
BEGIN ATOMIC
	WITH cycle AS (
		SELECT grp, ended - started AS days, won
		FROM oracle.deal
		WHERE isfinite(started) AND isfinite(ended) AND ended >= started
	)
	SELECT grp, day, sum(net), sum(won), sum(lost)
	FROM (
		SELECT grp, 0 AS day, count(*) AS net, 0 AS won, 0 AS lost FROM cycle GROUP BY grp
		UNION ALL
		SELECT grp, days, -1, 0, 0 FROM cycle WHERE won IS NULL
		UNION ALL
		SELECT grp, days, 0, 1, 0 FROM cycle WHERE won
		UNION ALL
		SELECT grp, days, 0, 0, 1 FROM cycle WHERE NOT won
	) AS change
	GROUP BY grp, day
	HAVING sum(net) <> 0 OR sum(won) <> 0 OR sum(lost) <> 0;
END;
