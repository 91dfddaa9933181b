insert into notes (code) values ('c');
