-- Tables and materialized views get the sizes that others of their names have elsewhere.
UPDATE pg_catalog.pg_class AS c
SET reltuples = size.rows,
    relpages = size.pages
FROM unnest($1::text[], $2::text[], $3::float4[], $4::int4[]) AS size (schema, name, rows, pages)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = size.schema
WHERE c.relnamespace = n.oid
    AND c.relname = size.name
    AND c.relkind IN ('r', 'p', 'm')
