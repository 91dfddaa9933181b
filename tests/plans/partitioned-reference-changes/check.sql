select 'name for the meantime: ' || conname from pg_constraint where conname like '%specql_new%';
select 'rows' where (select count(*) from visits) is distinct from 100;
delete from sites;
select 'referring rows' where (select count(*) from visits) is distinct from 0;
