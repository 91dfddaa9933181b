-- specql:transaction
-- 0012 audit_partitions, part 2 of 6
-- Expand: old versions of the application do not notice.
-- hazards: may-fail-on-data
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter table audit.audit_log  share update exclusive · scans
--       allowed may-fail-on-data: a row outside of the partition's bound stops it (audit.audit_log)

SET LOCAL lock_timeout = '3s';

ALTER TABLE audit.audit_log VALIDATE CONSTRAINT audit_log_specql_bound;
