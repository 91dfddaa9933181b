SET timezone = 'UTC';
CREATE TEMP VIEW have AS
SELECT p.relname::text AS name, pg_get_expr(p.relpartbound, p.oid) AS bound, t.relname::text AS parent
FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhrelid JOIN pg_class t ON t.oid = i.inhparent
WHERE p.relkind IN ('r', 'p');

-- All partitions of all tables but orders, whose names are counted below.
WITH want(name, bound) AS (VALUES
    ('ticks_2024_02_10_00', 'FOR VALUES FROM (''2024-02-10 00:00:00+00'') TO (''2024-02-10 01:00:00+00'')'),
    ('ticks_2024_02_10_01', 'FOR VALUES FROM (''2024-02-10 01:00:00+00'') TO (''2024-02-10 02:00:00+00'')'),
    ('ticks_2024_02_10_02', 'FOR VALUES FROM (''2024-02-10 02:00:00+00'') TO (''2024-02-10 03:00:00+00'')'),
    -- The 6th ended on the 7th at midnight: three days ago, wholly past retention.
    ('events_2024_02_07', 'FOR VALUES FROM (''2024-02-07'') TO (''2024-02-08'')'),
    ('events_2024_02_08', 'FOR VALUES FROM (''2024-02-08'') TO (''2024-02-09'')'),
    ('events_2024_02_09', 'FOR VALUES FROM (''2024-02-09'') TO (''2024-02-10'')'),
    ('events_2024_02_10', 'FOR VALUES FROM (''2024-02-10'') TO (''2024-02-11'')'),
    ('events_2024_02_11', 'FOR VALUES FROM (''2024-02-11'') TO (''2024-02-12'')'),
    ('events_default', 'DEFAULT'),
    -- The Thursday belongs to the last week of 2023, which began on Monday the 25th.
    ('readings_2023w52', 'FOR VALUES FROM (''2023-12-25 00:00:00'') TO (''2024-01-01 00:00:00'')'),
    ('readings_2024w01', 'FOR VALUES FROM (''2024-01-01 00:00:00'') TO (''2024-01-08 00:00:00'')'),
    ('readings_2024w02', 'FOR VALUES FROM (''2024-01-08 00:00:00'') TO (''2024-01-15 00:00:00'')'),
    ('readings_2024w03', 'FOR VALUES FROM (''2024-01-15 00:00:00'') TO (''2024-01-22 00:00:00'')'),
    ('readings_2024w04', 'FOR VALUES FROM (''2024-01-22 00:00:00'') TO (''2024-01-29 00:00:00'')'),
    ('readings_2024w05', 'FOR VALUES FROM (''2024-01-29 00:00:00'') TO (''2024-02-05 00:00:00'')'),
    ('readings_2024w06', 'FOR VALUES FROM (''2024-02-05 00:00:00'') TO (''2024-02-12 00:00:00'')'),
    ('readings_2024w07', 'FOR VALUES FROM (''2024-02-12 00:00:00'') TO (''2024-02-19 00:00:00'')'),
    ('ledgers_2023q4', 'FOR VALUES FROM (''2023-10-01 00:00:00+00'') TO (''2024-01-01 00:00:00+00'')'),
    ('ledgers_2024q1', 'FOR VALUES FROM (''2024-01-01 00:00:00+00'') TO (''2024-04-01 00:00:00+00'')'),
    ('ledgers_2024q2', 'FOR VALUES FROM (''2024-04-01 00:00:00+00'') TO (''2024-07-01 00:00:00+00'')'),
    -- 2022 ended before 2023-02-10; 2023 did not.
    ('archives_2023', 'FOR VALUES FROM (''2023-01-01 00:00:00+00'') TO (''2024-01-01 00:00:00+00'')'),
    ('archives_2024', 'FOR VALUES FROM (''2024-01-01 00:00:00+00'') TO (''2025-01-01 00:00:00+00'')'),
    ('archives_2025', 'FOR VALUES FROM (''2025-01-01 00:00:00+00'') TO (''2026-01-01 00:00:00+00'')'),
    -- Longer periods are counted from 2000-01-01, so that no build depends on an earlier one.
    ('cycles_2024_02_04', 'FOR VALUES FROM (''2024-02-04 00:00:00+00'') TO (''2024-02-14 00:00:00+00'')'),
    ('cycles_2024_02_14', 'FOR VALUES FROM (''2024-02-14 00:00:00+00'') TO (''2024-02-24 00:00:00+00'')'),
    ('terms_2024_01', 'FOR VALUES FROM (''2024-01-01'') TO (''2024-07-01'')'),
    ('coming_2024_06', 'FOR VALUES FROM (''2024-06-01'') TO (''2024-07-01'')'),
    ('coming_2024_07', 'FOR VALUES FROM (''2024-07-01'') TO (''2024-08-01'')'))
SELECT coalesce(name, '') || ' should be ' || coalesce(want.bound, 'absent') || ', is ' || coalesce(have.bound, 'absent')
FROM want FULL JOIN (SELECT * FROM have WHERE parent <> 'orders') have USING (name)
WHERE want.bound IS DISTINCT FROM have.bound;

SELECT 'orders has ' || count(*) || ' partitions' FROM have WHERE parent = 'orders' HAVING count(*) <> 27;
SELECT 'no ' || p FROM unnest(ARRAY['orders_2022_03', 'orders_2024_02', 'orders_2024_05']) p WHERE to_regclass(p) IS NULL;
SELECT 'orders are routed to ' || string_agg(tableoid::regclass::text, ', ' ORDER BY total) FROM orders
HAVING string_agg(tableoid::regclass::text, ', ' ORDER BY total) <> 'orders_2024_01, orders_2024_02';
SELECT 'events are routed to ' || string_agg(tableoid::regclass::text, ', ' ORDER BY at) FROM events
HAVING string_agg(tableoid::regclass::text, ', ' ORDER BY at) <> 'events_default, events_2024_02_10';
SELECT 'readings are in ' || string_agg(DISTINCT tableoid::regclass::text, ', ') FROM readings
HAVING string_agg(DISTINCT tableoid::regclass::text, ', ') <> 'readings_2024w01, readings_2024w06';
SELECT 'tick in ' || tableoid::regclass FROM ticks WHERE tableoid <> 'ticks_2024_02_10_01'::regclass;
SELECT 'key is ' || pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = 'orders'::regclass AND contype = 'p' AND pg_get_constraintdef(oid) <> 'PRIMARY KEY (id, created_at)';
SELECT 'the partition column takes NULL' FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'created_at' AND NOT attnotnull;
SELECT 'index on every partition: ' || count(*) FROM pg_indexes WHERE indexdef LIKE '%(customer_id)' HAVING count(*) <> 28;
