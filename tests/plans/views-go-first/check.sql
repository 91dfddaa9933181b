select 'colors' where (select string_agg("co""lor", ' ' order by amount) from lamps) is distinct from 'red green';
select 'readings' where (select sum(amount) from readings) is distinct from 5050;
select 'states' where (select count(*) from states) is distinct from 1;
