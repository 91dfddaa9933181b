select 'lost' where (select count(*) from entries) <> 1;
