-- specql:transaction
-- Back from 0032 deliveries, part 2 of 2
-- The way back: what was written since then may be lost.
-- hazards: breaks-old-code
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter view public.user_overview   access exclusive
--       allowed breaks-old-code: `public.user_overview` has no longer all of its columns (public.user_overview)
--   + create view public.user_overview  no lock

SET LOCAL lock_timeout = '3s';

DROP VIEW public.user_overview;

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
