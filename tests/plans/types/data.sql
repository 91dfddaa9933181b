insert into readings (label, count, ratio, note) select 'l' || g, g, g, 'n' from generate_series(1, 500) g;
