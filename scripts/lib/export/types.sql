SELECT t.typname AS name, t.typtype AS kind, t.typcategory AS category, t.typispreferred AS preferred,
    i.provolatile AS input, o.provolatile AS output,
    -- `name` and `oidvector` have an element too, but are not arrays.
    CASE WHEN t.typsubscript = 'array_subscript_handler'::regproc THEN e.typname END AS element,
    a.typname AS array,
    s.typname AS subtype,
    b.typname AS base,
    t.typmodin <> 0 AS takes_modifiers,
    x.extname AS extension
FROM pg_type t
JOIN export.namespace n ON n.oid = t.typnamespace
JOIN pg_proc o ON o.oid = t.typoutput
LEFT JOIN pg_type e ON e.oid = t.typelem
LEFT JOIN pg_type a ON a.oid = t.typarray
LEFT JOIN pg_type b ON b.oid = t.typbasetype
-- An expression reads the text form of a domain as that of the type under it.
JOIN pg_proc i ON i.oid = coalesce(b.typinput, t.typinput)
LEFT JOIN pg_range r ON t.oid IN (r.rngtypid, r.rngmultitypid)
LEFT JOIN pg_type s ON s.oid = r.rngsubtype
-- An array type is a member of the extension through its element type only.
LEFT JOIN export.member x ON x.classid = 'pg_type'::regclass
    AND x.objid = CASE WHEN e.typarray = t.oid THEN e.oid ELSE t.oid END
-- The row types of tables and views, and arrays of them, are left out.
WHERE t.typrelid = 0 AND coalesce(e.typrelid, 0) = 0
    AND t.oid NOT IN (SELECT oid FROM export.hidden_type)
