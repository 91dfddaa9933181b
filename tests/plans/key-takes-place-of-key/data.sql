insert into items (code, name, number) values ('a', 'A', 1); insert into prices (code) values ('a'); insert into tags values ('n', 'l');
