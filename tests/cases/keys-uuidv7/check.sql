SELECT 'default of ' || c.relname || ': ' || coalesce(pg_get_expr(adbin, adrelid), 'none') FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND attname = 'id' LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE c.oid IN ('messages'::regclass, 'topics'::regclass) AND pg_get_expr(adbin, adrelid) IS DISTINCT FROM 'uuidv7()';
INSERT INTO messages (body) VALUES ('a');
SELECT 'version ' || uuid_extract_version(id) FROM messages WHERE uuid_extract_version(id) <> 7;
SELECT 'type of the reference' FROM pg_attribute WHERE attrelid = 'messages'::regclass AND attname = 'answers_id' AND atttypid <> 'uuid'::regtype;
SELECT 'order of columns' FROM pg_attribute WHERE attrelid = 'topics'::regclass AND attname = 'title' AND attnum <> 1;
