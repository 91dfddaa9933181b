insert into events (at, n) values ('2024-01-02', 1);
