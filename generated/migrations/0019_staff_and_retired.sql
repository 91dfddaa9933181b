-- specql:transaction
-- 0019 staff_and_retired, part 3 of 4
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter constraint products_status_check of catalog.products  share update exclusive · scans

SET LOCAL lock_timeout = '3s';

ALTER TABLE catalog.products VALIDATE CONSTRAINT products_status_check_specql_new;
