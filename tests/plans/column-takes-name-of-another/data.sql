insert into parcels (state, weight, amount) select 'sent', n, 2 * n from generate_series(1, 10) n;
