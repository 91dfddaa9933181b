insert into events (at, line) values ('2024-02-03', 'a'), ('2024-04-05', 'b');
