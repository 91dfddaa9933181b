-- Whether this role can make a database.
SELECT rolcreatedb OR rolsuper, rolname::text
FROM pg_catalog.pg_roles
WHERE rolname = current_user
