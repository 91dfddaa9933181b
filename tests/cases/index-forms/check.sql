WITH want(name, def) AS (VALUES
    ('covering', 'btree (customer_id, status, created_at DESC) INCLUDE (total, address)'),
    ('partial_unique', 'btree (customer_id, code) WHERE ((status = ''active''::text) AND (total > (0)::numeric))'),
    ('nulls_equal', 'btree (status, code) NULLS NOT DISTINCT'),
    ('expressions', 'btree (lower(address), ((doc ->> ''kind''::text)), COALESCE(total, (0)::numeric) DESC NULLS LAST)'),
    ('keys', 'btree (address COLLATE "C" DESC, code text_pattern_ops) WITH (fillfactor=''80'')'),
    ('filled', 'btree (total) WITH (deduplicate_items=''false'', fillfactor=''70'')'),
    ('hashed', 'hash (address)'), ('trigrams', 'gin (address gin_trgm_ops) WITH (fastupdate=off)'), ('paths', 'gin (doc jsonb_path_ops)'),
    ('words', 'gin (to_tsvector(''simple''::regconfig, COALESCE(address, ''''::text)), tags)'),
    ('ranges', 'gist (period) INCLUDE (status)'), ('places', 'spgist (place)'), ('hosts', 'gist (host inet_ops)'),
    ('blocks', 'brin (created_at, total) WITH (pages_per_range=''16'')'), ('scalar_gin', 'gin (status, tags)'),
    ('idx_orders_status_created_at', 'btree (status, created_at DESC NULLS LAST)'))
SELECT name || ': ' || coalesce(split_part(pg_get_indexdef(to_regclass(name)), ' USING ', 2), 'missing') FROM want
WHERE replace(split_part(pg_get_indexdef(to_regclass(name)), ' USING ', 2), '''', '') IS DISTINCT FROM replace(def, '''', '')
  AND replace(replace(split_part(pg_get_indexdef(to_regclass(name)), ' USING ', 2), '''', ''), '=false', '=off') IS DISTINCT FROM replace(replace(def, '''', ''), '=false', '=off');
SELECT 'unique: ' || indexrelid::regclass FROM pg_index WHERE indisunique <> (indexrelid::regclass::text IN ('partial_unique', 'nulls_equal', 'orders_pkey', 'orders_code_key')) AND indrelid = 'orders'::regclass;
SELECT 'comment' WHERE obj_description('filled'::regclass) IS DISTINCT FROM 'Sums';
SELECT 'no index of the reference' WHERE NOT EXISTS (SELECT FROM pg_indexes WHERE tablename = 'orders' AND indexdef LIKE '%(parent_id)');
SELECT 'indexes: ' || count(*) FROM pg_indexes WHERE tablename = 'orders' HAVING count(*) <> 20;
