-- specql:transaction
-- 0018 staff_and_retired, part 2 of 4
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter constraint products_status_check of catalog.products  access exclusive

SET LOCAL lock_timeout = '3s';

ALTER TABLE catalog.products
    ADD CONSTRAINT products_status_check_specql_new CHECK (status IN ('draft', 'live', 'retired')) NOT VALID;
