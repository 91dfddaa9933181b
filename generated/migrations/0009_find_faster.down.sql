-- specql:no-transaction
-- Back from 0009 find_faster
-- The way back: what was written since then may be lost.
-- hazards: drops-index
-- Review: is each line meant, can its lock be had, and does its time fit?
--   - drop index idx_products_barcode on catalog.products      share update exclusive · outside a transaction · contract
--       allowed drops-index: queries that use `idx_products_barcode` read more from then on (catalog.products)
--   - drop index idx_products_live on catalog.products         share update exclusive · outside a transaction · contract
--       allowed drops-index: queries that use `idx_products_live` read more from then on (catalog.products)
--   - drop index idx_users_full_name_trigrams on public.users  share update exclusive · outside a transaction · contract
--       allowed drops-index: queries that use `idx_users_full_name_trigrams` read more from then on (public.users)
--   - drop index idx_users_username on public.users            share update exclusive · outside a transaction · contract
--       allowed drops-index: queries that use `idx_users_username` read more from then on (public.users)

DROP INDEX CONCURRENTLY catalog.idx_products_barcode;

DROP INDEX CONCURRENTLY catalog.idx_products_live;

DROP INDEX CONCURRENTLY public.idx_users_full_name_trigrams;

DROP INDEX CONCURRENTLY public.idx_users_username;
