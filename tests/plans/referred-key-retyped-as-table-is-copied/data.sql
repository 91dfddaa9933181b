insert into orders (total) values (1), (2);
insert into lines (order_id, amount) select id, total from orders;
