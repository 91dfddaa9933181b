insert into gammas (name, amount) select 'a', n from generate_series(1, 100) n;
