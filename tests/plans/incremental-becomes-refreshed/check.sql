insert into parcels (state, grams) values ('here', 50);
select 'kept' where (select sum(grams) from kept) is distinct from 5100;
set constraints all immediate;
select 'shown' where (select count(*) from shown) is distinct from 101;
