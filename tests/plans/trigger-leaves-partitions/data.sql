insert into events (at, what) values ('2024-02-10', 'x');
