insert into items (name, price) select 'i' || g, g from generate_series(1, 100) g;
