INSERT INTO users(status, created_at) SELECT 'new', now() - g * interval '1 day' FROM generate_series(80, 95) g;
INSERT INTO users(status, created_at) VALUES ('soon', clock_timestamp() - interval '90 days' + interval '0.3 seconds');
INSERT INTO orders(user_id, total, note) SELECT id, 9, 'n' FROM users, generate_series(1, 3);
INSERT INTO lines(order_id, product, done) SELECT id, 'p' || g, g > 1 FROM orders, generate_series(1, 2) g;
UPDATE lines SET done = true WHERE product = 'p1';
