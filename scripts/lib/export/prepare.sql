-- Helpers for the exports, in a schema of the throwaway cluster.
CREATE SCHEMA export;

-- Which extension brought an object.
CREATE VIEW export.member AS
SELECT d.classid, d.objid, e.extname
FROM pg_depend d
JOIN pg_extension e ON e.oid = d.refobjid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e';

-- Types that no expression can hold a value of: only the server's own C code passes them around.
CREATE VIEW export.hidden_type AS
SELECT oid FROM pg_type
WHERE typname IN (
    'cstring', '_cstring', 'event_trigger', 'fdw_handler', 'index_am_handler', 'internal',
    'language_handler', 'pg_ddl_command', 'table_am_handler', 'trigger', 'tsm_handler'
);

-- The schemas whose objects are exported: the extensions are installed in `public`.
CREATE VIEW export.namespace AS
SELECT oid FROM pg_namespace WHERE nspname IN ('pg_catalog', 'public');
