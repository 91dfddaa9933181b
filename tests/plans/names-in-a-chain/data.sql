insert into offers (code, number, state, phase, amount, total) values ('c', 'n', 'new', 'done', 1, 2);
insert into readings (at, low, high) values ('2024-02-03', 3, 4);
insert into samples (at, line) values ('2024-02-03', 'l');
insert into probes (at, low, high) values ('2024-02-03', 5, 6);
