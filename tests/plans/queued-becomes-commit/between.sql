insert into accounts (name) values ('between');
delete from accounts where name = 'between';
