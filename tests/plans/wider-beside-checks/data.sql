insert into readings (code, label, plain, place) select g, g, g, g from generate_series(1, 500) g;
