insert into cars (plate) values ('x');

insert into owners (name, phone) values ('y', '1');
