insert into accounts (owner, amount) select 'a', g from generate_series(1, 20) as g;
