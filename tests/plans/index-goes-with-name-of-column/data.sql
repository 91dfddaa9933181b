insert into readings (amount, happened) values (1, '2024-02-10'), (2, '2024-02-11');
