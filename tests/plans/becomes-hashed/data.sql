INSERT INTO events (note) SELECT 'n' || n FROM generate_series(1, 100) n;
