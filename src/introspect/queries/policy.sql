-- Policies of row-level security. Role 0 is PUBLIC.
SELECT
    p.polrelid,
    p.polname,
    p.polpermissive,
    p.polcmd::text,
    ARRAY(
        SELECT r.rolname::text
        FROM pg_catalog.pg_roles AS r
        WHERE r.oid = ANY (p.polroles)
        ORDER BY r.rolname
    ),
    COALESCE(pg_get_expr(p.polqual, p.polrelid), CASE WHEN p.polqual IS NOT NULL THEN '' END),
    COALESCE(pg_get_expr(p.polwithcheck, p.polrelid), CASE WHEN p.polwithcheck IS NOT NULL THEN '' END),
    d.description
FROM pg_catalog.pg_policy AS p
LEFT JOIN pg_catalog.pg_description AS d
    ON d.classoid = 'pg_catalog.pg_policy'::regclass AND d.objoid = p.oid AND d.objsubid = 0
