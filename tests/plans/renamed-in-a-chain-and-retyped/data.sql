insert into people (name) values ('x');
insert into deals (buyer_id, amount, total) select id, 1, 2 from people;
