select 'rows' where (select count(*) from kept) is distinct from 100;
insert into readings (name, happened) values ('new', '2024-02-10');
select 'a new row' where (select count(*) from kept where happened = '2024-02-10' and name = 'new') is distinct from 1;
delete from readings where name = 'new';
select 'a row that is gone' where (select count(*) from kept) is distinct from 100;
select 'a row of another query' where specql.verify_projection('kept') <> 0;
