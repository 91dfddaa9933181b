select 'rows' where (select count(*) from summary) is distinct from 100 or (select count(*) from regions) is distinct from 100;
