insert into readings (name, happened) select 'reading ' || n, '2024-02-11' from generate_series(1, 100) n;
