-- specql:no-transaction
-- 0029 product_search, part 2 of 2
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create index idx_products_search on catalog.products  share update exclusive · builds · outside a transaction

CREATE INDEX CONCURRENTLY idx_products_search ON catalog.products USING gin (search_vector);
