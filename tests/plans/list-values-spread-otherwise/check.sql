select 'rows are elsewhere' where (select array_agg(tableoid::regclass::text order by region) from events) <> '{events_eu,events_fr,events_default,events_us}';
select 'rows are missing' where (select count(*) from logs) <> 6 or (select count(*) from logs_few) <> 2;
select 'rows are elsewhere' where (select region from swaps_a) <> 'y' or (select count(*) from swaps) <> 3;
