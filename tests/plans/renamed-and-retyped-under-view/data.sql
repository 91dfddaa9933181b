insert into readings (name, amount) select 'reading ' || n, n from generate_series(1, 100) n;
