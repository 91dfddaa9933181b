insert into lamps (amount, color) select g, 'blue' from generate_series(1, 10) g;
