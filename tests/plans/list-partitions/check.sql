select 'rows' where (select count(*) from events) <> 1;
