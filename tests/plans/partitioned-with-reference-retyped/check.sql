select 'rows' where (select count(*) from summary) <> 100;
