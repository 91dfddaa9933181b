INSERT INTO receipts (number) VALUES (5000), (5999), (7999), (8000), (-1);
INSERT INTO orders (tenant_id, total) VALUES ('tenant_1', 1), ('Tenant Two', 2), ('it''s', 3), ('someone else', 4);
INSERT INTO visits (country, at) VALUES ('it''s', '2024-05-01'), ('jp', '2025-05-01'), ('de', '1999-01-01');
INSERT INTO levels (n, code) VALUES (1, 'a'), (-2, 'b'), (3, 'a');
INSERT INTO buckets (name) SELECT 'n' || g FROM generate_series(1, 100) g;
INSERT INTO bucket_items (bucket_id) SELECT id FROM buckets;
