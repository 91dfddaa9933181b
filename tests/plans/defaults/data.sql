insert into tickets (title) select 't' || g from generate_series(1, 12000) g;
