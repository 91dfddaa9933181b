select 'rows' where (select count(*) from meter_values) <> 900;
insert into readings (at, value) values ('2024-02-20', 1), ('2024-03-20', 1);
select 'id' where (select max(id) from readings) <> 902;
select 'comment' where obj_description('readings'::regclass) is null;
select 'foreign key' where not exists (select from pg_constraint where conrelid = 'readings'::regclass and contype = 'f');
