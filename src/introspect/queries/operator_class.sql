-- Operator classes, with the types that they are the default of.
SELECT
    o.oid,
    n.nspname,
    o.opcname,
    o.opcmethod,
    CASE WHEN o.opcdefault THEN o.opcintype END,
    n.nspname = 'pg_catalog' OR EXISTS (
        SELECT FROM pg_catalog.pg_depend AS e
        WHERE e.classid = 'pg_catalog.pg_opclass'::regclass AND e.objid = o.oid AND e.deptype = 'e'
    )
FROM pg_catalog.pg_opclass AS o
JOIN pg_catalog.pg_namespace AS n ON n.oid = o.opcnamespace
