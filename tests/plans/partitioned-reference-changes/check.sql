select 'rows' where (select count(*) from visits) is distinct from 100;
delete from sites;
select 'referring rows' where (select count(*) from visits) is distinct from 0;
