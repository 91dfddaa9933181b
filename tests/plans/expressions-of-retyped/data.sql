insert into readings (name, amount, size) select 'reading ' || n, n, n from generate_series(1, 100) n;
