insert into logs (at) values ('2024-02-03');
