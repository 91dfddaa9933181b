SELECT 'the reference is to ' || conindid::regclass FROM pg_constraint WHERE contype = 'f' AND conindid <> 'nodes_pkey'::regclass;
SELECT 'not both keys' WHERE (SELECT count(*) FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid = 'nodes'::regclass) <> 2;
