insert into parcels (state, weight) select (array['open', 'sent'])[1 + n % 2], n + 10 from generate_series(1, 100) n;
