-- Every type: columns and arguments may have any. Row types of tables are among them. Of some relations, those of their columns.
SELECT
    t.oid,
    n.nspname,
    t.typname,
    CASE WHEN t.typsubscript = 'pg_catalog.array_subscript_handler'::regproc THEN t.typelem ELSE 0 END,
    t.typrelid,
    t.typcollation,
    t.typstorage,
    n.nspname = 'pg_catalog' OR e.objid IS NOT NULL
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_depend AS e
    ON e.refclassid = 'pg_catalog.pg_extension'::regclass AND e.classid = 'pg_catalog.pg_type'::regclass AND e.objid = t.oid
        AND e.deptype = 'e'
WHERE $1::oid[] IS NULL OR t.oid IN (
    SELECT unnest(ARRAY[own.oid, own.typelem])
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_type AS own ON own.oid = a.atttypid
    WHERE a.attrelid = ANY ($1)
)
