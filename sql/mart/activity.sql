-- activity: calls, conversations, bookings and appointments: fill it in, or leave it empty; if the CRM has them, rename it,
-- make a view activity and call kpi.create_mart again
CREATE TABLE IF NOT EXISTS activity (
	rep_id {rep_id},
	kind text,
	happened_at timestamptz,
	opportunity_id {opportunity_id}
);
