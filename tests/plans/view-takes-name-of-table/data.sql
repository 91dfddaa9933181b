insert into notes (code, at) values ('c', '2024-02-03');
insert into words (text) values ('w');
