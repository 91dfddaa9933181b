select 'balances' where (select sum(total) from balances) <> 100; insert into payments (account_id, sum) select id, 3 from accounts; select 'balances' where (select sum(total) from balances) <> 250;

select 'the grant' where not has_table_privilege('balance_reader', 'public.balances', 'SELECT');
