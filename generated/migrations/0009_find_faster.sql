-- specql:no-transaction
-- 0009 find_faster
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create index idx_products_barcode on catalog.products      share update exclusive · builds · outside a transaction
--   + create index idx_products_live on catalog.products         share update exclusive · builds · outside a transaction
--   + create index idx_users_full_name_trigrams on public.users  share update exclusive · builds · outside a transaction
--   + create index idx_users_username on public.users            share update exclusive · builds · outside a transaction

CREATE INDEX CONCURRENTLY idx_products_barcode ON catalog.products USING hash (barcode);

CREATE INDEX CONCURRENTLY idx_products_live ON catalog.products (name) INCLUDE (price, stock) WHERE (status = 'live');

CREATE INDEX CONCURRENTLY idx_users_full_name_trigrams ON public.users USING gin (full_name gin_trgm_ops);

CREATE INDEX CONCURRENTLY idx_users_username ON public.users (username text_pattern_ops);
