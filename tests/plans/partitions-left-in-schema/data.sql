insert into archive.readings (name, happened) select 'reading ' || n, '2024-02-10'::timestamptz + n * interval '1 day' from generate_series(1, 60) n;
