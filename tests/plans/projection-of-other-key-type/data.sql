insert into readings (id, name) select n, 'reading ' || n from generate_series(1, 100) n;
