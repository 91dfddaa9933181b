insert into people (given, family) select 'g' || g, 'f' || g from generate_series(1, 500) g;
