insert into articles (name, amount, happened) select 'article ' || n, n, '2024-01-10' from generate_series(1, 100) n;
grant select on articles_of_all to pg_monitor;
