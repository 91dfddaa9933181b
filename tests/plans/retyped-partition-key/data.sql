INSERT INTO visits (at, note) SELECT '2024-01-15', n FROM generate_series(1, 100) n;
