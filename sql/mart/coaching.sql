-- coaching: who was coached on which ratio, and from which day on; yours to fill in
CREATE TABLE IF NOT EXISTS coaching (
	rep_id {rep_id} NOT NULL,
	kpi text NOT NULL CHECK (kpi IN ('appointment_ratio', 'proposal_ratio', 'closing_ratio')),
	started_on date NOT NULL CHECK (isfinite(started_on)),
	note text,
	PRIMARY KEY (rep_id, kpi, started_on)
);
