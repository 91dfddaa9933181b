select 'rows' where (select count(*) from prices) <> 1 or (select count(*) from voyages) <> 1;
select 'not valid', conname from pg_constraint where not convalidated;
