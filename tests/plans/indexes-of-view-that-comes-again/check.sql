select 'wrong rows' where (select count(*) from sizes where size = 1) <> 1;
