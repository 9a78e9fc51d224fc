-- Binary and hostile input, for the tests of all types. Needs a superuser.

-- What a type makes of a binary message, as text. COPY frames a bytea as it
-- frames any binary value, so the message goes out as one and comes back in as
-- the other.
CREATE FUNCTION from_binary(type regtype, message bytea) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	path text := format('%s/pg_stat_tmp/kpi_%s', current_setting('data_directory'), pg_backend_pid());
	inbox text := 'pg_temp.from_binary_' || type::oid;
	value text;
BEGIN
	EXECUTE format('CREATE TEMP TABLE IF NOT EXISTS %s (value %s)', inbox, type);
	EXECUTE format('COPY (SELECT %L::bytea) TO %L (FORMAT binary)', message, path);
	EXECUTE format('COPY %s FROM %L (FORMAT binary)', inbox, path);
	EXECUTE format('DELETE FROM %s RETURNING value::text', inbox) INTO STRICT value;
	RETURN value;
END
$$;

-- The text that a query gives, or "error" and its SQLSTATE.
CREATE FUNCTION attempt(query text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE query INTO STRICT answer;
	RETURN answer;
EXCEPTION WHEN OTHERS THEN
	RETURN 'error ' || SQLSTATE;
END
$$;

-- Every beginning of a message, and so many copies of it in which a stretch,
-- every other time of the same length, is replaced by one of the pieces, at
-- random: the result depends on setseed().
CREATE FUNCTION mutants(message bytea, pieces bytea[], number integer) RETURNS SETOF bytea
LANGUAGE sql AS $$
	SELECT substr(message, 1, n) FROM generate_series(0, length(message) - 1) AS n
	UNION ALL
	SELECT overlay(message PLACING piece
		FROM 1 + floor(random() * (length(message) + 1))::integer
		FOR CASE n % 2 WHEN 0 THEN length(piece) ELSE floor(random() * 9)::integer END)
	FROM (SELECT n, pieces[1 + floor(random() * cardinality(pieces))::integer] FROM generate_series(1, number) AS n) AS p(n, piece)
$$;

-- What a type makes of the mutants of the binary messages given.
CREATE FUNCTION hostile_binary(type regtype, messages bytea[], number integer) RETURNS SETOF text
LANGUAGE sql AS $$
	SELECT attempt(format('SELECT from_binary(%L, %L)', type, mutant))
	FROM unnest(messages) AS message,
		mutants(message,
			ARRAY(SELECT decode(lpad(to_hex(byte), 2, '0'), 'hex') FROM generate_series(0, 255) AS byte) ||
			'{"", "\\x7fffffff", "\\x80000000", "\\xffffffff", "\\x00000001", "\\x7fffffffffffffff",
				"\\x8000000000000000", "\\xffffffffffffffff", "\\x0000000000000000", "\\x0000000000000001"}'::bytea[],
			number) AS mutant
$$;

-- What it makes of the mutants of the texts given; words are what its text
-- form is made of.
CREATE FUNCTION hostile_text(type regtype, texts text[], words text[], number integer) RETURNS SETOF text
LANGUAGE sql AS $$
	SELECT attempt(format('SELECT %L::%s::text', convert_from(mutant, 'UTF8'), type))
	FROM unnest(texts) AS text,
		mutants(convert_to(text, 'UTF8'),
			(SELECT array_agg(convert_to(word, 'UTF8'))
				FROM unnest(words || '{"", " ", "-", "+", ".", "0", "1", "7", "e9", "é", "9223372036854775807",
					"9223372036854775808", "-9223372036854775808", "99999999999999999999999999"}'::text[]) AS word),
			number) AS mutant
$$;
