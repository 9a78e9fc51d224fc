-- goal: the revenue that a rep is to bring in a period: fill it in; if the CRM has goals, rename it, make a view goal and
-- call kpi.create_mart again
CREATE TABLE IF NOT EXISTS goal (
	rep_id {rep_id} NOT NULL,
	starts_on date NOT NULL,
	ends_on date NOT NULL,
	revenue numeric NOT NULL,
	PRIMARY KEY (rep_id, starts_on, ends_on),
	CHECK (starts_on <= ends_on)
);
