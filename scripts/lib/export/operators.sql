SELECT o.oprname AS name, l.typname AS left, r.typname AS right, t.typname AS result,
    p.provolatile AS volatility,
    o.oprcom = o.oid AS self_commutative,
    x.extname AS extension
FROM pg_operator o
JOIN export.namespace n ON n.oid = o.oprnamespace
JOIN pg_type r ON r.oid = o.oprright
JOIN pg_type t ON t.oid = o.oprresult
JOIN pg_proc p ON p.oid = o.oprcode
LEFT JOIN pg_type l ON l.oid = o.oprleft
LEFT JOIN export.member x ON x.classid = 'pg_operator'::regclass AND x.objid = o.oid
