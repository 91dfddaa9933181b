SELECT a.amname AS name,
    pg_indexam_has_property(a.oid, 'can_order') AS can_order,
    pg_indexam_has_property(a.oid, 'can_unique') AS can_unique,
    pg_indexam_has_property(a.oid, 'can_multi_col') AS can_multi_column,
    pg_indexam_has_property(a.oid, 'can_include') AS can_include,
    pg_indexam_has_property(a.oid, 'can_exclude') AS can_exclude,
    x.extname AS extension
FROM pg_am a
LEFT JOIN export.member x ON x.classid = 'pg_am'::regclass AND x.objid = a.oid
WHERE a.amtype = 'i'
