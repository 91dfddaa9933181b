-- Constraints of tables; not those that a table has from its parents. What only newer servers have stands under the
-- same names in `older`: there the inner query finds the column, elsewhere the constant.
SELECT
    con.conrelid,
    con.conname,
    con.contype,
    con.condeferrable,
    con.condeferred,
    con.convalidated,
    con.conenforced,
    con.connoinherit,
    con.conperiod,
    con.conindid,
    con.conkey,
    con.confrelid,
    con.confkey,
    con.confupdtype,
    con.confdeltype,
    con.confmatchtype,
    con.confdelsetcols,
    COALESCE(pg_get_expr(con.conbin, con.conrelid), CASE WHEN con.conbin IS NOT NULL THEN '' END),
    CASE WHEN con.conexclop IS NOT NULL THEN ARRAY(
        SELECT o.oprname::text
        FROM unnest(con.conexclop) WITH ORDINALITY AS x (operator, position)
        JOIN pg_catalog.pg_operator AS o ON o.oid = x.operator
        ORDER BY x.position
    ) END,
    d.description
FROM (SELECT true AS conenforced, false AS conperiod) AS older
CROSS JOIN LATERAL (
    SELECT
        oid, conrelid, conname, contype, condeferrable, condeferred, convalidated, conenforced, connoinherit,
        conperiod, conindid, conkey, confrelid, confkey, confupdtype, confdeltype, confmatchtype, confdelsetcols,
        conbin, conexclop, conparentid, conislocal
    FROM pg_catalog.pg_constraint
) AS con
LEFT JOIN pg_catalog.pg_description AS d
    ON d.classoid = 'pg_catalog.pg_constraint'::regclass AND d.objoid = con.oid AND d.objsubid = 0
WHERE con.conrelid >= 16384 AND con.contype IN ('c', 'f', 'n', 'p', 'u', 'x')
    AND con.conparentid = 0
    -- A key is local even where a column of it is not.
    AND (con.conislocal OR con.contype NOT IN ('c', 'n'))
    AND ($1::oid[] IS NULL OR con.conrelid = ANY ($1))
