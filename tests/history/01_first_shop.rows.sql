INSERT INTO tenants (id, name, slug, currency)
SELECT md5('tenant' || n)::uuid, 'Tenant ' || n, 'tenant-' || n, (ARRAY['EUR', 'GBP', 'USD', 'CHF'])[1 + n % 4]
FROM generate_series(1, 20) AS n;

INSERT INTO departments (id, tenant_id, name)
SELECT md5('department' || n)::uuid, md5('tenant' || n)::uuid, 'Sales'
FROM generate_series(1, 20) AS n;

INSERT INTO users (id, tenant_id, department_id, email, login, full_name, role, status)
SELECT md5('user' || n)::uuid, md5('tenant' || 1 + n % 20)::uuid, md5('department' || 1 + n % 20)::uuid,
    'user' || n || '@example.org', 'user' || n, CASE WHEN n % 3 > 0 THEN 'User ' || n END,
    CASE WHEN n % 50 = 0 THEN 'admin'::users_role ELSE 'customer' END, (ARRAY['invited', 'active', 'blocked'])[1 + n % 3]
FROM generate_series(1, 1000) AS n;

INSERT INTO catalog.categories (id, parent_id, name, path)
SELECT md5('category' || n)::uuid, CASE WHEN n > 3 THEN md5('category' || n / 3)::uuid END, 'Category ' || n, ('all.c' || n)::ltree
FROM generate_series(1, 12) AS n;

INSERT INTO catalog.category_translations (category_id, locale, name)
SELECT md5('category' || n)::uuid, locale, locale || ' ' || n
FROM generate_series(1, 12) AS n, unnest(ARRAY['de', 'fr']) AS locale;

INSERT INTO catalog.products (id, tenant_id, category_id, sku, name, description, price, discount, status, tags, metadata)
SELECT md5('product' || n)::uuid, md5('tenant' || 1 + n % 20)::uuid, md5('category' || 1 + n % 12)::uuid,
    'SKU-' || n, 'Product ' || n, CASE WHEN n % 2 > 0 THEN 'The best of its kind' END, n, n % 30,
    (ARRAY['draft', 'live'])[1 + n % 2], ARRAY['new', 'tag' || n % 7], jsonb_build_object('tags', n % 5)
FROM generate_series(1, 500) AS n;

INSERT INTO orders (id, tenant_id, customer_id, status, total_amount, created_at)
SELECT md5('order' || n)::uuid, md5('tenant' || 1 + n % 20)::uuid, md5('user' || 1 + n % 1000)::uuid,
    (ARRAY['cart', 'placed', 'paid', 'shipped'])[1 + n % 4], n, timestamptz '2023-01-01 12:00Z' + n % 700 * interval '1 day'
FROM generate_series(1, 2000) AS n;

INSERT INTO order_items (order_id, order_created_at, line, product_id, quantity, unit_price)
SELECT o.id, o.created_at, line, md5('product' || 1 + (o.total_amount::integer * line) % 500)::uuid, line, 10
FROM orders AS o, generate_series(1, 2) AS line;
