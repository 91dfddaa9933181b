insert into events (name, happened) select 'n' || n, now() from generate_series(1, 20) n;
