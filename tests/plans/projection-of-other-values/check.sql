select 'sums' where (select sum(total) from balances) is distinct from (select sum(sum) from payments);
select 'computed' where (select count(*) from shown where shown.shown like 'a%?') <> 50;
