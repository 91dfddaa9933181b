insert into readings (name) values ('between');
delete from readings where name = 'between';
select 'nobody reads' where (select count(*) from plain) <> 100;
