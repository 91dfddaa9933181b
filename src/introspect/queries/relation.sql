-- Everything in pg_class but indexes and TOAST tables. An expression that is there in this snapshot, but of a relation that is
-- gone since, is printed as NULL; here and in the other queries it is made an empty text, which is noticed.
SELECT
    c.oid,
    n.nspname,
    c.relname,
    c.relkind::text,
    e.objid IS NOT NULL,
    c.relpersistence = 'u',
    NULLIF(c.reltuples, -1)::float8,
    c.relispartition,
    c.reloptions,
    toast.reloptions,
    s.spcname,
    NULLIF(am.amname, 'heap'),
    c.relrowsecurity,
    c.relforcerowsecurity,
    c.relreplident::text,
    p.partstrat::text,
    p.partattrs::int2[],
    p.partclass::oid[],
    p.partcollation::oid[],
    COALESCE(pg_get_expr(p.partexprs, c.oid), CASE WHEN p.partexprs IS NOT NULL THEN '' END),
    COALESCE(pg_get_expr(c.relpartbound, 0), CASE WHEN c.relispartition THEN '' END),
    h.inhparent,
    -- Partitions have one parent; whoever else inherits is rare.
    CASE WHEN h.inhparent IS NOT NULL AND NOT c.relispartition THEN ARRAY(
        SELECT inhparent FROM pg_catalog.pg_inherits WHERE inhrelid = c.oid ORDER BY inhseqno
    ) END,
    COALESCE(d.description, td.description)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class AS toast ON toast.oid = c.reltoastrelid AND toast.reloptions IS NOT NULL
LEFT JOIN pg_catalog.pg_tablespace AS s ON s.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_am AS am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_partitioned_table AS p ON p.partrelid = c.oid
LEFT JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = c.oid AND h.inhseqno = 1
LEFT JOIN pg_catalog.pg_depend AS e
    ON e.refclassid = 'pg_catalog.pg_extension'::regclass AND e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid
        AND e.objsubid = 0 AND e.deptype = 'e'
LEFT JOIN pg_catalog.pg_description AS d
    ON d.classoid = 'pg_catalog.pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
-- COMMENT ON TYPE of a composite type is on the type.
LEFT JOIN pg_catalog.pg_description AS td
    ON c.relkind = 'c' AND td.classoid = 'pg_catalog.pg_type'::regclass AND td.objoid = c.reltype AND td.objsubid = 0
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
    AND CASE
        WHEN $1 THEN n.oid = pg_catalog.pg_my_temp_schema()
        ELSE c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    END
