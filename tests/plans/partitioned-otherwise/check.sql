SELECT 'rows are missing' WHERE (SELECT count(*) FROM readings WHERE value = meter) <> 100;
SELECT 'a row lies in no partition of the new form' FROM readings WHERE tableoid::regclass::text NOT IN ('readings_0', 'readings_100');
SELECT 'the sequence has another name: ' || pg_get_serial_sequence('readings', 'id')
WHERE pg_get_serial_sequence('readings', 'id') <> 'public.readings_id_seq';
SELECT 'the identity starts again' FROM (SELECT nextval('readings_id_seq')) AS n WHERE nextval <= 100;
SELECT 'rows have one value' WHERE (SELECT count(DISTINCT added) FROM readings) <> 100;
SELECT 'what stood aside is still there' FROM pg_namespace WHERE nspname = 'specql_old';
