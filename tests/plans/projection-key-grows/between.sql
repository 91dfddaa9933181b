insert into readings (name, happened) values ('between', '2024-01-11');
delete from readings where name = 'between';
