insert into cars (plate) values ('x');
