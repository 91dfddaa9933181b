select 'rows are missing' where (select count(*) from events) <> 5 or (select count(*) from logs) <> 2 or (select count(*) from helds) <> 1;
select 'not moved' where (select count(*) from events_eu) <> 3;
select 'the projection differs' where specql.verify_projection('public.bodies') <> 0;
begin;
insert into events (region, body, happened) values ('it', 'e', now());
insert into logs (kind, happened) values (3, '2024-02-01');
commit;
select 'not in its partition' where not exists (select from events_eu where region = 'it') or not exists (select from logs_2024_few where kind = 3);
select 'not seen' where not exists (select from bodies where region = 'it');
-- The partitions of before have no place for it.
delete from logs where kind = 3;
