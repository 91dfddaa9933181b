-- specql:no-transaction
-- Back from 0029 product_search, part 2 of 2
-- The way back: what was written since then may be lost.
-- hazards: drops-index
-- Review: is each line meant, can its lock be had, and does its time fit?
--   - drop index idx_products_search on catalog.products  share update exclusive · outside a transaction · contract
--       allowed drops-index: queries that use `idx_products_search` read more from then on (catalog.products)

DROP INDEX CONCURRENTLY catalog.idx_products_search;
