insert into events (what, size) values ('x', 1);
