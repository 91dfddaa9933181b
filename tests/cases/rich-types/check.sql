SELECT 'never tried: ' || attname FROM pg_attribute
WHERE attrelid = 'samples'::regclass AND attnum > 0 AND attname <> 'id' AND attname NOT IN (SELECT col FROM tried);
WITH want(col, typ) AS (VALUES
    ('money', 'numeric(19,4)'), ('percentage', 'numeric(5,2)'), ('exchange_rate', 'numeric(19,8)'), ('latitude', 'numeric'), ('float', 'double precision'),
    ('duration', 'interval'), ('ip_address', 'inet'), ('mac_address', 'macaddr'), ('geo_point', 'point'), ('coordinates', 'point'), ('datetime', 'timestamp with time zone'),
    ('at_most', 'character varying(5)'), ('between', 'text'), ('whole', 'integer'), ('ratio', 'numeric'), ('emails', 'text[]'), ('html', 'text'))
SELECT col || ' is ' || format_type(atttypid, atttypmod) FROM want JOIN pg_attribute ON attrelid = 'samples'::regclass AND attname = col WHERE format_type(atttypid, atttypmod) <> typ;
