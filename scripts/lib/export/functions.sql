SELECT p.proname AS name,
    (
        SELECT string_agg(
            CASE WHEN p.provariadic <> 0 AND a.position = p.pronargs THEN 'VARIADIC ' || v.typname ELSE t.typname END,
            ',' ORDER BY a.position)
        FROM unnest(p.proargtypes) WITH ORDINALITY a (type, position)
        JOIN pg_type t ON t.oid = a.type
    ) AS arguments,
    CASE WHEN p.proretset THEN 'SETOF ' ELSE '' END || r.typname AS returns,
    p.prokind AS kind,
    p.provolatile AS volatility,
    p.pronargdefaults AS defaults,
    x.extname AS extension
FROM pg_proc p
JOIN export.namespace n ON n.oid = p.pronamespace
JOIN pg_type r ON r.oid = p.prorettype
LEFT JOIN pg_type v ON v.oid = p.provariadic
LEFT JOIN export.member x ON x.classid = 'pg_proc'::regclass AND x.objid = p.oid
WHERE p.prokind <> 'p'
    AND p.prorettype NOT IN (SELECT oid FROM export.hidden_type)
    AND NOT EXISTS (
        SELECT FROM unnest(p.proargtypes) a (type) JOIN export.hidden_type h ON h.oid = a.type)
    -- pgcrypto still has the gen_random_uuid() that the core took over: the core's is found first.
    AND NOT (x.extname IS NOT NULL AND EXISTS (
        SELECT FROM pg_proc c
        WHERE c.pronamespace = 'pg_catalog'::regnamespace
            AND c.proname = p.proname AND c.proargtypes = p.proargtypes))
