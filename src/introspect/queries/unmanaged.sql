-- Everything that pg_dump writes and that has no other query here. pg_describe_object and pg_identify_object name an object
-- of any kind with its schema.
-- The catalogs that grow with the schema are read once each, for what is worth a look; the rest is looked up.
WITH class AS MATERIALIZED (
    SELECT c.oid, c.relkind, c.reloftype, c.relacl
    FROM pg_catalog.pg_class AS c
    WHERE c.oid >= 16384 AND (c.relkind IN ('v', 'm', 'f') OR c.reloftype <> 0 OR c.relacl IS NOT NULL)
),
attribute AS MATERIALIZED (
    SELECT a.attrelid, a.attnum::int4, c.relkind, a.atttypid, a.atttypmod, a.attstattarget, a.attacl
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
    WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped AND (
        a.attstattarget >= 0
        OR a.attacl IS NOT NULL
        OR a.atttypmod <> -1
            AND (a.atttypid >= 16384 OR a.atttypid IN ('pg_catalog.interval'::regtype, 'pg_catalog.interval[]'::regtype))
    )
),
-- Columns of tables that inherit and are no partitions, with those that they have from a parent.
inherited AS MATERIALIZED (
    SELECT a.attrelid, a.attnum::int4, a.attnotnull, a.attgenerated, pa.attrelid AS parent, pa.attnum AS parent_attnum,
        pa.attnotnull AS parent_attnotnull
    FROM pg_catalog.pg_inherits AS i
    JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid AND c.relkind = 'r' AND NOT c.relispartition
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.inhrelid AND NOT a.attislocal
    JOIN pg_catalog.pg_attribute AS pa ON pa.attrelid = i.inhparent AND pa.attname = a.attname
),
-- Put together first: else the server describes thousands of objects, to throw them away by cheaper conditions.
object (classid, objid, objsubid, kind) AS MATERIALIZED (
    SELECT 'pg_catalog.pg_class'::regclass, c.oid, 0, 'foreign table' FROM class AS c WHERE c.relkind = 'f'
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, c.oid, 0, 'typed table'
    FROM class AS c
    WHERE c.relkind IN ('r', 'p') AND c.reloftype <> 0
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, i.inhrelid, 0, 'partition that is being detached'
    FROM pg_catalog.pg_inherits AS i
    WHERE i.inhdetachpending
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, a.attrelid, a.attnum, 'statistics target of'
    FROM attribute AS a
    WHERE a.relkind IN ('i', 'I') AND a.attstattarget >= 0
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, ad.adrelid, ad.adnum::int4, 'default of'
    FROM class AS c
    JOIN pg_catalog.pg_attrdef AS ad ON ad.adrelid = c.oid
    WHERE c.relkind IN ('v', 'f')
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, a.attrelid, a.attnum, 'default of inherited'
    FROM inherited AS a
    JOIN pg_catalog.pg_attrdef AS ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
    LEFT JOIN pg_catalog.pg_attrdef AS pd ON pd.adrelid = a.parent AND pd.adnum = a.parent_attnum
    WHERE a.attgenerated = '' AND pg_get_expr(pd.adbin, pd.adrelid) IS DISTINCT FROM pg_get_expr(ad.adbin, ad.adrelid)
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, a.attrelid, a.attnum, 'NOT NULL of inherited'
    FROM inherited AS a
    WHERE a.attnotnull
    GROUP BY a.attrelid, a.attnum
    HAVING NOT bool_or(a.parent_attnotnull)
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, a.attrelid, a.attnum::int4, 'settings of'
    FROM class AS c
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
    JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
    WHERE c.relkind = 'm' AND a.attnum > 0 AND (
        a.attstattarget >= 0 OR a.attoptions IS NOT NULL OR a.attcompression <> '' OR a.attstorage <> t.typstorage
    )
    UNION ALL
    -- `interval year to month`, `geometry(Point, 4326)`: what is no list of numbers. Of the server's own types only interval has
    -- such.
    SELECT 'pg_catalog.pg_class'::regclass, a.attrelid, a.attnum, 'type modifiers of'
    FROM attribute AS a
    WHERE a.relkind IN ('r', 'p', 'c') AND a.atttypmod <> -1
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
    FROM class AS c
    WHERE c.relacl IS NOT NULL
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, a.attrelid, a.attnum, 'privileges on'
    FROM attribute AS a
    WHERE a.attacl IS NOT NULL
    UNION ALL
    SELECT 'pg_catalog.pg_proc'::regclass, p.oid, 0, 'privileges on'
    FROM pg_catalog.pg_proc AS p
    -- Functions of this program are nobody's but their owner's, as it makes them.
    WHERE p.proacl IS NOT NULL
        AND NOT (
            p.pronamespace = to_regnamespace('specql')
            AND p.proacl = ARRAY[makeaclitem(p.proowner, p.proowner, 'EXECUTE', false)]
        )
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
    -- Looked up for each, of which there are few: as NOT EXISTS it would be a join with all of pg_depend.
    AND (
        SELECT count(*)
        FROM pg_catalog.pg_depend AS e
        WHERE e.classid = o.classid AND e.objid = o.objid AND e.deptype IN ('e', 'i')
    ) = 0
    -- What stands on an extension's table is the extension's.
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_rewrite AS r
        JOIN pg_catalog.pg_depend AS e
            ON e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = r.ev_class AND e.deptype = 'e'
        WHERE o.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = o.objid
    )
    AND pg_describe_object(o.classid, o.objid, o.objsubid) IS NOT NULL
