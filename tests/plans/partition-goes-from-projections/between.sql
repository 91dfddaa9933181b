insert into events (region, size) values ('fr', 3);
delete from events where region = 'fr';
