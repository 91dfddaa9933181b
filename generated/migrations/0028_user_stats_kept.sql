-- specql:transaction
-- 0028 user_stats_kept, part 3 of 3
-- Contract: apply it when no old version of the application runs any more.
-- hazards: breaks-old-code
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create 1 object of schema specql                              share row exclusive
--   + create trigger user_stats_refresh_create of public.users      share row exclusive
--   + create trigger user_stats_refresh_update of public.users      share row exclusive
--   - drop view public.user_stats                                   access exclusive · contract
--       allowed breaks-old-code: who reads `public.user_stats` fails from then on (public.user_stats)
--   ~ alter view specql.projection_status                           access exclusive
--   + create materialized view public.user_stats                    no lock
--   + create index idx_user_stats_id on public.user_stats           share
--   + create index idx_user_stats_total_spent on public.user_stats  share

SET LOCAL lock_timeout = '3s';

CREATE TRIGGER user_stats_refresh_create
    AFTER INSERT ON public.users
    FOR EACH STATEMENT
    EXECUTE FUNCTION specql.request_refresh('public.user_stats');

CREATE TRIGGER user_stats_refresh_update
    AFTER UPDATE ON public.users
    FOR EACH STATEMENT
    EXECUTE FUNCTION specql.request_refresh('public.user_stats');

CREATE CONSTRAINT TRIGGER refresh_requested
    AFTER INSERT ON specql.refresh_request
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW
    WHEN (new.at_commit)
    EXECUTE FUNCTION specql.refresh_requested();

DROP VIEW public.user_stats;

CREATE OR REPLACE VIEW specql.projection_status AS
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
    ('catalog.product_sales', 'queued', FALSE, TRUE),
    ('public.user_stats', 'commit', TRUE, TRUE)
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

CREATE MATERIALIZED VIEW public.user_stats AS
SELECT
    users.id,
    users.status,
    users.created_at,
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
) AS orders ON orders.customer_id = users.id
WHERE users.created_at > now() - interval '90 days'
WITH DATA;

CREATE UNIQUE INDEX idx_user_stats_id ON public.user_stats (id);

CREATE INDEX idx_user_stats_total_spent ON public.user_stats (total_spent DESC NULLS LAST);
