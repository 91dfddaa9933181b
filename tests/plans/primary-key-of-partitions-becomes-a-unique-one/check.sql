select 'rows' where (select count(*) from gammas) is distinct from 100;
