insert into tickets (name) values ('a');
