-- Columns of tables, views and composite types. A statistics target of -1 is what 17 and newer call NULL. Only the expression of
-- a generated column names columns: to print that of a relation the server opens it, half of the time of this query.
SELECT
    a.attrelid,
    a.attnum,
    a.attname,
    a.atttypid,
    CASE WHEN a.atttypmod <> -1 THEN format_type(a.atttypid, a.atttypmod) END,
    a.attnotnull,
    COALESCE(
        pg_get_expr(ad.adbin, CASE WHEN a.attgenerated <> '' THEN ad.adrelid ELSE 0 END),
        CASE WHEN a.atthasdef THEN '' END
    ),
    a.attgenerated,
    a.attidentity,
    a.attcollation,
    a.attstorage,
    a.attcompression,
    NULLIF(a.attstattarget, -1)::int4,
    a.attoptions,
    a.attislocal,
    d.description
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
LEFT JOIN pg_catalog.pg_attrdef AS ad ON a.atthasdef AND ad.adrelid = a.attrelid AND ad.adnum = a.attnum
LEFT JOIN pg_catalog.pg_description AS d
    ON d.classoid = 'pg_catalog.pg_class'::regclass AND d.objoid = a.attrelid AND d.objsubid = a.attnum
WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped
    AND c.relkind IN ('r', 'p', 'v', 'm', 'c')
    AND ($1::oid[] IS NULL OR a.attrelid = ANY ($1))
