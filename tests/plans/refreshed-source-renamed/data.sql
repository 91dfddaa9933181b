insert into parcels (state, weight) select 'sent', n from generate_series(1, 100) n;
