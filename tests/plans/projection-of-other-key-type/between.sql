insert into readings (id, name) values (1000, 'between');
update readings set name = 'gone' where id = 1000;
delete from readings where id = 1000;
