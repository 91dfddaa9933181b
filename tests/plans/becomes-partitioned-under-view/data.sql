insert into readings (name, happened) select 'reading ' || n, '2024-01-10'::timestamptz + n * interval '1 minute' from generate_series(1, 100) n;
