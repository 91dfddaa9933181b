select 'rows' where (select count(*) from weights) is distinct from 100;
