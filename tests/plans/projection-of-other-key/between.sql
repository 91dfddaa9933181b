insert into readings (name, region) values ('between', 'x');
delete from readings where name = 'between';
