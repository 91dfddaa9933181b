insert into tickets (at, line, state) values ('2024-02-03', 'l', 'done');
insert into notes (code) values ('c');
