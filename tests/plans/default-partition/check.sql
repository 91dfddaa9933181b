select 'rows' where (select count(*) from events) <> 3 or (select count(*) from events_default) <> 1;
insert into events (region) values ('jp'), ('nz');
select 'routed' where (select count(*) from events_asia) <> 2 or (select count(*) from events_default) <> 2;
select 'left', conname from pg_constraint where conname like '%specql%';
