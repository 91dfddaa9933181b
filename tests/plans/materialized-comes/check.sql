insert into accounts (owner, amount) values ('b', 7);
select 'rows' where (select count(*) from sums) <> 21 or not exists (select from sums where owner = 'b' and amount = 7);
