insert into nodes (name) select 'node ' || n from generate_series(1, 100) n;
