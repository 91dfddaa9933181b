insert into events (name, n) values ('a', 1), ('b', 2); insert into gones (name) values ('a');
