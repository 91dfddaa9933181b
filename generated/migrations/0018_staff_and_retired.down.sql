-- specql:transaction
-- Back from 0018 staff_and_retired, part 2 of 4
-- The way back: what was written since then may be lost.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter constraint products_status_check of catalog.products  access exclusive · 2 steps

SET LOCAL lock_timeout = '3s';

ALTER TABLE catalog.products DROP CONSTRAINT products_status_check;

ALTER TABLE catalog.products RENAME CONSTRAINT products_status_check_specql_new TO products_status_check;
