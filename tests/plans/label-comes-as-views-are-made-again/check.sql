select 'rows' where (select count(*) from seen) is distinct from 100;
