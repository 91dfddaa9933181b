insert into lamps (color) values ('green');
delete from lamps where id = (select max(id::text) from lamps)::uuid;
