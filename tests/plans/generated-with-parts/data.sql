insert into people (given, family) values ('Ada', 'Lovelace'), ('Alan', 'Turing');
insert into events (at, what) values ('2024-02-10', 'Begin');
