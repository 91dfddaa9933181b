select 'rows' where (select count(*) from readings) is distinct from 60;
