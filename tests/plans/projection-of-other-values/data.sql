insert into accounts (name) select 'a' || g from generate_series(1, 50) g;
insert into payments (account_id, sum) select id, 2.25 from accounts, generate_series(1, 3);
