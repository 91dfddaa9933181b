insert into events (at, name, size) select timestamptz '2024-02-03', 'n' || g, g from generate_series(1, 100) g;
