-- What no two databases share: no server starts twice in one microsecond. Open to everybody, where the system identifier is not.
SELECT
    extract(epoch FROM pg_catalog.pg_postmaster_start_time())::text,
    pg_catalog.current_database()::text
