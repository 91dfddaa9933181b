insert into accounts (name) select 'account ' || n from generate_series(1, 50) n;
insert into bookings (account_id, amount) select id, 1 from accounts;
