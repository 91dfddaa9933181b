insert into readings (name, happened) select 'reading ' || n, '2024-01-10' from generate_series(1, 100) n;
