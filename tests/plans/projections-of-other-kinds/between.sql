insert into readings (name) values ('between');
delete from readings where name = 'between';
