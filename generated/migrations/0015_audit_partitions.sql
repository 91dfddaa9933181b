-- specql:transaction
-- 0015 audit_partitions, part 5 of 6
-- Expand: old versions of the application do not notice.
-- hazards: may-fail-on-data
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter table audit.receipts  share update exclusive · scans
--       allowed may-fail-on-data: a row outside of the partition's bound stops it (audit.receipts)

SET LOCAL lock_timeout = '3s';

ALTER TABLE audit.receipts VALIDATE CONSTRAINT receipts_specql_bound;
