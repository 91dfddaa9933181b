insert into meters (place) values ('x'); insert into readings (meter_id, at, value) select 1, '2024-01-02'::timestamptz + g * interval '1 hour', g from generate_series(1, 900) g;
