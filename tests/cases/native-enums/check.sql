WITH want(col, typ) AS (VALUES ('status', 'post.parcels_status'), ('size', 'post.parcels_size'), ('note', 'text'), ('marks', 'post.parcels_marks[]'))
SELECT col || ' is ' || format_type(atttypid, atttypmod) FROM want JOIN pg_attribute ON attrelid = 'post.parcels'::regclass AND attname = col
WHERE format_type(atttypid, atttypmod) <> typ;
SELECT 'labels: ' || enum_range(NULL::post.parcels_status)::text WHERE enum_range(NULL::post.parcels_status)::text <> '{packed,sent,lost}';
SELECT 'labels: ' || enum_range(NULL::post.parcels_size)::text WHERE enum_range(NULL::post.parcels_size)::text <> '{"very small",large}';
INSERT INTO post.parcels (size, note, marks) VALUES ('very small', 'a', '{red,blue}');
SELECT 'default: ' || status FROM post.parcels WHERE status <> 'packed';
DO $$ BEGIN
    INSERT INTO post.parcels (note) VALUES ('c');
    RAISE EXCEPTION 'accepted: c';
EXCEPTION WHEN check_violation THEN NULL;
END $$;
SELECT 'no partial index' WHERE NOT EXISTS (SELECT FROM pg_indexes WHERE tablename = 'parcels' AND indexdef LIKE '%WHERE (status <> ''lost''::post.parcels_status)');
SELECT 'default: ' || mood FROM post.parcels WHERE mood <> 'isn''t';
