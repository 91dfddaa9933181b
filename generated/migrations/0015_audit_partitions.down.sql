-- specql:transaction
-- Back from 0015 audit_partitions, part 5 of 6
-- The way back: what was written since then may be lost.
-- hazards: blocks-reads, blocks-writes, rewrites-table
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter table audit.receipts  access exclusive · rewrites · 5 steps
--       allowed rewrites-table, blocks-reads, blocks-writes: all rows are copied into the table's new form (audit.receipts)
--         safer: partition by range: the rows so far stay where they are

SET LOCAL lock_timeout = '3s';

ALTER TABLE audit.receipts RENAME CONSTRAINT receipts_pkey TO receipts_pkey_specql_old;

ALTER TABLE audit.receipts RENAME TO receipts_specql_old;

CREATE TABLE audit.receipts (
    number bigint NOT NULL,
    printed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT receipts_pkey PRIMARY KEY (number)
);

INSERT INTO audit.receipts (number, printed_at) OVERRIDING SYSTEM VALUE
SELECT number, printed_at FROM audit.receipts_specql_old;

DROP TABLE audit.receipts_specql_old;
