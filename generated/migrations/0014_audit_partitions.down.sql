-- specql:transaction
-- Back from 0014 audit_partitions, part 4 of 6
-- The way back: what was written since then may be lost.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   - drop partition policy of audit.audit_log  row exclusive · contract
--   - drop partition policy of audit.receipts   row exclusive · contract

SET LOCAL lock_timeout = '3s';

DELETE FROM specql.partition_policy WHERE schema_name = 'audit' AND table_name = 'audit_log';

DELETE FROM specql.partition_policy WHERE schema_name = 'audit' AND table_name = 'receipts';
