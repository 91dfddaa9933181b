select 'rows' where (select count(*) from nodes) is distinct from 100;
