-- opportunity_check: each opportunity with the names of its issues, as in data_issue, blanks between them; of one that
-- is not counted only the reason why; and what can be counted of it at the moment of the figures, in local days
CREATE OR REPLACE VIEW opportunity_check AS
SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount, kind_or_new, hired_on, left_on,
	offering, pipeline, lost_reason, {dimension_names}
	created_on, appointment_on, proposal_on,
	CASE WHEN ended_won IS NOT NULL THEN kpi.known_date(closed_at, zone, as_of) END AS closed_on,
	ended_won, known_amount, has_appointment, has_proposal,
	CASE
		-- nearly all have none: what each of the others fails somewhere is asked first
		WHEN counts AND opportunity_id IS NOT NULL AND created_at >= '1980-01-02 00:00Z' AND (created_at >= hired_at) IS NOT FALSE
			AND (appointment_at >= created_at) IS NOT FALSE
			AND (proposal_at >= created_at AND proposal_at >= appointment_at) IS NOT FALSE
			AND CASE
				WHEN ended_won IS NULL THEN outcome = 'open' AND closed_at IS NULL AND coalesce(proposal_at, appointment_at, created_at) <= as_of
					AND (as_of < left_at) IS NOT FALSE AND (amount IS NULL OR known_amount >= 0)
				ELSE closed_at >= coalesce(proposal_at, appointment_at, created_at) AND closed_at <= as_of
					AND (closed_at < left_at) IS NOT FALSE AND CASE WHEN ended_won THEN known_amount > 0 ELSE amount IS NULL OR known_amount >= 0 END
			END
		THEN ''
		WHEN outcome = 'void' THEN 'void'
		WHEN kind_or_new <> ALL ((SELECT kinds FROM config)::text[]) THEN 'kind_not_counted'
		WHEN rep_id IS NULL THEN 'no_owner'
		WHEN known IS NULL THEN 'unknown_rep'
		WHEN coalesce(created_on, appointment_on, proposal_on) IS NULL AND closed IS NULL
		THEN CASE WHEN created_is_late OR appointment_is_late OR proposal_is_late OR closed_is_late THEN 'after_as_of' ELSE 'no_usable_time' END
		ELSE concat_ws(' ',
			CASE WHEN opportunity_id IS NULL THEN 'no_opportunity_id' END,
			CASE WHEN created_at IS NULL THEN 'no_created_at' END,
			CASE WHEN (outcome IN ('won', 'lost', 'open')) IS NOT TRUE THEN 'unknown_outcome' END,
			CASE WHEN outcome = 'open' AND closed_at <= as_of AND isfinite(closed_at) THEN 'open_with_closed_at' END,
			CASE WHEN outcome = 'won' AND closed_at IS NULL THEN 'won_without_closed_at' END,
			CASE WHEN outcome = 'lost' AND closed_at IS NULL THEN 'lost_without_closed_at' END,
			CASE WHEN closed_is_late THEN 'closed_after_as_of' END,
			CASE WHEN created_is_late OR appointment_is_late OR proposal_is_late THEN 'milestone_after_as_of' END,
			CASE WHEN NOT isfinite(created_at) OR NOT isfinite(appointment_at) OR NOT isfinite(proposal_at) OR NOT isfinite(closed_at)
				THEN 'infinite_time' END,
			CASE WHEN least(created, appointment, proposal, closed) < '1980-01-01 00:00Z' THEN 'time_before_1980' END,
			-- in order are times of one day, too: many CRMs know the day of closing only
			CASE WHEN closed < created AND kpi.local_date(closed, zone) < kpi.local_date(created, zone)
				THEN 'closed_before_created' END,
			CASE WHEN appointment < created AND kpi.local_date(appointment, zone) < kpi.local_date(created, zone)
				OR proposal < created AND kpi.local_date(proposal, zone) < kpi.local_date(created, zone)
				THEN 'created_after_milestone' END,
			CASE WHEN proposal < appointment AND kpi.local_date(proposal, zone) < kpi.local_date(appointment, zone)
				OR closed < appointment AND kpi.local_date(closed, zone) < kpi.local_date(appointment, zone)
				OR closed < proposal AND kpi.local_date(closed, zone) < kpi.local_date(proposal, zone)
				THEN 'milestones_out_of_order' END,
			CASE WHEN closed IS NOT NULL AND outcome = 'won' AND amount IS NULL THEN 'won_without_amount' END,
			CASE WHEN closed IS NOT NULL AND outcome = 'won' AND amount = 0 THEN 'won_with_zero_amount' END,
			CASE WHEN known_amount < 0 THEN 'negative_amount' END,
			CASE WHEN amount IS NOT NULL AND known_amount IS NULL THEN 'amount_out_of_range' END,
			CASE WHEN created < hired_at THEN 'created_before_hired' END,
			CASE WHEN created >= left_at THEN 'created_after_left' END,
			CASE WHEN closed < hired_at OR closed >= left_at THEN 'closed_while_not_employed' END,
			CASE WHEN closed IS NULL AND as_of >= left_at THEN 'open_after_left' END)
	END AS issues
FROM (
	SELECT o.*, r.*,
		kpi.known_date(created_at, zone, as_of) AS created_on,
		CASE WHEN has_appointment THEN kpi.known_date(appointment_at, zone, as_of) END AS appointment_on,
		CASE WHEN has_proposal THEN kpi.known_date(proposal_at, zone, as_of) END AS proposal_on,
		CASE outcome WHEN 'won' THEN true WHEN 'lost' THEN false END AS ended_won,
		-- one that is no money is not known
		CASE WHEN amount BETWEEN -99999999999999 AND 99999999999999 THEN amount::numeric END AS known_amount,
		CASE kind_or_new WHEN 'new' THEN counts_new ELSE kind_or_new = ANY (kinds) END AS counts
	FROM (
		SELECT opportunity_id, rep_id, created_at, appointment_at, proposal_at, closed_at, outcome, amount, {kind} AS kind_or_new,
			{offering} AS offering,
			{pipeline} AS pipeline,
			{more_dimensions}
			{lost_reason} AS lost_reason
		FROM opportunity
	) AS o
	LEFT JOIN (
		SELECT rep_id AS roster_id, true AS known, hired_on, left_on,
			hired_on::timestamp AT TIME ZONE time_zone AS hired_at, (left_on + 1)::timestamp AT TIME ZONE time_zone AS left_at,
			coalesce(refreshed_as_of, as_of, now()) AS as_of, time_zone AS zone, kinds, 'new' = ANY (kinds) AS counts_new,
			'appointment' = ANY (gateways) AS has_appointment, 'proposal' = ANY (gateways) AS has_proposal
		FROM roster, config
		-- worked out once for each rep, and for each opportunity. '0' is a constant when the planner asks whether workers
		-- may run it; 0 is one cast yet.
		OFFSET '0'
	) AS r ON roster_id = rep_id
	OFFSET '0'
) AS o,
	LATERAL (
		SELECT
			CASE WHEN created_at <= as_of AND isfinite(created_at) THEN created_at END AS created,
			CASE WHEN appointment_at <= as_of AND isfinite(appointment_at) THEN appointment_at END AS appointment,
			CASE WHEN proposal_at <= as_of AND isfinite(proposal_at) THEN proposal_at END AS proposal,
			CASE WHEN closed_at <= as_of AND isfinite(closed_at) AND ended_won IS NOT NULL THEN closed_at END AS closed,
			created_at > as_of AND isfinite(created_at) AS created_is_late,
			appointment_at > as_of AND isfinite(appointment_at) AS appointment_is_late,
			proposal_at > as_of AND isfinite(proposal_at) AS proposal_is_late,
			closed_at > as_of AND isfinite(closed_at) AS closed_is_late
	) AS t;
