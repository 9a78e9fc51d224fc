-- refresh: the refreshes, by the moment that their figures are of; of several as of one moment the first
CREATE OR REPLACE VIEW refresh_new AS
-- not the time of the transaction, which may hold several
SELECT as_of, clock_timestamp() AS refreshed_at
FROM period
WHERE as_of NOT IN (SELECT as_of FROM refresh);
