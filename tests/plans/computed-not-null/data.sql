insert into events (name, note) values ('abc', 'x');
