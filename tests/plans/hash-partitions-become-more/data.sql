insert into events (what, happened) select 'w' || n, now() from generate_series(1, 20) n;
insert into logs (level, what) select (array['low', 'high', 'other'])[n % 3 + 1], 'w' || n from generate_series(1, 30) n;
