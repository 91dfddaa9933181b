insert into users (name, age) values ('A', 18);
