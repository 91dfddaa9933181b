INSERT INTO visits (amount, happened) SELECT n, '2024-02-01 00:00:00+00'::timestamptz + n * interval '1 hour' FROM generate_series(1, 5) AS n;
