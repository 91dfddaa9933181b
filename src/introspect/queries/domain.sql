-- Domains with their constraints; NOT NULL is one of those since 17, and a flag of the type in every version.
SELECT
    t.oid,
    n.nspname,
    t.typname,
    t.typbasetype,
    CASE WHEN t.typtypmod <> -1 THEN format_type(t.typbasetype, t.typtypmod) END,
    CASE WHEN t.typcollation <> b.typcollation THEN t.typcollation END,
    pg_get_expr(t.typdefaultbin, 0),
    t.typnotnull,
    d.description,
    c.conname,
    pg_get_expr(c.conbin, 0),
    NOT c.convalidated,
    cd.description
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_type AS b ON b.oid = t.typbasetype
LEFT JOIN pg_catalog.pg_constraint AS c ON c.contypid = t.oid AND c.contype = 'c'
LEFT JOIN pg_catalog.pg_description AS d
    ON d.classoid = 'pg_catalog.pg_type'::regclass AND d.objoid = t.oid AND d.objsubid = 0
LEFT JOIN pg_catalog.pg_description AS cd
    ON cd.classoid = 'pg_catalog.pg_constraint'::regclass AND cd.objoid = c.oid AND cd.objsubid = 0
WHERE t.typtype = 'd' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS e
        WHERE e.classid = 'pg_catalog.pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e'
    )
