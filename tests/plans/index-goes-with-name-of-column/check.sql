select 'rows' where (select sum(total) from readings) is distinct from 3;
