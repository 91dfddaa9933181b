insert into kinds (code) values ('a'), ('b'); insert into items (code) select code from kinds;
