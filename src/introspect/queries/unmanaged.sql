-- Everything that pg_dump writes and that has no other query here. pg_describe_object and pg_identify_object name an object
-- of any kind with its schema.
WITH object (classid, objid, objsubid, kind) AS (
    SELECT 'pg_catalog.pg_class'::regclass, c.oid, 0, 'foreign table'
    FROM pg_catalog.pg_class AS c
    WHERE c.relkind = 'f'
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, c.oid, 0, 'typed table'
    FROM pg_catalog.pg_class AS c
    WHERE c.relkind IN ('r', 'p') AND c.reloftype <> 0
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, i.inhrelid, 0, 'partition that is being detached'
    FROM pg_catalog.pg_inherits AS i
    WHERE i.inhdetachpending
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, a.attrelid, a.attnum::int4, 'statistics target of'
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('i', 'I')
    WHERE a.attnum > 0 AND a.attstattarget >= 0 AND a.attrelid >= 16384
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, ad.adrelid, ad.adnum::int4, 'default of'
    FROM pg_catalog.pg_attrdef AS ad
    JOIN pg_catalog.pg_class AS c ON c.oid = ad.adrelid AND c.relkind IN ('v', 'f')
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, ad.adrelid, ad.adnum::int4, 'default of inherited'
    FROM pg_catalog.pg_attrdef AS ad
    JOIN pg_catalog.pg_class AS c ON c.oid = ad.adrelid AND c.relkind = 'r' AND NOT c.relispartition
    JOIN pg_catalog.pg_attribute AS a
        ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum AND NOT a.attislocal AND a.attgenerated = ''
    JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = ad.adrelid
    JOIN pg_catalog.pg_attribute AS pa ON pa.attrelid = i.inhparent AND pa.attname = a.attname
    LEFT JOIN pg_catalog.pg_attrdef AS pd ON pd.adrelid = pa.attrelid AND pd.adnum = pa.attnum
    WHERE pg_get_expr(pd.adbin, pd.adrelid) IS DISTINCT FROM pg_get_expr(ad.adbin, ad.adrelid)
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, a.attrelid, a.attnum::int4, 'NOT NULL of inherited'
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind = 'r' AND NOT c.relispartition
    JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = a.attrelid
    JOIN pg_catalog.pg_attribute AS pa ON pa.attrelid = i.inhparent AND pa.attname = a.attname
    WHERE a.attnotnull AND NOT a.attislocal
    GROUP BY a.attrelid, a.attnum
    HAVING NOT bool_or(pa.attnotnull)
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, a.attrelid, a.attnum::int4, 'settings of'
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind = 'm'
    JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
    WHERE a.attnum > 0 AND (
        a.attstattarget >= 0 OR a.attoptions IS NOT NULL OR a.attcompression <> '' OR a.attstorage <> t.typstorage
    )
    UNION ALL
    -- `interval year to month`, `geometry(Point, 4326)`: what is no list of numbers. Of the server's own types only interval has
    -- such.
    SELECT 'pg_catalog.pg_class'::regclass, a.attrelid, a.attnum::int4, 'type modifiers of'
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'c')
    WHERE a.attnum > 0 AND NOT a.attisdropped AND a.atttypmod <> -1 AND a.attrelid >= 16384
        AND (a.atttypid >= 16384 OR a.atttypid IN ('pg_catalog.interval'::regtype, 'pg_catalog.interval[]'::regtype))
        AND (
            format_type(a.atttypid, a.atttypmod) !~ '\([0-9]+(,-?[0-9]+)*\)'
            OR a.atttypid IN ('pg_catalog.interval'::regtype, 'pg_catalog.interval[]'::regtype)
                AND format_type(a.atttypid, a.atttypmod) ~ '^interval [a-z]'
        )
    UNION ALL
    SELECT 'pg_catalog.pg_type'::regclass, t.oid, 0,
        CASE
            WHEN t.typtype = 'r' THEN 'range type'
            WHEN NOT t.typisdefined THEN 'shell type'
            ELSE 'base type'
        END
    FROM pg_catalog.pg_type AS t
    WHERE t.typtype IN ('r', 'b', 'p')
        AND t.typsubscript IS DISTINCT FROM 'pg_catalog.array_subscript_handler'::regproc
    UNION ALL
    SELECT 'pg_catalog.pg_rewrite'::regclass, r.oid, 0, 'rule'
    FROM pg_catalog.pg_rewrite AS r
    WHERE r.rulename <> '_RETURN'
    UNION ALL
    SELECT 'pg_catalog.pg_operator'::regclass, o.oid, 0, 'operator' FROM pg_catalog.pg_operator AS o
    UNION ALL
    SELECT 'pg_catalog.pg_opclass'::regclass, o.oid, 0, 'operator class' FROM pg_catalog.pg_opclass AS o
    UNION ALL
    SELECT 'pg_catalog.pg_opfamily'::regclass, o.oid, 0, 'operator family' FROM pg_catalog.pg_opfamily AS o
    UNION ALL
    SELECT 'pg_catalog.pg_cast'::regclass, c.oid, 0, 'cast' FROM pg_catalog.pg_cast AS c
    UNION ALL
    SELECT 'pg_catalog.pg_collation'::regclass, c.oid, 0, 'collation' FROM pg_catalog.pg_collation AS c
    UNION ALL
    SELECT 'pg_catalog.pg_conversion'::regclass, c.oid, 0, 'conversion' FROM pg_catalog.pg_conversion AS c
    UNION ALL
    SELECT 'pg_catalog.pg_ts_config'::regclass, c.oid, 0, 'text search configuration'
    FROM pg_catalog.pg_ts_config AS c
    UNION ALL
    SELECT 'pg_catalog.pg_ts_dict'::regclass, c.oid, 0, 'text search dictionary' FROM pg_catalog.pg_ts_dict AS c
    UNION ALL
    SELECT 'pg_catalog.pg_ts_parser'::regclass, c.oid, 0, 'text search parser' FROM pg_catalog.pg_ts_parser AS c
    UNION ALL
    SELECT 'pg_catalog.pg_ts_template'::regclass, c.oid, 0, 'text search template'
    FROM pg_catalog.pg_ts_template AS c
    UNION ALL
    SELECT 'pg_catalog.pg_statistic_ext'::regclass, s.oid, 0, 'statistics object'
    FROM pg_catalog.pg_statistic_ext AS s
    UNION ALL
    SELECT 'pg_catalog.pg_foreign_data_wrapper'::regclass, f.oid, 0, 'foreign-data wrapper'
    FROM pg_catalog.pg_foreign_data_wrapper AS f
    UNION ALL
    SELECT 'pg_catalog.pg_foreign_server'::regclass, f.oid, 0, 'server' FROM pg_catalog.pg_foreign_server AS f
    UNION ALL
    SELECT 'pg_catalog.pg_event_trigger'::regclass, e.oid, 0, 'event trigger' FROM pg_catalog.pg_event_trigger AS e
    UNION ALL
    SELECT 'pg_catalog.pg_publication'::regclass, p.oid, 0, 'publication' FROM pg_catalog.pg_publication AS p
    UNION ALL
    SELECT 'pg_catalog.pg_subscription'::regclass, s.oid, 0, 'subscription'
    FROM pg_catalog.pg_subscription AS s
    WHERE s.subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
    UNION ALL
    SELECT 'pg_catalog.pg_language'::regclass, l.oid, 0, 'language' FROM pg_catalog.pg_language AS l
    UNION ALL
    SELECT 'pg_catalog.pg_am'::regclass, a.oid, 0, 'access method' FROM pg_catalog.pg_am AS a
    UNION ALL
    SELECT 'pg_catalog.pg_transform'::regclass, t.oid, 0, 'transform' FROM pg_catalog.pg_transform AS t
    UNION ALL
    SELECT 'pg_catalog.pg_default_acl'::regclass, d.oid, 0, 'default privileges' FROM pg_catalog.pg_default_acl AS d
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, c.oid, 0, 'privileges on'
    FROM pg_catalog.pg_class AS c
    WHERE c.relacl IS NOT NULL
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, a.attrelid, a.attnum::int4, 'privileges on'
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attacl IS NOT NULL
    UNION ALL
    SELECT 'pg_catalog.pg_proc'::regclass, p.oid, 0, 'privileges on'
    FROM pg_catalog.pg_proc AS p
    WHERE p.proacl IS NOT NULL
    UNION ALL
    SELECT 'pg_catalog.pg_type'::regclass, t.oid, 0, 'privileges on'
    FROM pg_catalog.pg_type AS t
    WHERE t.typacl IS NOT NULL
    UNION ALL
    SELECT 'pg_catalog.pg_namespace'::regclass, n.oid, 0, 'privileges on'
    FROM pg_catalog.pg_namespace AS n
    WHERE n.nspacl IS NOT NULL
    UNION ALL
    SELECT s.classoid::regclass, s.objoid, s.objsubid, 'security label on' FROM pg_catalog.pg_seclabel AS s
)
SELECT
    o.kind,
    CASE
        WHEN o.kind ~ ' (on|of|of inherited)$'
            OR i.identity IS NULL
            OR o.classid IN ('pg_catalog.pg_default_acl'::regclass, 'pg_catalog.pg_rewrite'::regclass)
        THEN regexp_replace(pg_describe_object(o.classid, o.objid, o.objsubid), '^' || o.kind || ' ', '')
        ELSE i.identity
    END
FROM object AS o
CROSS JOIN LATERAL pg_identify_object(o.classid, o.objid, o.objsubid) AS i
WHERE o.objid >= 16384
    AND COALESCE(i.schema, '') !~ '^"?pg_'
    AND COALESCE(i.schema, '') <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS e
        WHERE e.classid = o.classid AND e.objid = o.objid AND e.deptype IN ('e', 'i')
    )
    -- What stands on an extension's table is the extension's.
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_rewrite AS r
        JOIN pg_catalog.pg_depend AS e
            ON e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = r.ev_class AND e.deptype = 'e'
        WHERE o.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = o.objid
    )
    AND pg_describe_object(o.classid, o.objid, o.objsubid) IS NOT NULL
