insert into tickets (at, name, n) select '2024-02-10', 'ticket ' || n, n from generate_series(1, 100) n;
