insert into cases (id, name) select n, 'case ' || n from generate_series(1, 100) n;
