SELECT t || ' has no ' || c FROM unnest(ARRAY['vehicles', 'trucks']) t,
    unnest(ARRAY['id', 'weight', 'state', 'plate', 'owner_id', 'created_at', 'created_by', 'updated_at', 'updated_by', 'deleted_at', 'deleted_by']) c
WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = t::regclass AND attname = c);
SELECT 'the pattern is not Thing''s' FROM pg_attribute WHERE attrelid = 'things'::regclass AND attname = 'deleted_at';
SELECT 'the child may relax a field' FROM pg_attribute WHERE attrelid = 'trucks'::regclass AND attname = 'plate' AND attnotnull;
SELECT t || ': ' || k || ' ' || count(c.oid) FROM (VALUES ('vehicles', 'c', 3), ('trucks', 'c', 4), ('vehicles', 'u', 1), ('trucks', 'u', 1), ('vehicles', 'f', 1), ('trucks', 'f', 1)) w(t, k, n)
LEFT JOIN pg_constraint c ON c.conrelid = t::regclass AND c.contype = k::"char" GROUP BY t, k, n HAVING count(c.oid) <> n;
SELECT 'no partial index on ' || t FROM unnest(ARRAY['vehicles', 'trucks']) t
WHERE NOT EXISTS (SELECT FROM pg_indexes WHERE tablename = t AND indexdef LIKE '%(plate) WHERE (deleted_at IS NULL)');
SELECT 'the parent''s index lost its name' WHERE to_regclass('idx_live_vehicles') IS NULL;
SELECT 'the child''s index: ' || string_agg(indexname, ',') FROM pg_indexes WHERE tablename = 'vehicles' AND indexdef LIKE '%axles%' HAVING count(*) > 0;
SELECT t || ' keep an old updated_at' FROM (SELECT 'vehicles' AS t, updated_at FROM vehicles UNION ALL SELECT 'trucks', updated_at FROM trucks) u WHERE updated_at < now() - interval '1 hour';
SELECT 'parent_id' WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'owners'::regclass AND pg_get_constraintdef(oid) LIKE 'FOREIGN KEY (parent_id) REFERENCES owners(id)%');
SELECT 'comment on ' || t FROM unnest(ARRAY['vehicles', 'trucks']) t WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = t::regclass AND obj_description(oid, 'pg_constraint') = 'Capitals only');
