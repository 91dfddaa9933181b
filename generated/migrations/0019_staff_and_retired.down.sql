-- specql:transaction
-- Back from 0019 staff_and_retired, part 3 of 4
-- The way back: what was written since then may be lost.
-- hazards: may-fail-on-data
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter constraint products_status_check of catalog.products  share update exclusive · scans
--       allowed may-fail-on-data: a row that breaks `products_status_check` stops it (catalog.products)

SET LOCAL lock_timeout = '3s';

ALTER TABLE catalog.products VALIDATE CONSTRAINT products_status_check_specql_new;
