-- specql:transaction
-- 0023 reports, part 3 of 5
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create 1 object of schema specql                                     no lock
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

CREATE VIEW specql.projection_status AS
SELECT
    projection.name AS projection,
    projection.mode,
    (coalesce(pending.marks, 0) > 0) OR ((latest.refreshed_at IS NULL) AND projection.due_when_unknown) OR projection.unasked AS due,
    coalesce(pending.marks, 0) AS pending_marks,
    pending.since AS pending_since,
    latest.refreshed_at AS last_refresh,
    latest.took AS last_refresh_took,
    CASE
        WHEN (latest.refreshed_at IS NULL) AND projection.due_when_unknown THEN 'nobody knows of a refresh since the schema was loaded or the server crashed: CALL specql.refresh_projections()'
        WHEN (projection.mode = 'incremental') AND (coalesce(pending.marks, 0) > 0) THEN 'a source has lost a partition, whose rows are still shown: CALL specql.refresh_projections()'
        WHEN pending.since < (now() - '1 hour'::interval) THEN 'marks wait for longer than an hour: nobody calls specql.refresh_projections(), or it fails'
    END AS problem
FROM (VALUES
    ('catalog.product_sales', 'queued', FALSE, TRUE)
) AS projection (name, mode, unasked, due_when_unknown)
LEFT JOIN (
    SELECT
        request.projection,
        count(*) AS marks,
        min(request.requested_at) AS since
    FROM specql.refresh_request AS request
    GROUP BY request.projection
) AS pending ON pending.projection = projection.name
LEFT JOIN specql.projection_refresh AS latest ON latest.projection = projection.name;

COMMENT ON VIEW specql.projection_status IS 'Projections that are refreshed: what waits for a refresh, and when the last one was (unknown after a crash, until the next)';
