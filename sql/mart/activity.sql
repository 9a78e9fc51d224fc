-- activity: calls, conversations, bookings and appointments, where the CRM has them
CREATE TABLE IF NOT EXISTS activity (
	rep_id {rep_id},
	kind text,
	happened_at timestamptz,
	opportunity_id {opportunity_id}
);
