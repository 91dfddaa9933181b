-- Indexes of tables and materialized views, with those behind constraints; not those that come with a parent's. Lists of numbers
-- are sent as text, which takes the server a third less than arrays.
SELECT
    x.indexrelid,
    x.indrelid,
    c.relname,
    am.amname,
    x.indnkeyatts,
    x.indkey::text,
    x.indclass::text,
    x.indcollation::text,
    x.indoption::text,
    COALESCE(pg_get_expr(x.indexprs, x.indrelid), CASE WHEN x.indexprs IS NOT NULL THEN '' END),
    COALESCE(pg_get_expr(x.indpred, x.indrelid), CASE WHEN x.indpred IS NOT NULL THEN '' END),
    x.indisunique,
    x.indnullsnotdistinct,
    x.indisvalid AND x.indisready,
    x.indisclustered,
    x.indisreplident,
    c.reloptions,
    s.spcname,
    o.positions,
    o.options,
    d.description
FROM pg_catalog.pg_index AS x
JOIN pg_catalog.pg_class AS c ON c.oid = x.indexrelid
JOIN pg_catalog.pg_am AS am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_tablespace AS s ON s.oid = c.reltablespace
LEFT JOIN (
    -- Parameters of operator classes, for which all columns of all relations are looked at; of some relations nobody asks for them.
    SELECT attrelid, array_agg(attnum) AS positions, array_agg(array_to_string(attoptions, ',')) AS options
    FROM pg_catalog.pg_attribute
    WHERE attoptions IS NOT NULL AND attrelid >= 16384 AND $1::oid[] IS NULL
    GROUP BY attrelid
) AS o ON o.attrelid = x.indexrelid
LEFT JOIN pg_catalog.pg_description AS d
    ON d.classoid = 'pg_catalog.pg_class'::regclass AND d.objoid = x.indexrelid AND d.objsubid = 0
WHERE x.indrelid >= 16384 AND c.relkind IN ('i', 'I') AND NOT c.relispartition
    AND x.indislive
    AND ($1 IS NULL OR x.indrelid = ANY ($1))
