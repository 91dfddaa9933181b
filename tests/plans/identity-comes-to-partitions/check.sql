select 'rows' where (select count(*) from readings) <> 600;
select 'two with one number' where (select count(distinct id) from readings) <> 600 or exists (select from readings where id is null or id < 1);
with new as (insert into readings (sensor, at) values (1, '2024-02-03') returning id), gone as (delete from readings where false)
select 'a number that is taken' from new where exists (select from readings where readings.id = new.id);
