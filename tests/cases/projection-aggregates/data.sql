INSERT INTO regions (name) SELECT 'r' || g FROM generate_series(1, 5) g;
INSERT INTO customers (name, region_id, active)
SELECT 'c' || g, (SELECT id FROM regions OFFSET g % 6 LIMIT 1), g % 7 <> 0 FROM generate_series(1, 60) g;
INSERT INTO sales (customer_id, amount) SELECT id, length(name) * g FROM customers, generate_series(1, 5) g WHERE name <> 'c1';
INSERT INTO visits (customer_id, page) SELECT id, (ARRAY['robots', 'home', NULL])[g] FROM customers, generate_series(1, 3) g;
REFRESH MATERIALIZED VIEW customer_totals;
