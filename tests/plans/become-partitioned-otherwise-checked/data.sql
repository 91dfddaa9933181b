insert into meters (at, amount, kind) select '2024-01-03'::timestamptz + g * interval '1 hour', g, 'n' || g from generate_series(1, 50) g;
