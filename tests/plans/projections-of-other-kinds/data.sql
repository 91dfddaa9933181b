insert into readings (name) select 'reading ' || n from generate_series(1, 100) n;
