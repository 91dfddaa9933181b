insert into users (name, age) values ('A', 18), ('B', 17);
