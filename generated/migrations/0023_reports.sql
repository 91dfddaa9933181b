-- specql:transaction
-- 0023 reports, part 3 of 3
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create trigger product_sales_refresh_create of catalog.categories    share row exclusive
--   + create trigger product_sales_refresh_delete of catalog.categories    share row exclusive
--   + create trigger product_sales_refresh_truncate of catalog.categories  share row exclusive
--   + create trigger product_sales_refresh_update of catalog.categories    share row exclusive
--   + create trigger product_sales_refresh_create of catalog.products      share row exclusive
--   + create trigger product_sales_refresh_delete of catalog.products      share row exclusive
--   + create trigger product_sales_refresh_truncate of catalog.products    share row exclusive
--   + create trigger product_sales_refresh_update of catalog.products      share row exclusive
--   + create trigger product_sales_refresh_create of public.order_items    share row exclusive
--   + create trigger product_sales_refresh_delete of public.order_items    share row exclusive
--   + create trigger product_sales_refresh_truncate of public.order_items  share row exclusive
--   + create trigger product_sales_refresh_update of public.order_items    share row exclusive
--   + create view public.user_overview                                     no lock
--   + create view public.user_stats                                        no lock
--   + create materialized view catalog.product_sales                       no lock
--   + create index idx_product_sales_id on catalog.product_sales           no lock
--   + create index idx_product_sales_revenue on catalog.product_sales      no lock

SET LOCAL lock_timeout = '3s';

CREATE TRIGGER product_sales_refresh_create
    AFTER INSERT ON catalog.categories
    FOR EACH STATEMENT
    EXECUTE FUNCTION specql.queue_refresh('catalog.product_sales');

CREATE TRIGGER product_sales_refresh_delete
    AFTER DELETE ON catalog.categories
    FOR EACH STATEMENT
    EXECUTE FUNCTION specql.queue_refresh('catalog.product_sales');

CREATE TRIGGER product_sales_refresh_truncate
    AFTER TRUNCATE ON catalog.categories
    FOR EACH STATEMENT
    EXECUTE FUNCTION specql.queue_refresh('catalog.product_sales');

CREATE TRIGGER product_sales_refresh_update
    AFTER UPDATE ON catalog.categories
    FOR EACH STATEMENT
    EXECUTE FUNCTION specql.queue_refresh('catalog.product_sales');

CREATE TRIGGER product_sales_refresh_create
    AFTER INSERT ON catalog.products
    FOR EACH STATEMENT
    EXECUTE FUNCTION specql.queue_refresh('catalog.product_sales');

CREATE TRIGGER product_sales_refresh_delete
    AFTER DELETE ON catalog.products
    FOR EACH STATEMENT
    EXECUTE FUNCTION specql.queue_refresh('catalog.product_sales');

CREATE TRIGGER product_sales_refresh_truncate
    AFTER TRUNCATE ON catalog.products
    FOR EACH STATEMENT
    EXECUTE FUNCTION specql.queue_refresh('catalog.product_sales');

CREATE TRIGGER product_sales_refresh_update
    AFTER UPDATE ON catalog.products
    FOR EACH STATEMENT
    EXECUTE FUNCTION specql.queue_refresh('catalog.product_sales');

CREATE TRIGGER product_sales_refresh_create
    AFTER INSERT ON public.order_items
    FOR EACH STATEMENT
    EXECUTE FUNCTION specql.queue_refresh('catalog.product_sales');

CREATE TRIGGER product_sales_refresh_delete
    AFTER DELETE ON public.order_items
    FOR EACH STATEMENT
    EXECUTE FUNCTION specql.queue_refresh('catalog.product_sales');

CREATE TRIGGER product_sales_refresh_truncate
    AFTER TRUNCATE ON public.order_items
    FOR EACH STATEMENT
    EXECUTE FUNCTION specql.queue_refresh('catalog.product_sales');

CREATE TRIGGER product_sales_refresh_update
    AFTER UPDATE ON public.order_items
    FOR EACH STATEMENT
    EXECUTE FUNCTION specql.queue_refresh('catalog.product_sales');

CREATE VIEW public.user_overview AS
SELECT
    users.id,
    users.display_name,
    users.status,
    departments.name AS department,
    coalesce(orders.orders, 0) AS orders,
    orders.biggest
FROM public.users
LEFT JOIN public.departments ON users.department_id = departments.id
LEFT JOIN (
    SELECT
        orders.customer_id,
        COUNT(*) AS orders,
        MAX(orders.total_amount) AS biggest
    FROM public.orders
    WHERE orders.status <> 'cart'
    GROUP BY orders.customer_id
) AS orders ON orders.customer_id = users.id
WHERE users.deleted_at IS NULL;

COMMENT ON VIEW public.user_overview IS 'Users with what they did';

CREATE VIEW public.user_stats AS
SELECT
    users.id,
    users.status,
    coalesce(orders.order_count, 0) AS order_count,
    orders.total_spent
FROM public.users
LEFT JOIN (
    SELECT
        orders.customer_id,
        COUNT(*) AS order_count,
        SUM(orders.total_amount) AS total_spent
    FROM public.orders
    GROUP BY orders.customer_id
) AS orders ON orders.customer_id = users.id;

CREATE MATERIALIZED VIEW catalog.product_sales AS
SELECT
    products.id,
    products.name,
    products.price,
    order_items.units,
    order_items.revenue,
    categories.name AS category
FROM catalog.products
LEFT JOIN (
    SELECT
        order_items.product_id,
        SUM(order_items.quantity) AS units,
        SUM(order_items.amount) AS revenue
    FROM public.order_items
    GROUP BY order_items.product_id
) AS order_items ON order_items.product_id = products.id
LEFT JOIN catalog.categories ON products.category_id = categories.id
WITH DATA;

CREATE UNIQUE INDEX idx_product_sales_id ON catalog.product_sales (id);

CREATE INDEX idx_product_sales_revenue ON catalog.product_sales (revenue DESC);
