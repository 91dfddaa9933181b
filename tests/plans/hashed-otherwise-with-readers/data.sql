insert into events (what) select 'w' || n from generate_series(1, 20) n;
