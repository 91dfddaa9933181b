SELECT s.typname AS source, t.typname AS target, c.castcontext AS context, c.castmethod AS method,
    CASE c.castmethod
        WHEN 'f' THEN p.provolatile
        -- Through the text forms: as much as the worse of writing one and reading the other.
        WHEN 'i' THEN
            CASE
                WHEN 'v' IN (o.provolatile, i.provolatile) THEN 'v'::"char"
                WHEN 's' IN (o.provolatile, i.provolatile) THEN 's'::"char"
                ELSE 'i'::"char"
            END
        ELSE 'i'::"char"
    END AS volatility,
    x.extname AS extension
FROM pg_cast c
JOIN pg_type s ON s.oid = c.castsource
JOIN pg_type t ON t.oid = c.casttarget
JOIN pg_proc o ON o.oid = s.typoutput
JOIN pg_proc i ON i.oid = t.typinput
LEFT JOIN pg_proc p ON p.oid = c.castfunc
LEFT JOIN export.member x ON x.classid = 'pg_cast'::regclass AND x.objid = c.oid
