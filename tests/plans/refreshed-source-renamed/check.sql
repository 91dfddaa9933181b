insert into crates (state, grams) values ('here', 50);
select 'at_once' where (select sum(grams) from at_once) is distinct from 5100;
set constraints all immediate;
select 'in_the_end' where (select count(*) from in_the_end) is distinct from 101;
select 'kept' where (select sum(grams) from kept) is distinct from 5100;
