SELECT t || ': id is no bigint identity' FROM unnest(ARRAY['app.accounts', 'app.entries']) t
WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = t::regclass AND attname = 'id' AND atttypid = 'bigint'::regtype AND attidentity <> '' AND attnum = 1);
SELECT 'type of account_id' FROM pg_attribute WHERE attrelid = 'app.entries'::regclass AND attname = 'account_id' AND (atttypid <> 'bigint'::regtype OR NOT attnotnull);
SELECT 'created_by is ' || format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'app.accounts'::regclass AND attname = 'created_by' AND atttypid <> 'bigint'::regtype;
SELECT 'key of countries' FROM pg_constraint WHERE conrelid = 'app.countries'::regclass AND contype = 'p' AND pg_get_constraintdef(oid) <> 'PRIMARY KEY (code)';
SELECT 'country_id is not ' || format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'app.cities'::regclass AND attname = 'country_id' AND atttypid <> 'text'::regtype;
-- A key column is no reference's default: the default of `id` is the author's.
SELECT 'default of cities.id ' || column_default FROM information_schema.columns WHERE table_name = 'cities' AND column_name = 'id' AND column_default IS DISTINCT FROM '7';
INSERT INTO app.accounts (name) VALUES ('a'), ('b');
SELECT 'identity: ' || string_agg(id::text, ',') FROM app.accounts HAVING string_agg(id::text, ',' ORDER BY id) <> '1,2';
