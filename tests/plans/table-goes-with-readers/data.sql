insert into orders (total) values (1); insert into lines (amount) values (2);
