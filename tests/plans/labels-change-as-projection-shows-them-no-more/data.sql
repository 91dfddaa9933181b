insert into tickets (name) select 'ticket ' || n from generate_series(1, 100) n;
