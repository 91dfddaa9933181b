select 'rows' where (select count(*) from trips) <> 2 or (select count(*) from stops) <> 2 or (select count(*) from events) <> 1;
