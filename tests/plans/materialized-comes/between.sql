insert into accounts (owner, amount) values ('between', 1);
delete from accounts where owner = 'between';
