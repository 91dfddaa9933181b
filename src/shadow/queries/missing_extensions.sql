-- Of these extensions, those that the server cannot make.
SELECT wanted.name
FROM unnest($1::text[]) AS wanted (name)
WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_available_extensions AS available
    WHERE available.name = wanted.name
)
ORDER BY wanted.name
