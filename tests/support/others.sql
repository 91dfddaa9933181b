-- Somebody else writes to every table, whatever its columns are at the time, and takes it back: triggers run, also those that
-- wait for the end of the transaction.
BEGIN;
DO $others$
DECLARE
    written record;
BEGIN
    FOR written IN
        SELECT c.oid::regclass AS name, quote_ident(a.attname) AS field
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL (
            SELECT attname
            FROM pg_attribute
            WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity <> 'a'
            ORDER BY attnum
            LIMIT 1
        ) a
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
            AND n.nspname NOT IN ('specql', 'information_schema') AND n.nspname NOT LIKE 'pg\_%'
        ORDER BY c.oid
    LOOP
        EXECUTE format('UPDATE %1$s SET %2$s = %2$s', written.name, written.field);
        EXECUTE format('INSERT INTO %1$s (%2$s) SELECT %2$s FROM %1$s WHERE false', written.name, written.field);
        EXECUTE format('DELETE FROM %s WHERE false', written.name);
    END LOOP;
END
$others$;
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK;
