-- specql:no-transaction
-- 0013 audit_partitions, part 3 of 6
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create constraint audit_log_pkey of audit.audit_log  share update exclusive · builds · outside a transaction

CREATE UNIQUE INDEX CONCURRENTLY audit_log_legacy_pkey ON audit.audit_log (id, at);
