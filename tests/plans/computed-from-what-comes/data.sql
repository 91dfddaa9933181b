insert into events (name) values ('abc');
