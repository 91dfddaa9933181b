select 'rows' where (select count(*) from kept) <> 100;
