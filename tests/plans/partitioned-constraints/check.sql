select 'not validated ' || conname from pg_constraint where not convalidated; select 'invalid' from pg_index where not indisvalid;
