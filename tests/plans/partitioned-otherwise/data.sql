INSERT INTO readings (at, meter, value, note) SELECT '2024-02-01', n, n, 'n' FROM generate_series(1, 100) n;
