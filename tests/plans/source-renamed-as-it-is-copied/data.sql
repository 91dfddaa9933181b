insert into events (at, n) select '2024-02-03', n from generate_series(1, 100) n;
