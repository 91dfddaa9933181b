insert into lamps (color) select 'green' from generate_series(1, 100);
