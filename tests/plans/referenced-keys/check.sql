select 'rows' where (select count(*) from cities) <> 200 or (select count(*) from voyages) <> 200;
select 'not valid', conname from pg_constraint where not convalidated;
select 'left', relname from pg_class where relname like '%specql_new%';
