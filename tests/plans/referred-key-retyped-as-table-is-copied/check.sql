select 'an order or a line' where (select count(*) from orders join lines on order_id = orders.id) <> 2;
