select 'rows' where (select count(*) from readings_kept) is distinct from 100;
insert into readings (name, happened) values ('new', '2024-02-10');
select 'a new row' where (select count(*) from readings_kept where happened = '2024-02-10') is distinct from 1;
delete from readings where name = 'new';
select 'a row that is gone' where (select count(*) from readings_kept) is distinct from 100;
select 'a function of the old key' where (select count(*) from pg_proc where proname = 'write_public_readings_kept') <> 1;
