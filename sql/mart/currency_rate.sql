-- currency_rate: what one unit of a currency is worth in the currency of the mart, from a day on; read from the relation
-- that rate in config names
CREATE OR REPLACE VIEW currency_rate AS
SELECT currency, valid_from, rate FROM {currency_rate} AS r WHERE rate > 0 AND rate < 'infinity';
