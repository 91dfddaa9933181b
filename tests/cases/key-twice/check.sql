SELECT 'the reference is to ' || conindid::regclass FROM pg_constraint WHERE contype = 'f' AND conindid <> 'nodes_pkey'::regclass;
SELECT 'not both keys' WHERE (SELECT count(*) FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid = 'nodes'::regclass) <> 2;
SELECT 'no comment' WHERE (SELECT obj_description(oid) FROM pg_constraint WHERE conname = 'nodes_number_key') IS DISTINCT FROM 'Twice';
