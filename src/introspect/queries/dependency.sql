-- What views, functions, domains, and the expressions of tables need. Only what users have made is of interest.
SELECT DISTINCT
    CASE
        WHEN d.classid = 'pg_catalog.pg_proc'::regclass THEN 'function'
        WHEN d.classid = 'pg_catalog.pg_type'::regclass OR con.contypid <> 0 THEN 'type'
        ELSE 'relation'
    END,
    COALESCE(r.ev_class, ad.adrelid, NULLIF(con.conrelid, 0), NULLIF(con.contypid, 0), d.objid),
    CASE
        WHEN d.refclassid = 'pg_catalog.pg_proc'::regclass THEN 'function'
        WHEN d.refclassid = 'pg_catalog.pg_type'::regclass THEN 'type'
        ELSE 'relation'
    END,
    d.refobjid
FROM pg_catalog.pg_depend AS d
LEFT JOIN pg_catalog.pg_rewrite AS r
    ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = d.objid
LEFT JOIN pg_catalog.pg_attrdef AS ad
    ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND ad.oid = d.objid
LEFT JOIN pg_catalog.pg_constraint AS con
    ON d.classid = 'pg_catalog.pg_constraint'::regclass AND con.oid = d.objid
WHERE d.deptype = 'n'
    AND d.refobjid >= 16384
    AND d.refclassid IN (
        'pg_catalog.pg_class'::regclass, 'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_type'::regclass
    )
    AND (
        d.classid IN (
            'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_type'::regclass, 'pg_catalog.pg_attrdef'::regclass
        )
        OR d.classid = 'pg_catalog.pg_rewrite'::regclass AND r.rulename = '_RETURN'
        OR d.classid = 'pg_catalog.pg_constraint'::regclass AND con.contype = 'c'
        -- A partition key's expressions.
        OR d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_proc'::regclass
            AND d.objid IN (SELECT partrelid FROM pg_catalog.pg_partitioned_table)
    )
