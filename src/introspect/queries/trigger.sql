-- Triggers that users have made; not those of constraints, nor those that a partition has from its parent.
SELECT
    t.tgrelid,
    t.tgname,
    t.tgtype,
    n.nspname,
    p.proname,
    t.tgenabled::text,
    t.tgconstraint <> 0,
    NULLIF(t.tgconstrrelid, 0),
    t.tgdeferrable,
    t.tginitdeferred,
    t.tgattr::int2[],
    t.tgargs,
    t.tgoldtable,
    t.tgnewtable,
    -- pg_get_expr does not print an expression on both OLD and NEW.
    CASE WHEN t.tgqual IS NOT NULL THEN COALESCE(pg_get_triggerdef(t.oid), '') END,
    d.description
FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
LEFT JOIN pg_catalog.pg_description AS d
    ON d.classoid = 'pg_catalog.pg_trigger'::regclass AND d.objoid = t.oid AND d.objsubid = 0
WHERE NOT t.tgisinternal AND t.tgparentid = 0
