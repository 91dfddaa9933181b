-- specql:transaction
-- Back from 0010 audit
-- The way back: what was written since then may be lost.
-- hazards: breaks-old-code, deletes-data
-- Review: is each line meant, can its lock be had, and does its time fit?
--   - drop partition policy of audit.usage_events  row exclusive · contract
--   - drop table audit.audit_log                   access exclusive · contract
--       allowed deletes-data: the rows of `audit.audit_log` are gone (audit.audit_log)
--         safer: keep it until nothing needs its rows
--       allowed breaks-old-code: who names `audit.audit_log` fails from then on (audit.audit_log)
--   - drop table audit.receipts                    access exclusive · contract
--       allowed deletes-data: the rows of `audit.receipts` are gone (audit.receipts)
--         safer: keep it until nothing needs its rows
--       allowed breaks-old-code: who names `audit.receipts` fails from then on (audit.receipts)
--   - drop table audit.usage_events                access exclusive · contract
--       allowed deletes-data: the rows of `audit.usage_events` are gone (audit.usage_events)
--         safer: keep it until nothing needs its rows
--       allowed breaks-old-code: who names `audit.usage_events` fails from then on (audit.usage_events)
--   - drop schema audit                            no lock · contract
--       allowed breaks-old-code: who uses the schema fails from then on

SET LOCAL lock_timeout = '3s';

DELETE FROM specql.partition_policy WHERE schema_name = 'audit' AND table_name = 'usage_events';

DROP TABLE audit.audit_log;

DROP TABLE audit.receipts;

DROP TABLE audit.usage_events;

DROP SCHEMA audit;
