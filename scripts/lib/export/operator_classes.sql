SELECT m.amname AS method, c.opcname AS name, t.typname AS input, c.opcdefault AS default,
    (
        -- Search operators between two values of the class's own type.
        SELECT string_agg(DISTINCT o.oprname::text COLLATE "C", ' ' ORDER BY o.oprname::text COLLATE "C")
        FROM pg_amop f
        JOIN pg_operator o ON o.oid = f.amopopr
        WHERE f.amopfamily = c.opcfamily AND f.amoppurpose = 's'
            AND f.amoplefttype = c.opcintype AND f.amoprighttype = c.opcintype
    ) AS operators,
    x.extname AS extension
FROM pg_opclass c
JOIN export.namespace n ON n.oid = c.opcnamespace
JOIN pg_am m ON m.oid = c.opcmethod
JOIN pg_type t ON t.oid = c.opcintype
LEFT JOIN export.member x ON x.classid = 'pg_opclass'::regclass AND x.objid = c.oid
