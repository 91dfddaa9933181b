insert into readings (name, amount, happened) select 'reading ' || n, n, '2024-01-10' from generate_series(1, 100) n;
grant select on readings_of_all to pg_monitor;
