-- template0: what somebody has put into template1 is in no migration.
SELECT pg_catalog.format('CREATE DATABASE %I TEMPLATE template0', $1::text),
    pg_catalog.format('DROP DATABASE IF EXISTS %I WITH (FORCE)', $1::text)
