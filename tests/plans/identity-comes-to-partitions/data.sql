insert into readings (sensor, at, value) select g % 7, '2024-01-02'::timestamptz + g * interval '2 hours', g from generate_series(1, 600) g;
