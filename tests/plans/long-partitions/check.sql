select 'not valid: ' || indexrelid::regclass from pg_index where not indisvalid;
