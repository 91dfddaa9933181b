insert into items (name, price) values ('between', 3);
delete from items where name = 'between';
