insert into events (number, kind, code) select g, 'a', g % 7 from generate_series(1, 900) g;
