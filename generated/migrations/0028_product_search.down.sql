-- specql:transaction
-- Back from 0028 product_search, part 1 of 2
-- The way back: what was written since then may be lost.
-- hazards: breaks-old-code, deletes-data
-- Review: is each line meant, can its lock be had, and does its time fit?
--   - drop column catalog.products.search_vector  access exclusive · contract
--       allowed deletes-data: the values of `search_vector` are gone (catalog.products)
--         safer: keep it until nothing needs its values
--       allowed breaks-old-code: who names `search_vector` fails from then on (catalog.products)
--         safer: drop it when no code names it

SET LOCAL lock_timeout = '3s';

ALTER TABLE catalog.products DROP COLUMN search_vector;
