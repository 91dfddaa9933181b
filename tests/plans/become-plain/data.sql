insert into visits (at, note) select '2024-01-03'::timestamptz + g * interval '1 hour', 'n' || g from generate_series(1, 900) g;
