insert into items (code) values ('a');
insert into prices (code) values ('a');
insert into ships (imo, name) values (1, 's');
insert into voyages (ship, imo) values ('s', 1);
insert into ports (port) values ('p');
insert into calls (port) values ('p');
