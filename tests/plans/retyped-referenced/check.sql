select 'rows' where (select count(*) from notes join accounts on accounts.id = account_id) <> 200;
select 'another type', attname from pg_attribute where attname in ('id', 'account_id') and attrelid in ('accounts'::regclass, 'notes'::regclass, 'trips'::regclass) and atttypid = 'integer'::regtype;
select 'not valid', conname from pg_constraint where not convalidated;
