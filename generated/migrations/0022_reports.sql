-- specql:transaction
-- 0022 reports, part 2 of 5
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter view specql.status  access exclusive

SET LOCAL lock_timeout = '3s';

DROP VIEW specql.status;
