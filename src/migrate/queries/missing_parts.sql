-- Indexes of partitioned tables that are not valid since a partition has none of it, and what gives it one.
WITH missing AS (
    SELECT
        x.indexrelid, x.indrelid, x.indisunique, ic.relname AS index_name, ns.nspname AS index_schema,
        t.relname AS table_name, tn.nspname AS table_schema,
        pg_catalog.pg_partition_root(x.indrelid) AS root, pg_catalog.pg_partition_root(x.indexrelid) AS root_index,
        p.oid AS part, p.relkind, p.relname AS part_name, pn.nspname AS part_schema,
        p.relname || '_' || ic.relname AS long_name
    FROM pg_catalog.pg_index AS x
    JOIN pg_catalog.pg_class AS ic ON ic.oid = x.indexrelid AND ic.relkind = 'I'
    JOIN pg_catalog.pg_namespace AS ns ON ns.oid = ic.relnamespace
    JOIN pg_catalog.pg_class AS t ON t.oid = x.indrelid
    JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.relnamespace
    JOIN pg_catalog.pg_inherits AS i ON i.inhparent = x.indrelid AND NOT i.inhdetachpending
    JOIN pg_catalog.pg_class AS p ON p.oid = i.inhrelid AND p.relkind IN ('r', 'p')
    JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
    WHERE NOT x.indisvalid
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_inherits AS a
            JOIN pg_catalog.pg_index AS c ON c.indexrelid = a.inhrelid
            WHERE a.inhparent = x.indexrelid AND c.indrelid = p.oid
        )
), named AS (
    SELECT *,
        CASE WHEN pg_catalog.octet_length(long_name) <= 63 THEN long_name
            ELSE pg_catalog.left(part_name, 26) || '_' || pg_catalog.md5(long_name) || '_x' END AS own_name,
        pg_catalog.format('CREATE %sINDEX %I ON ONLY %I.%I',
            CASE WHEN indisunique THEN 'UNIQUE ' END, index_name, table_schema, table_name) AS head
    FROM missing
)
SELECT
    rn.nspname::text, r.relname::text, ri.relname::text, m.own_name::text,
    pg_catalog.format('%I.%I', m.part_schema, m.part_name),
    -- All of the definition but its head is the same.
    pg_catalog.format('CREATE %sINDEX %s%I ON %s%I.%I%s',
        CASE WHEN m.indisunique THEN 'UNIQUE ' END,
        CASE WHEN m.relkind = 'r' THEN 'CONCURRENTLY ' END, m.own_name,
        CASE WHEN m.relkind = 'p' THEN 'ONLY ' END, m.part_schema, m.part_name,
        pg_catalog.substr(pg_catalog.pg_get_indexdef(m.indexrelid), pg_catalog.length(m.head) + 1)),
    pg_catalog.format('ALTER INDEX %I.%I ATTACH PARTITION %I.%I', m.index_schema, m.index_name, m.part_schema, m.own_name)
FROM named AS m
JOIN pg_catalog.pg_class AS r ON r.oid = m.root
JOIN pg_catalog.pg_namespace AS rn ON rn.oid = r.relnamespace
JOIN pg_catalog.pg_class AS ri ON ri.oid = m.root_index
ORDER BY m.index_schema, m.index_name, m.part_schema, m.part_name
