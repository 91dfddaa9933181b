insert into kinds (id, name) values (1, 'a'), (2, 'b');
insert into readings (name, kind_id) select 'reading ' || n, n % 2 + 1 from generate_series(1, 100) n;
insert into measures (kind_id) select n % 2 + 1 from generate_series(1, 100) n;
