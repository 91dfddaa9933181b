select 'rows' where (select count(*) from shown) is distinct from 100;
