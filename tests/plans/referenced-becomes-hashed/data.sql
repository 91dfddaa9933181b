INSERT INTO orders (name) SELECT n FROM generate_series(1, 50) n;
INSERT INTO orders (parent_id) SELECT id FROM orders;
INSERT INTO payments (order_id) SELECT id FROM orders;
