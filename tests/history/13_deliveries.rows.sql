INSERT INTO warehouses (id, tenant_id, name, city, country, code)
SELECT md5('warehouse' || n)::uuid, md5('tenant' || n)::uuid, 'Warehouse', 'Lyon', 'FR', 'W' || n
FROM generate_series(1, 20) AS n;

INSERT INTO shipments (id, warehouse_id, weight)
SELECT md5('shipment' || n)::uuid, md5('warehouse' || 1 + n % 20)::uuid, n
FROM generate_series(1, 100) AS n;

INSERT INTO catalog.reviews (product_id, author_id, stars, title)
SELECT md5('product' || n)::uuid, md5('user' || n)::uuid, 1 + n % 5, 'Très bien'
FROM generate_series(1, 300) AS n;
