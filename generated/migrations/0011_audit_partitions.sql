-- specql:transaction
-- 0011 audit_partitions, part 1 of 6
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter table audit.audit_log  access exclusive

SET LOCAL lock_timeout = '3s';

ALTER TABLE audit.audit_log
    ADD CONSTRAINT audit_log_specql_bound CHECK (at IS NOT NULL AND at < '2025-01-16 00:00:00+00'::timestamp with time zone) NOT VALID;
