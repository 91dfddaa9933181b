insert into lamps (color, size) select (array['red', 'blue'])[g % 2 + 1]::lamps_color, 'large' from generate_series(1, 100) g;
