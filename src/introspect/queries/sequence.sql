-- Sequences, with the column that each belongs to: `i` is an identity column's.
SELECT
    s.seqrelid,
    s.seqtypid,
    s.seqstart,
    s.seqincrement,
    s.seqmin,
    s.seqmax,
    s.seqcache,
    s.seqcycle,
    d.refobjid,
    d.refobjsubid::int2,
    d.deptype::text
FROM pg_catalog.pg_sequence AS s
LEFT JOIN pg_catalog.pg_depend AS d
    ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = s.seqrelid AND d.objsubid = 0
    AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
