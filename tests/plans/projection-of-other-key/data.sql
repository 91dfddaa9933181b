insert into readings (name, region) select 'reading ' || n, 'r' || n % 3 from generate_series(1, 100) n;
