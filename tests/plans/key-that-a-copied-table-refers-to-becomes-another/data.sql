insert into people (id, name) select n, 'p' || n from generate_series(1, 10) n; insert into tickets (id, text) select n, 't' from generate_series(1, 100) n;
