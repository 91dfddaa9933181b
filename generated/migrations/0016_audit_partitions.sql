-- specql:transaction
-- 0016 audit_partitions, part 6 of 6
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter table audit.receipts                  access exclusive · 5 steps
--   + create table audit.audit_log_2025_01_16     access exclusive
--   + create table audit.audit_log_2025_01_17     access exclusive
--   + create table audit.audit_log_default        access exclusive
--   + create table audit.receipts_1000000         access exclusive
--   + create table audit.receipts_2000000         access exclusive
--   + create table audit.receipts_default         access exclusive
--   + create partition policy of audit.audit_log  row exclusive
--   + create partition policy of audit.receipts   row exclusive

SET LOCAL lock_timeout = '3s';

ALTER TABLE audit.receipts RENAME CONSTRAINT receipts_pkey TO receipts_legacy_pkey;

ALTER TABLE audit.receipts RENAME TO receipts_legacy;

CREATE TABLE audit.receipts (
    number bigint NOT NULL,
    printed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT receipts_pkey PRIMARY KEY (number)
) PARTITION BY RANGE (number);

ALTER TABLE audit.receipts ATTACH PARTITION audit.receipts_legacy
    FOR VALUES FROM (MINVALUE) TO ('1000000');

ALTER TABLE audit.receipts_legacy DROP CONSTRAINT receipts_specql_bound;

CREATE TABLE audit.audit_log_2025_01_16 PARTITION OF audit.audit_log
    FOR VALUES FROM ('2025-01-16 00:00:00+00') TO ('2025-01-17 00:00:00+00');

CREATE TABLE audit.audit_log_2025_01_17 PARTITION OF audit.audit_log
    FOR VALUES FROM ('2025-01-17 00:00:00+00') TO ('2025-01-18 00:00:00+00');

CREATE TABLE audit.audit_log_default PARTITION OF audit.audit_log
    DEFAULT;

CREATE TABLE audit.receipts_1000000 PARTITION OF audit.receipts
    FOR VALUES FROM ('1000000') TO ('2000000');

CREATE TABLE audit.receipts_2000000 PARTITION OF audit.receipts
    FOR VALUES FROM ('2000000') TO ('3000000');

CREATE TABLE audit.receipts_default PARTITION OF audit.receipts
    DEFAULT;

INSERT INTO specql.partition_policy
    (schema_name, table_name, level, unit, units, premake, starts_at, retention, retention_action, subpartitions)
VALUES
    ('audit', 'audit_log', 0, 'day', 1, 2, NULL, '30 days', 'drop', NULL)
ON CONFLICT (schema_name, table_name, level) DO UPDATE SET
    unit = EXCLUDED.unit,
    units = EXCLUDED.units,
    premake = EXCLUDED.premake,
    starts_at = EXCLUDED.starts_at,
    retention = EXCLUDED.retention,
    retention_action = EXCLUDED.retention_action,
    subpartitions = EXCLUDED.subpartitions;

INSERT INTO specql.partition_policy
    (schema_name, table_name, level, unit, units, premake, starts_at, retention, retention_action, subpartitions)
VALUES
    ('audit', 'receipts', 0, 'number', 1000000, 2, NULL, NULL, 'detach', NULL)
ON CONFLICT (schema_name, table_name, level) DO UPDATE SET
    unit = EXCLUDED.unit,
    units = EXCLUDED.units,
    premake = EXCLUDED.premake,
    starts_at = EXCLUDED.starts_at,
    retention = EXCLUDED.retention,
    retention_action = EXCLUDED.retention_action,
    subpartitions = EXCLUDED.subpartitions;
