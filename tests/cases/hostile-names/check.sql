SELECT 'default ' || "état" FROM "My Schema"."we""ird; drop table users; --" WHERE "état" <> 'naïve ''quote'' \n';
SELECT 'comment ' || obj_description(c) FROM (SELECT '"My Schema"."we""ird; drop table users; --"'::regclass AS c) t
WHERE obj_description(c) IS DISTINCT FROM 'It''s a $$ "quoted" \ {{ template }} {% comment %}';
SELECT 'comment of the constraint ' || coalesce(obj_description(oid, 'pg_constraint'), '') FROM pg_constraint
WHERE conname = 'check "me"' AND obj_description(oid, 'pg_constraint') IS DISTINCT FROM '$$ '' " \ :x';
SELECT 'comment of the view' WHERE obj_description('"pro ""jection"""'::regclass) IS DISTINCT FROM 'psql would expand :x and \q';
SELECT 'no index' WHERE NOT EXISTS (SELECT FROM pg_class WHERE relname = 'idx ''"; --' AND relkind = 'i');
SELECT 'no check' WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'check "me"');
SELECT 'no enum check' WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE contype = 'c' AND pg_get_constraintdef(oid) LIKE '%b''''c%');
SELECT 'not found' WHERE NOT EXISTS (SELECT FROM "My Schema"."we""ird; drop table users; --" WHERE "search vector" @@ 'x'::tsquery);
SELECT 'projection' WHERE (SELECT "as" FROM "pro ""jection""") IS DISTINCT FROM 'x';
SELECT 'view' WHERE (SELECT "user count" FROM "My Schema".plain) IS DISTINCT FROM 1;
SELECT 'long names: ' || count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = '"group"'::regclass AND NOT indisprimary AND octet_length(c.relname) = 63 HAVING count(*) <> 2;
SELECT 'cut column ' || count(*) FROM pg_attribute WHERE attrelid = '"group"'::regclass AND octet_length(attname) > 63 HAVING count(*) > 0;
SELECT 'enum type' WHERE to_regtype('public.user_table') IS NULL;
