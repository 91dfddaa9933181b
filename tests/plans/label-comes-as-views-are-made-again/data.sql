insert into tickets (name, n) select 'ticket ' || n, n from generate_series(1, 100) n;
