select 'rows' where (select count(*) from visits join sites on sites.id = site_id) <> 100;
select 'references' where (select count(*) from pg_constraint where contype = 'f' and convalidated and conrelid = 'visits'::regclass) <> 2;
