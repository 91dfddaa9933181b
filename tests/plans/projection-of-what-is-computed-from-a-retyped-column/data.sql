insert into sales (amount) select n from generate_series(1, 100) n;
