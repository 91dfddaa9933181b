INSERT INTO users (id, tenant_id, email, username, role)
SELECT md5('staff' || n)::uuid, md5('tenant' || n)::uuid, 'staff' || n || '@example.org', 'staff' || n, 'staff'
FROM generate_series(1, 20) AS n;

INSERT INTO catalog.products (id, tenant_id, sku, name, price, status)
VALUES (md5('old')::uuid, md5('tenant1')::uuid, 'OLD', 'What nobody wants any more', 1, 'retired');
