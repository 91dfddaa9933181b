-- specql:transaction
-- 0001 first_shop
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create 15 objects of schema specql                             no lock · 15 steps
--   + create schema catalog                                          no lock
--   + create extension btree_gist                                    no lock
--   + create extension ltree                                         no lock
--   + create extension pg_trgm                                       no lock
--   + create type public.users_role                                  no lock
--   + create table catalog.categories                                no lock
--   + create table catalog.category_translations                     no lock
--   + create table public.tenants                                    no lock
--   + create table catalog.products                                  no lock
--   + create table public.departments                                no lock
--   + create table public.users                                      no lock
--   + create table public.orders                                     no lock
--   + create table public.order_items                                no lock
--   + create table public.orders_2023_01                             no lock
--   + create table public.orders_2023_02                             no lock
--   + create table public.orders_2023_03                             no lock
--   + create table public.orders_2023_04                             no lock
--   + create table public.orders_2023_05                             no lock
--   + create table public.orders_2023_06                             no lock
--   + create table public.orders_2023_07                             no lock
--   + create table public.orders_2023_08                             no lock
--   + create table public.orders_2023_09                             no lock
--   + create table public.orders_2023_10                             no lock
--   + create table public.orders_2023_11                             no lock
--   + create table public.orders_2023_12                             no lock
--   + create table public.orders_2024_01                             no lock
--   + create table public.orders_2024_02                             no lock
--   + create table public.orders_2024_03                             no lock
--   + create table public.orders_2024_04                             no lock
--   + create table public.orders_2024_05                             no lock
--   + create table public.orders_2024_06                             no lock
--   + create table public.orders_2024_07                             no lock
--   + create table public.orders_2024_08                             no lock
--   + create table public.orders_2024_09                             no lock
--   + create table public.orders_2024_10                             no lock
--   + create table public.orders_2024_11                             no lock
--   + create table public.orders_2024_12                             no lock
--   + create table public.orders_2025_01                             no lock
--   + create table public.orders_2025_02                             no lock
--   and 23 more lines

SET LOCAL lock_timeout = '3s';

CREATE SCHEMA IF NOT EXISTS catalog;

CREATE SCHEMA IF NOT EXISTS specql;

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE EXTENSION IF NOT EXISTS ltree;

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TYPE public.users_role AS ENUM (
    'customer',
    'admin'
);

CREATE FUNCTION specql.create_subpartitions(parent_schema pg_catalog.text, parent_name pg_catalog.text, subpartitions pg_catalog.jsonb,
        owner pg_catalog.text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = ''
AS $function$
DECLARE
    part pg_catalog.jsonb;
    part_name pg_catalog.text;
    bound pg_catalog.jsonb;
BEGIN
    FOR part IN SELECT * FROM pg_catalog.jsonb_array_elements(subpartitions -> 'partitions') LOOP
        part_name := specql.partition_name(parent_name, part ->> 'suffix');
        bound := part -> 'bound';
        IF bound <> '"default"' AND NOT bound ?| '{list,hash}' THEN
            RAISE EXCEPTION 'subpartitions of the policy hold a bound that is none: %', bound;
        END IF;
        EXECUTE pg_catalog.format('CREATE TABLE %I.%I PARTITION OF %I.%I %s %s', parent_schema, part_name, parent_schema, parent_name,
            CASE
                WHEN bound ? 'list' THEN (
                    SELECT 'FOR VALUES IN (' || pg_catalog.string_agg(pg_catalog.quote_nullable(v.value), ', ' ORDER BY v.n) || ')'
                    FROM pg_catalog.jsonb_array_elements_text(bound -> 'list') WITH ORDINALITY AS v(value, n))
                WHEN bound ? 'hash' THEN pg_catalog.format('FOR VALUES WITH (MODULUS %s, REMAINDER %s)',
                    (bound #>> '{hash,modulus}')::integer, (bound #>> '{hash,remainder}')::integer)
                ELSE 'DEFAULT'
            END,
            specql.partition_by(subpartitions -> 'sub'));
        EXECUTE pg_catalog.format('ALTER TABLE %I.%I OWNER TO %I', parent_schema, part_name, owner);
        PERFORM specql.create_subpartitions(parent_schema, part_name, subpartitions -> 'sub', owner);
    END LOOP;
END
$function$;

COMMENT ON ROUTINE specql.create_subpartitions IS 'Makes the partitions of a new partition that is partitioned itself';

CREATE FUNCTION specql.maintain_partitions(as_of pg_catalog.timestamptz DEFAULT pg_catalog.now())
    RETURNS TABLE (table_name pg_catalog.text, partition pg_catalog.text, action pg_catalog.text, detail pg_catalog.text,
        error pg_catalog.text)
    LANGUAGE plpgsql
    SET search_path = ''
    -- Whatever the steps set it to, the caller's own comes back.
    SET lock_timeout = '1s'
AS $function$
#variable_conflict use_column
DECLARE
    step pg_catalog.record;
    depth integer;
    attempt integer;
    done boolean;
    -- Since when writers may be waiting: locks are kept until the transaction ends.
    since pg_catalog.timestamptz;
    patience interval;
    -- What is told once, though each pass finds it again.
    told pg_catalog.text[] := ARRAY[]::pg_catalog.text[];
BEGIN
    -- One run at a time. It is not waited for: who is there already does the same.
    IF NOT pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('specql.maintain_partitions', 0)) THEN
        RETURN QUERY SELECT NULL::pg_catalog.text, NULL::pg_catalog.text, 'busy', 'another run is at work', NULL::pg_catalog.text;
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM specql.plan_partitions(as_of)) THEN
        RETURN;
    END IF;
    -- First what nobody notices, then what needs the locks that writers wait for. Each level is planned when the one above
    -- is done: it has new tables by then.
    FOR pass IN 1 .. 3 LOOP
        FOR depth IN SELECT DISTINCT p.level FROM specql.partition_policy AS p ORDER BY 1 LOOP
            FOR step IN
                SELECT s.*, pg_catalog.format('%s|%s|%s', s.parent, s.partition, s.action) AS id,
                    s.parent::pg_catalog.text AS of_table
                FROM specql.plan_partitions(as_of) AS s
                WHERE s.level IS NOT DISTINCT FROM depth AND CASE pass
                    WHEN 1 THEN s.problem IS NOT NULL OR s.action = 'create' AND NOT s.blocks_writes
                    WHEN 2 THEN s.action = 'create'
                    ELSE s.action <> 'create'
                END
            LOOP
                CONTINUE WHEN COALESCE(step.problem, step.id) = ANY (told);
                IF step.problem IS NOT NULL THEN
                    told := told || step.problem;
                    RETURN QUERY SELECT step.of_table, step.partition, step.action, NULL::pg_catalog.text, step.problem;
                    CONTINUE;
                END IF;
                told := told || step.id;
                -- Half of a writer's patience goes on waiting, half on holding. Less than deadlock_timeout: of two who wait
                -- for one another it is never the writer who is ended.
                patience := LEAST(step.lock_timeout, pg_catalog.current_setting('deadlock_timeout')::interval) / 2;
                IF step.blocks_writes AND since IS NOT NULL AND EXISTS (
                    SELECT FROM pg_catalog.pg_locks AS l
                    WHERE NOT l.granted AND l.waitstart < pg_catalog.clock_timestamp() - patience / 2
                        AND pg_catalog.pg_backend_pid() = ANY (pg_catalog.pg_blocking_pids(l.pid)))
                THEN
                    RETURN QUERY SELECT step.of_table, step.partition, step.action, NULL::pg_catalog.text,
                        'put off to the next run: somebody waits for what this one has locked';
                    CONTINUE;
                END IF;
                attempt := 0;
                LOOP
                    attempt := attempt + 1;
                    done := true;
                    BEGIN
                        PERFORM pg_catalog.set_config('lock_timeout', CASE
                            WHEN since IS NULL THEN GREATEST(EXTRACT(epoch FROM patience) * 1000, 1)::integer
                            ELSE GREATEST(EXTRACT(epoch FROM patience - (pg_catalog.clock_timestamp() - since)) * 1000, 10)::integer
                        END::pg_catalog.text, true);
                        RETURN QUERY SELECT step.of_table, step.partition, step.action,
                            specql.run_partition_step(step.parent, step.partition, step.action, step.lower, step.upper,
                                step.subpartitions),
                            NULL::pg_catalog.text;
                        IF step.blocks_writes THEN
                            since := COALESCE(since, pg_catalog.clock_timestamp());
                        END IF;
                    EXCEPTION
                        WHEN lock_not_available OR deadlock_detected THEN
                            IF attempt < 3 AND since IS NULL THEN
                                done := false;
                            ELSE
                                RETURN QUERY SELECT step.of_table, step.partition, step.action, NULL::pg_catalog.text, SQLERRM;
                            END IF;
                        WHEN OTHERS THEN
                            RETURN QUERY SELECT step.of_table, step.partition, step.action, NULL::pg_catalog.text, SQLERRM;
                    END;
                    EXIT WHEN done;
                    -- Who queued up behind the attempt goes first.
                    PERFORM pg_catalog.pg_sleep(0.05 * attempt);
                END LOOP;
            END LOOP;
        END LOOP;
    END LOOP;
END
$function$;

COMMENT ON ROUTINE specql.maintain_partitions IS 'Makes coming partitions and detaches or drops those past retention, as specql.partition_policy says. Returns a row for each thing done or failed, none when there is nothing to do. Run it often, as the owner of the tables, in a transaction of its own';

CREATE FUNCTION specql.partition_by(subpartitions pg_catalog.jsonb) RETURNS pg_catalog.text
    LANGUAGE sql STABLE
    SET search_path = ''
AS $function$
    SELECT COALESCE(
        (SELECT pg_catalog.format('PARTITION BY %s (%I)',
            CASE subpartitions #>> '{key,strategy}' WHEN 'range' THEN 'RANGE' WHEN 'list' THEN 'LIST' WHEN 'hash' THEN 'HASH' END,
            subpartitions #>> '{key,columns,0}')
        WHERE pg_catalog.jsonb_typeof(subpartitions) = 'object'), '')
$function$;

COMMENT ON ROUTINE specql.partition_by IS 'PARTITION BY of a policy''s subpartitions, or nothing';

CREATE FUNCTION specql.partition_name(parent pg_catalog.text, suffix pg_catalog.text) RETURNS pg_catalog.text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = ''
AS $function$
DECLARE
    -- An identifier holds 63 bytes, one of them for the underscore.
    room integer := 62 - pg_catalog.octet_length(suffix);
    bytes pg_catalog.bytea := pg_catalog.convert_to(parent, 'UTF8');
    head pg_catalog.text := parent;
    -- The lower half of a 64-bit FNV-1a: multiplying by 2^40 + 435 moves nothing else into it.
    hash bigint := 2216829733;
BEGIN
    IF pg_catalog.length(bytes) <= room THEN
        RETURN parent || '_' || suffix;
    END IF;
    FOR i IN 0 .. pg_catalog.length(bytes) - 1 LOOP
        hash := ((hash # pg_catalog.get_byte(bytes, i)) * 435) & 4294967295;
    END LOOP;
    WHILE pg_catalog.length(pg_catalog.convert_to(head, 'UTF8')) > room - 9 LOOP
        head := pg_catalog."left"(head, -1);
    END LOOP;
    RETURN head || '_' || pg_catalog.lpad(pg_catalog.to_hex(hash), 8, '0') || '_' || suffix;
END
$function$;

COMMENT ON ROUTINE specql.partition_name IS 'The name of a partition: that of its table, shortened where it has to be, and a suffix';

CREATE FUNCTION specql.partition_period(moment timestamp, unit pg_catalog.text, units bigint,
        OUT lower timestamp, OUT upper timestamp, OUT suffix pg_catalog.text)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path = ''
AS $function$
DECLARE
    size integer;
    n integer;
BEGIN
    -- Periods of several units are counted from 2000-01-01, weeks from the Monday after.
    IF unit = 'hour' THEN
        size := units::integer;
        n := pg_catalog.floor(EXTRACT(epoch FROM moment - timestamp '2000-01-01') / (3600 * size))::integer;
        lower := timestamp '2000-01-01' + pg_catalog.make_interval(hours => n * size);
        upper := lower + pg_catalog.make_interval(hours => size);
        suffix := pg_catalog.to_char(lower, 'YYYY_MM_DD_HH24');
    ELSIF unit IN ('day', 'week') THEN
        size := units::integer * CASE unit WHEN 'week' THEN 7 ELSE 1 END;
        lower := CASE unit WHEN 'week' THEN timestamp '2000-01-03' ELSE timestamp '2000-01-01' END;
        n := pg_catalog.floor(EXTRACT(epoch FROM moment - lower) / (86400 * size::bigint))::integer;
        lower := lower + pg_catalog.make_interval(days => n * size);
        upper := lower + pg_catalog.make_interval(days => size);
        suffix := pg_catalog.to_char(lower,
            CASE WHEN unit = 'week' AND units = 1 THEN 'IYYY"w"IW' ELSE 'YYYY_MM_DD' END);
    ELSE
        size := units::integer * CASE unit WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 WHEN 'year' THEN 12 END;
        n := pg_catalog.floor((EXTRACT(year FROM moment) * 12 + EXTRACT(month FROM moment) - 24001) / size)::integer;
        lower := timestamp '2000-01-01' + pg_catalog.make_interval(months => n * size);
        upper := lower + pg_catalog.make_interval(months => size);
        suffix := pg_catalog.to_char(lower,
            CASE unit WHEN 'month' THEN 'YYYY_MM' WHEN 'quarter' THEN 'YYYY"q"Q' ELSE 'YYYY' END);
    END IF;
END
$function$;

COMMENT ON ROUTINE specql.partition_period IS 'The period that a moment (UTC) is in, and the suffix of its partition';

CREATE FUNCTION specql.partition_ranges(parent pg_catalog.regclass)
    RETURNS TABLE (partition pg_catalog.regclass, lower pg_catalog.text, upper pg_catalog.text, detaching boolean)
    LANGUAGE sql STABLE STRICT
    SET search_path = ''
    -- Bounds are printed in these.
    SET timezone = 'UTC'
    SET datestyle = 'ISO, MDY'
AS $function$
    SELECT c.oid, pg_catalog.btrim(b.bound[1], ''''), pg_catalog.btrim(b.bound[2], ''''), i.inhdetachpending
    FROM pg_catalog.pg_inherits AS i
    JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
    CROSS JOIN LATERAL pg_catalog.regexp_match(
        pg_catalog.replace(pg_catalog.replace(pg_catalog.pg_get_expr(c.relpartbound, c.oid),
            'MINVALUE', '-infinity'), 'MAXVALUE', 'infinity'),
        '^FOR VALUES FROM \((.*)\) TO \((.*)\)$') AS b(bound)
    WHERE i.inhparent = parent AND b.bound IS NOT NULL
$function$;

COMMENT ON ROUTINE specql.partition_ranges IS 'The partitions of a table that have a range, with its bounds';

CREATE FUNCTION specql.run_partition_step(parent pg_catalog.regclass, partition pg_catalog.text, action pg_catalog.text,
        lower pg_catalog.text, upper pg_catalog.text, subpartitions pg_catalog.jsonb) RETURNS pg_catalog.text
    LANGUAGE plpgsql
    SET search_path = ''
    SET timezone = 'UTC'
    SET datestyle = 'ISO, MDY'
    -- Rows that a policy of row security hides would be lost: better an error.
    SET row_security = off
AS $function$
#variable_conflict use_variable
DECLARE
    parent_schema pg_catalog.text;
    key_column pg_catalog.text;
    default_partition pg_catalog.regclass;
    owner pg_catalog.text;
    place pg_catalog.text;
    each pg_catalog.record;
    granted pg_catalog.jsonb;
    disabled pg_catalog.jsonb := '[]'::pg_catalog.jsonb;
    listed pg_catalog.jsonb;
    moved bigint;
    -- Whether rows of the period wait in the default partition.
    waiting boolean := false;
    -- A check on the default partition, while one is needed: it holds nothing of the period.
    excluded CONSTANT pg_catalog.text := specql.partition_name(partition, 'excluded');
BEGIN
    SELECT n.nspname::pg_catalog.text, a.attname::pg_catalog.text, NULLIF(p.partdefid, 0)::pg_catalog.regclass,
        pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text, s.spcname::pg_catalog.text
    INTO STRICT parent_schema, key_column, default_partition, owner, place
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_partitioned_table AS p ON p.partrelid = c.oid
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
    LEFT JOIN pg_catalog.pg_tablespace AS s ON s.oid = c.reltablespace
    WHERE c.oid = parent;

    -- The parent first, then its partitions: the order in which writers lock them.
    IF action IN ('detach', 'drop') THEN
        EXECUTE pg_catalog.format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', parent);
        EXECUTE pg_catalog.format('ALTER TABLE %s DETACH PARTITION %I.%I', parent, parent_schema, partition);
        IF action = 'drop' THEN
            EXECUTE pg_catalog.format('DROP TABLE %I.%I', parent_schema, partition);
        END IF;
        RETURN pg_catalog.format('from %s to %s', lower, upper);
    ELSIF action = 'finish' THEN
        EXECUTE pg_catalog.format('ALTER TABLE %s DETACH PARTITION %I.%I FINALIZE', parent, parent_schema, partition);
        RETURN 'a DETACH CONCURRENTLY that was interrupted';
    ELSIF action = 'mark' THEN
        -- Asked for around a DETACH CONCURRENTLY, which can be in no transaction with this.
        RETURN 'projections that read it are marked';
    ELSIF action = 'exclude' THEN
        -- To attach a partition, the server reads all of the default partition under the locks that writers wait for; but not where
        -- a check proves that there is nothing to find. That can be proved while others write, if not in one transaction.
        EXECUTE pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I, ADD CONSTRAINT %I CHECK (%I < %L OR %I >= %L) NOT VALID',
            default_partition, excluded, excluded, key_column, lower, key_column, upper);
        RETURN 'new rows of the period are kept out of the default partition';
    ELSIF action = 'prove' THEN
        EXECUTE pg_catalog.format('ALTER TABLE %s VALIDATE CONSTRAINT %I', default_partition, excluded);
        RETURN 'nothing of the period is in the default partition';
    ELSIF action = 'include' THEN
        EXECUTE pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I', default_partition, excluded);
        RETURN 'rows of the period may come to the default partition';
    ELSIF action <> 'create' THEN
        RAISE EXCEPTION 'there is no action %', action;
    END IF;

    -- Looked for before anybody has to wait. What comes in between, ATTACH finds.
    IF default_partition IS NOT NULL THEN
        EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM %s WHERE %I >= %L AND %I < %L)',
            default_partition, key_column, lower, key_column, upper) INTO waiting;
    END IF;
    -- Both are weaker than what CREATE TABLE … PARTITION OF takes. Without a default partition no writer has to wait. With one
    -- no writer may be on its way: a row that was routed there before would then be one that it may not hold.
    EXECUTE pg_catalog.format('LOCK TABLE ONLY %s IN %s MODE', parent,
        CASE WHEN default_partition IS NULL THEN 'SHARE UPDATE EXCLUSIVE' ELSE 'SHARE ROW EXCLUSIVE' END);
    -- Not the indexes, which come with ATTACH under the names that they would have anyway; not the identity, which is the
    -- parent's.
    EXECUTE pg_catalog.format('CREATE TABLE %I.%I (LIKE %s INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS '
        'INCLUDING STORAGE INCLUDING COMPRESSION) %s %s',
        parent_schema, partition, parent, specql.partition_by(subpartitions),
        CASE WHEN place IS NULL THEN '' ELSE 'TABLESPACE ' || pg_catalog.quote_ident(place) END);
    EXECUTE pg_catalog.format('ALTER TABLE %I.%I OWNER TO %I', parent_schema, partition, owner);
    PERFORM specql.create_subpartitions(parent_schema, partition, subpartitions, owner);

    IF default_partition IS NOT NULL THEN
        EXECUTE pg_catalog.format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', default_partition);
    END IF;
    LOOP
        IF waiting THEN
            IF EXISTS (
                SELECT FROM pg_catalog.pg_constraint AS f
                JOIN pg_catalog.pg_partition_ancestors(default_partition) AS t ON t.relid = f.confrelid
                WHERE f.contype = 'f' AND f.confdeltype NOT IN ('a', 'r')
            ) THEN
                RAISE EXCEPTION 'rows of % are due in this period, and moving them would fire ON DELETE of a foreign key', default_partition
                    USING HINT = 'Detach the default partition, run this again, and insert its rows into the table.';
            END IF;
            -- Rows that move are neither deleted nor new: no trigger of the table's users fires.
            FOR each IN
                SELECT t.relid, g.tgname, g.tgenabled = 'A' AS always
                FROM pg_catalog.pg_partition_tree(default_partition) AS t
                JOIN pg_catalog.pg_trigger AS g ON g.tgrelid = t.relid
                WHERE NOT g.tgisinternal AND g.tgenabled IN ('O', 'A') AND g.tgtype & 1 = 1 AND t.isleaf
                ORDER BY t.relid::pg_catalog.text, g.tgname
            LOOP
                EXECUTE pg_catalog.format('ALTER TABLE %s DISABLE TRIGGER %I', each.relid, each.tgname);
                disabled := disabled || pg_catalog.to_jsonb(each);
            END LOOP;
            SELECT pg_catalog.jsonb_build_object('columns', pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum))
            INTO listed
            FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = parent AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '';
            EXECUTE pg_catalog.format('WITH moved AS (DELETE FROM %s WHERE %I >= %L AND %I < %L RETURNING %s) '
                'INSERT INTO %I.%I (%s) SELECT moved.* FROM moved',
                default_partition, key_column, lower, key_column, upper, listed ->> 'columns',
                parent_schema, partition, listed ->> 'columns');
            GET DIAGNOSTICS moved = ROW_COUNT;
            FOR each IN
                SELECT d.relid, d.tgname, d.always
                FROM pg_catalog.jsonb_to_recordset(disabled) AS d(relid pg_catalog.regclass, tgname pg_catalog.name, always boolean)
            LOOP
                IF each.always THEN
                    EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', each.relid, each.tgname);
                ELSE
                    EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE TRIGGER %I', each.relid, each.tgname);
                END IF;
            END LOOP;
        END IF;
        BEGIN
            EXECUTE pg_catalog.format('ALTER TABLE %s ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)',
                parent, parent_schema, partition, lower, upper);
            EXIT;
        EXCEPTION WHEN check_violation THEN
            IF waiting THEN
                RAISE;
            END IF;
            waiting := true;
        END;
    END LOOP;
    IF EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = default_partition AND k.conname = excluded) THEN
        EXECUTE pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I', default_partition, excluded);
    END IF;

    -- Rights on the parent reach its rows without this. Roles that read partitions by name find the same rights on a new one,
    -- unless row security stands on the parent, which they would get around.
    FOR granted IN
        SELECT pg_catalog.jsonb_build_object('right', r.privilege_type,
            'to', CASE r.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(r.grantee)) END,
            'option', CASE WHEN r.is_grantable THEN 'WITH GRANT OPTION' ELSE '' END)
        FROM pg_catalog.pg_class AS c
        CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS r
        WHERE c.oid = parent AND NOT c.relrowsecurity AND r.grantee <> c.relowner AND r.grantor = c.relowner
    LOOP
        EXECUTE pg_catalog.format('GRANT %s ON %I.%I TO %s %s', granted ->> 'right', parent_schema, partition,
            granted ->> 'to', granted ->> 'option');
    END LOOP;
    RETURN pg_catalog.format('from %s to %s', lower, upper)
        || CASE WHEN moved > 0 THEN pg_catalog.format(', %s rows moved from %s', moved, default_partition) ELSE '' END;
END
$function$;

COMMENT ON ROUTINE specql.run_partition_step IS 'Does one thing that specql.plan_partitions returned, in the transaction of its caller';

CREATE FUNCTION specql.set_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = ''
AS $function$
BEGIN
    -- Every write sets it, whatever the statement itself says.
    NEW.updated_at := now();
    RETURN NEW;
END
$function$;

COMMENT ON ROUTINE specql.set_updated_at IS 'Sets updated_at to the time of the transaction; kept by specqlc for entities with the pattern audit_trail';

CREATE TABLE catalog.categories (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    description text,
    path ltree,
    parent_id uuid,
    CONSTRAINT categories_pkey PRIMARY KEY (id),
    CONSTRAINT categories_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES catalog.categories (id)
);

CREATE TABLE catalog.category_translations (
    category_id uuid NOT NULL,
    locale text NOT NULL,
    name text,
    description text,
    CONSTRAINT category_translations_pkey PRIMARY KEY (category_id, locale),
    CONSTRAINT category_translations_category_id_fkey FOREIGN KEY (category_id) REFERENCES catalog.categories (id) ON DELETE CASCADE
);

COMMENT ON TABLE catalog.category_translations IS 'Translations of Category';

CREATE TABLE public.tenants (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    slug text NOT NULL,
    plan text DEFAULT 'free' NOT NULL,
    seats integer DEFAULT 5 NOT NULL,
    trial_ends date,
    currency text DEFAULT 'EUR' NOT NULL,
    locale text DEFAULT 'en' NOT NULL,
    timezone text DEFAULT 'UTC' NOT NULL,
    homepage text,
    domain text,
    brand_color text,
    vat_rate numeric(5,2) DEFAULT 20 NOT NULL,
    settings jsonb DEFAULT '{}' NOT NULL,
    features text[] DEFAULT '{}' NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT tenants_pkey PRIMARY KEY (id),
    CONSTRAINT tenants_brand_color_check CHECK (brand_color ~ '^#([0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})$'),
    CONSTRAINT tenants_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT tenants_domain_check CHECK (domain ~ '^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$'),
    CONSTRAINT tenants_homepage_check CHECK (homepage ~ '^https?://\S+$'),
    CONSTRAINT tenants_locale_check CHECK (locale ~ '^[a-z]{2,3}([-_][A-Z][a-z]{3})?([-_]([A-Z]{2}|[0-9]{3}))?$'),
    CONSTRAINT tenants_name_check CHECK (char_length(name) BETWEEN 2 AND 120),
    CONSTRAINT tenants_plan_check CHECK (plan IN ('free', 'standard', 'enterprise')),
    CONSTRAINT tenants_seats_check CHECK (seats BETWEEN 1 AND 10000),
    CONSTRAINT tenants_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    CONSTRAINT tenants_slug_key UNIQUE (slug),
    CONSTRAINT tenants_timezone_check CHECK (timezone ~ '^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$'),
    CONSTRAINT tenants_vat_rate_check CHECK (vat_rate BETWEEN 0 AND 100)
);

COMMENT ON TABLE public.tenants IS 'A company that runs its shop on this platform';

CREATE TABLE catalog.products (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id uuid NOT NULL,
    category_id uuid,
    sku character varying(40) NOT NULL,
    name text NOT NULL,
    description text,
    price numeric(19,4) NOT NULL,
    discount numeric(5,2) DEFAULT 0 NOT NULL,
    stock integer DEFAULT 0 NOT NULL,
    status text DEFAULT 'draft' NOT NULL,
    tags text[] DEFAULT '{}' NOT NULL,
    colors text[],
    metadata jsonb DEFAULT '{}' NOT NULL,
    barcode text,
    weight numeric(8,3),
    photo text,
    manual text,
    origin text,
    net_price numeric(19,4) GENERATED ALWAYS AS (price * (1 - discount / 100)) STORED,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by uuid,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_by uuid,
    CONSTRAINT products_pkey PRIMARY KEY (id),
    CONSTRAINT one_sku_per_tenant UNIQUE (tenant_id, sku),
    CONSTRAINT price_is_not_negative CHECK (price >= 0),
    CONSTRAINT products_barcode_check CHECK (barcode ~ '^[0-9]{13}$'),
    CONSTRAINT products_category_id_fkey FOREIGN KEY (category_id) REFERENCES catalog.categories (id) ON DELETE RESTRICT,
    CONSTRAINT products_colors_check CHECK (array_to_string(colors, chr(10)) ~ '^((?:#([0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8}))(\n(?:#([0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})))*)?$' AND array_to_string(colors, '') !~ '\n' AND '' <> ALL (colors)),
    CONSTRAINT products_discount_check CHECK (discount BETWEEN 0 AND 100),
    CONSTRAINT products_origin_check CHECK (origin ~ '^[A-Z]{2}$'),
    CONSTRAINT products_status_check CHECK (status IN ('draft', 'live')),
    CONSTRAINT products_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants (id) ON DELETE CASCADE
);

COMMENT ON TABLE catalog.products IS 'Something that can be ordered';

COMMENT ON COLUMN catalog.products.stock IS 'Units on hand';

COMMENT ON CONSTRAINT price_is_not_negative ON catalog.products IS 'Nothing costs less than nothing';

CREATE TABLE public.departments (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    cost_center character varying(20),
    parent_id uuid,
    CONSTRAINT departments_pkey PRIMARY KEY (id),
    CONSTRAINT departments_cost_center_key UNIQUE (cost_center),
    CONSTRAINT departments_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.departments (id),
    CONSTRAINT departments_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants (id) ON DELETE CASCADE
);

CREATE TABLE public.users (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    email text NOT NULL,
    phone text,
    tenant_id uuid NOT NULL,
    department_id uuid,
    login text NOT NULL,
    full_name text,
    status text DEFAULT 'invited' NOT NULL,
    role public.users_role DEFAULT 'customer' NOT NULL,
    language text,
    last_login timestamp with time zone,
    last_ip inet,
    preferences jsonb DEFAULT '{}' NOT NULL,
    display_name text GENERATED ALWAYS AS (coalesce(full_name, login)) STORED,
    email_lower text GENERATED ALWAYS AS (lower(email)) STORED,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by uuid,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_by uuid,
    deleted_at timestamp with time zone,
    deleted_by uuid,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT one_login_per_tenant UNIQUE NULLS NOT DISTINCT (tenant_id, login),
    CONSTRAINT users_department_id_fkey FOREIGN KEY (department_id) REFERENCES public.departments (id) ON DELETE SET NULL,
    CONSTRAINT users_email_check CHECK (email ~ '^[^@\s]+@[^@\s]+\.[^@\s]+$'),
    CONSTRAINT users_language_check CHECK (language ~ '^[a-z]{2,3}$'),
    CONSTRAINT users_phone_check CHECK (phone ~ '^\+?[0-9(][0-9 ()./-]{3,30}$'),
    CONSTRAINT users_status_check CHECK (status IN ('invited', 'active', 'blocked')),
    CONSTRAINT users_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants (id) ON DELETE CASCADE
);

COMMENT ON TABLE public.users IS 'Somebody who can sign in';

COMMENT ON CONSTRAINT one_login_per_tenant ON public.users IS 'Somebody has this name already';

CREATE TABLE public.orders (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    tenant_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    status text DEFAULT 'cart' NOT NULL,
    total_amount numeric(12,2) DEFAULT 0 NOT NULL,
    shipping_address text,
    tracking text,
    placed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    waiting boolean GENERATED ALWAYS AS (placed_at IS NOT NULL AND status = 'placed') STORED,
    CONSTRAINT orders_pkey PRIMARY KEY (id, created_at),
    CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES public.users (id) ON DELETE RESTRICT,
    CONSTRAINT orders_status_check CHECK (status IN ('cart', 'placed', 'paid', 'shipped', 'returned')),
    CONSTRAINT orders_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants (id) ON DELETE RESTRICT,
    CONSTRAINT orders_tracking_check CHECK (tracking ~ '^[A-Z0-9][A-Z0-9 -]{4,38}[A-Z0-9]$'),
    CONSTRAINT placed_after_created CHECK (placed_at >= created_at)
) PARTITION BY RANGE (created_at);

COMMENT ON TABLE public.orders IS 'What somebody ordered';

CREATE TABLE public.order_items (
    order_id uuid NOT NULL,
    order_created_at timestamp with time zone NOT NULL,
    line integer NOT NULL,
    product_id uuid NOT NULL,
    quantity integer DEFAULT 1 NOT NULL,
    unit_price numeric(19,4) NOT NULL,
    amount numeric(19,4) GENERATED ALWAYS AS (unit_price * quantity) STORED,
    CONSTRAINT order_items_pkey PRIMARY KEY (order_id, order_created_at, line),
    CONSTRAINT order_items_line_check CHECK (line BETWEEN 1 AND 999),
    CONSTRAINT order_items_order_id_order_created_at_fkey FOREIGN KEY (order_id, order_created_at) REFERENCES public.orders (id, created_at) ON DELETE CASCADE,
    CONSTRAINT order_items_product_id_fkey FOREIGN KEY (product_id) REFERENCES catalog.products (id) ON DELETE RESTRICT,
    CONSTRAINT order_items_quantity_check CHECK (quantity BETWEEN 1 AND 1000)
);

CREATE TABLE specql.partition_policy (
    schema_name text NOT NULL,
    table_name text NOT NULL,
    level integer NOT NULL,
    unit text NOT NULL,
    units bigint NOT NULL,
    premake integer NOT NULL,
    starts_at text,
    retention interval,
    retention_action text NOT NULL,
    subpartitions jsonb,
    lock_timeout interval DEFAULT '1 second'::interval NOT NULL,
    CONSTRAINT partition_policy_pkey PRIMARY KEY (schema_name, table_name, level)
);

COMMENT ON TABLE specql.partition_policy IS 'What specql.maintain_partitions keeps; its rows come from the specs, lock_timeout is yours';

COMMENT ON COLUMN specql.partition_policy.schema_name IS 'Schema of the table';

COMMENT ON COLUMN specql.partition_policy.table_name IS 'The table';

COMMENT ON COLUMN specql.partition_policy.level IS '0 for the partitions of the table itself, 1 for the partitions of those';

COMMENT ON COLUMN specql.partition_policy.unit IS 'hour, day, week, month, quarter, year, or number';

COMMENT ON COLUMN specql.partition_policy.units IS 'How many units a period has';

COMMENT ON COLUMN specql.partition_policy.premake IS 'How many periods are kept ready ahead of the current one';

COMMENT ON COLUMN specql.partition_policy.starts_at IS 'Where the first period lies, when there is no partition yet';

COMMENT ON COLUMN specql.partition_policy.retention IS 'How long a period is kept after its end; NULL: for ever';

COMMENT ON COLUMN specql.partition_policy.retention_action IS 'What becomes of it then: detach or drop';

COMMENT ON COLUMN specql.partition_policy.subpartitions IS 'How a new partition is partitioned itself';

COMMENT ON COLUMN specql.partition_policy.lock_timeout IS 'The longest that a write may have to wait for maintenance';

CREATE FUNCTION specql.partition_report()
    RETURNS TABLE (table_name pg_catalog.text, level integer, partitions bigint, ahead bigint, covered_until pg_catalog.text,
        next_expiry pg_catalog.timestamptz, default_partition pg_catalog.regclass, rows_in_default bigint,
        problem pg_catalog.text)
    LANGUAGE plpgsql STABLE
    -- Who watches needs no right on the tables.
    SECURITY DEFINER
    SET search_path = ''
    SET timezone = 'UTC'
    SET datestyle = 'ISO, MDY'
AS $function$
#variable_conflict use_column
DECLARE
    -- To count further takes long and tells nothing more.
    most CONSTANT bigint := 10000::bigint;
    policy specql.partition_policy;
    each pg_catalog.record;
    waiting bigint;
BEGIN
    FOR policy IN SELECT p.* FROM specql.partition_policy AS p ORDER BY p.level, p.schema_name, p.table_name LOOP
        BEGIN
            -- Nonsense is an error here, also where there is no table that it could be told of.
            PERFORM FROM specql.plan_partition_policy(policy, pg_catalog.now());
            FOR each IN
                WITH RECURSIVE tree AS (
                    SELECT pg_catalog.to_regclass(pg_catalog.format('%I.%I', policy.schema_name, policy.table_name))::pg_catalog.oid AS oid,
                        0 AS depth
                    UNION ALL
                    SELECT i.inhrelid, t.depth + 1
                    FROM tree AS t
                    JOIN pg_catalog.pg_inherits AS i ON i.inhparent = t.oid AND NOT i.inhdetachpending
                    WHERE t.depth < policy.level
                ), due AS (
                    SELECT s.parent, pg_catalog.string_agg(DISTINCT s.problem, '; ') AS problem,
                        pg_catalog.count(*) FILTER (WHERE s.action = 'create') AS missing,
                        pg_catalog.bool_or(CASE WHEN s.action IN ('detach', 'drop') THEN
                            s.upper::timestamp + policy.retention < pg_catalog.now() AT TIME ZONE 'UTC' - interval '1 day' END) AS overdue
                    FROM specql.plan_partition_policy(policy, pg_catalog.now()) AS s
                    GROUP BY s.parent
                )
                SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
                    (SELECT pg_catalog.count(*) FROM pg_catalog.pg_inherits AS i WHERE i.inhparent = t.oid) AS partitions,
                    CASE WHEN policy.unit <> 'number' THEN
                        (SELECT pg_catalog.count(*) FROM specql.partition_ranges(t.oid) AS r
                        WHERE r.lower::timestamp > pg_catalog.now() AT TIME ZONE 'UTC') END AS ahead,
                    CASE WHEN policy.unit <> 'number' THEN
                        (SELECT pg_catalog.max(r.upper::timestamp)::pg_catalog.text FROM specql.partition_ranges(t.oid) AS r)
                    ELSE
                        (SELECT pg_catalog.max(r.upper::numeric)::pg_catalog.text FROM specql.partition_ranges(t.oid) AS r)
                    END AS covered_until,
                    CASE WHEN policy.unit <> 'number' THEN
                        (SELECT pg_catalog.min(r.upper::timestamp) + policy.retention FROM specql.partition_ranges(t.oid) AS r)
                        AT TIME ZONE 'UTC' END AS next_expiry,
                    NULLIF(k.partdefid, 0)::pg_catalog.regclass AS default_partition,
                    CASE WHEN d.problem IS NOT NULL THEN d.problem
                        WHEN d.missing >= GREATEST(policy.premake, 1) THEN 'no period is ready ahead: run specql.maintain_partitions()'
                        WHEN d.overdue THEN 'a partition is past retention for longer than a day: run specql.maintain_partitions()'
                    END AS problem
                FROM tree AS t
                JOIN pg_catalog.pg_partitioned_table AS k ON k.partrelid = t.oid
                JOIN pg_catalog.pg_class AS c ON c.oid = t.oid
                JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                LEFT JOIN due AS d ON d.parent = t.oid
                WHERE t.depth = policy.level
            LOOP
                waiting := NULL;
                IF each.default_partition IS NOT NULL THEN
                    EXECUTE pg_catalog.format('SELECT pg_catalog.count(*) FROM (SELECT FROM %s LIMIT %s) AS waiting',
                        each.default_partition, most) INTO waiting;
                END IF;
                RETURN QUERY SELECT each.name, policy.level, each.partitions, each.ahead, each.covered_until, each.next_expiry,
                    each.default_partition, waiting,
                    COALESCE(each.problem, CASE WHEN waiting >= most THEN
                        'the default partition holds 10000 rows or more, which each new partition scans while writers wait' END);
            END LOOP;
        EXCEPTION WHEN OTHERS THEN
            RETURN QUERY SELECT pg_catalog.format('%I.%I', policy.schema_name, policy.table_name), policy.level,
                NULL::bigint, NULL::bigint, NULL::pg_catalog.text, NULL::pg_catalog.timestamptz, NULL::pg_catalog.regclass,
                NULL::bigint, SQLERRM;
        END;
    END LOOP;
END
$function$;

REVOKE ALL ON FUNCTION specql.partition_report() FROM PUBLIC;

COMMENT ON ROUTINE specql.partition_report IS 'What the view specql.partition_status shows';

CREATE FUNCTION specql.plan_partition_policy(policy specql.partition_policy, as_of pg_catalog.timestamptz)
    RETURNS TABLE (parent pg_catalog.regclass, partition pg_catalog.text, action pg_catalog.text,
        lower pg_catalog.text, upper pg_catalog.text, blocks_writes boolean, problem pg_catalog.text)
    LANGUAGE plpgsql STABLE
    SET search_path = ''
    SET timezone = 'UTC'
    SET datestyle = 'ISO, MDY'
AS $function$
#variable_conflict use_variable
DECLARE
    root pg_catalog.regclass := pg_catalog.to_regclass(pg_catalog.format('%I.%I', policy.schema_name, policy.table_name));
    most constant integer := 10000;
    taken constant pg_catalog.text := 'something of that name is there already, and is no partition of this table';
    key_type pg_catalog.regtype;
    parent_schema pg_catalog.text;
    parent_name pg_catalog.text;
    default_partition pg_catalog.regclass;
    column_name pg_catalog.text;
    strong boolean;
    bound_format pg_catalog.text;
    existing pg_catalog.record;
    period pg_catalog.record;
    moment timestamp := as_of AT TIME ZONE 'UTC';
    start timestamp;
    cutoff timestamp;
    first timestamp;
    target timestamp;
    latest timestamp;
    lowers timestamp[];
    uppers timestamp[];
    covered interval;
    made integer;
    ahead integer;
    low numeric;
    used boolean;
BEGIN
    IF root IS NULL THEN
        RAISE EXCEPTION 'there is no table %.%', policy.schema_name, policy.table_name;
    ELSIF policy.level IS NULL OR policy.level < 0 THEN
        RAISE EXCEPTION 'level is %, and counts from 0', policy.level;
    ELSIF policy.unit IS NULL OR policy.unit NOT IN ('hour', 'day', 'week', 'month', 'quarter', 'year', 'number') THEN
        RAISE EXCEPTION 'unit is "%", and none of hour, day, week, month, quarter, year, number', policy.unit;
    ELSIF policy.units IS NULL OR policy.units < 1 OR (policy.units > 100000 AND policy.unit <> 'number') THEN
        RAISE EXCEPTION 'units is %, and not from 1 to 100000', policy.units;
    ELSIF policy.premake IS NULL OR policy.premake NOT BETWEEN 0 AND most THEN
        RAISE EXCEPTION 'premake is %, and not from 0 to %', policy.premake, most;
    ELSIF policy.retention <= interval '0' OR policy.retention IS NOT NULL AND policy.unit = 'number' THEN
        RAISE EXCEPTION 'retention is %: it has to be positive, and numbers have none', policy.retention;
    ELSIF policy.retention_action IS NULL OR policy.retention_action NOT IN ('detach', 'drop') THEN
        RAISE EXCEPTION 'retention_action is "%", and neither detach nor drop', policy.retention_action;
    ELSIF policy.lock_timeout IS NULL OR policy.lock_timeout < interval '2 milliseconds' THEN
        RAISE EXCEPTION 'lock_timeout is %, and has to be at least 2 milliseconds', policy.lock_timeout;
    END IF;

    FOR parent, parent_schema, parent_name, key_type, column_name, default_partition, strong IN
        WITH RECURSIVE tree AS (
            SELECT root::pg_catalog.oid AS oid, 0 AS depth
            UNION ALL
            SELECT i.inhrelid, t.depth + 1
            FROM tree AS t
            JOIN pg_catalog.pg_inherits AS i ON i.inhparent = t.oid AND NOT i.inhdetachpending
            WHERE t.depth < policy.level
        )
        SELECT t.oid::pg_catalog.regclass, n.nspname::pg_catalog.text, c.relname::pg_catalog.text,
            CASE WHEN p.partstrat = 'r' AND p.partnatts = 1 THEN a.atttypid END::pg_catalog.regtype,
            a.attname::pg_catalog.text, NULLIF(p.partdefid, 0)::pg_catalog.regclass,
            -- Attaching locks a default partition, and tables on the other end of a foreign key.
            p.partdefid <> 0 OR EXISTS (
                SELECT FROM pg_catalog.pg_constraint AS f
                WHERE f.contype = 'f' AND (f.conrelid = t.oid OR f.confrelid = t.oid))
        FROM tree AS t
        JOIN pg_catalog.pg_class AS c ON c.oid = t.oid
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_partitioned_table AS p ON p.partrelid = t.oid
        LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = p.partattrs[0]
        -- Below the first level a partition that somebody made without parts of its own is left as it is.
        WHERE t.depth = policy.level AND (policy.level = 0 OR p.partrelid IS NOT NULL)
        ORDER BY t.oid::pg_catalog.regclass::pg_catalog.text
    LOOP
        IF key_type IS NULL THEN
            RAISE EXCEPTION '% is not partitioned by the range of one column', parent;
        ELSIF (CASE
            WHEN policy.unit = 'number' THEN key_type NOT IN ('pg_catalog.int2', 'pg_catalog.int4', 'pg_catalog.int8', 'pg_catalog.numeric')
            WHEN policy.unit = 'hour' THEN key_type NOT IN ('pg_catalog.timestamp', 'pg_catalog.timestamptz')
            ELSE key_type NOT IN ('pg_catalog.date', 'pg_catalog.timestamp', 'pg_catalog.timestamptz')
        END) THEN
            RAISE EXCEPTION 'the key of % is %, and the unit is %', parent, key_type, policy.unit;
        END IF;

        FOR existing IN
            SELECT r.partition, r.lower, r.upper
            FROM specql.partition_ranges(parent) AS r
            WHERE r.detaching
            ORDER BY r.partition::pg_catalog.text
        LOOP
            SELECT c.relname::pg_catalog.text INTO partition FROM pg_catalog.pg_class AS c WHERE c.oid = existing.partition;
            action := 'finish';
            lower := existing.lower;
            upper := existing.upper;
            blocks_writes := true;
            problem := NULL;
            RETURN NEXT;
        END LOOP;
        action := 'create';
        blocks_writes := strong;

        IF policy.unit = 'number' THEN
            -- As many ranges ahead of the last one that holds a row; of none at all, the first ones.
            ahead := -1;
            low := COALESCE(policy.starts_at, '0')::numeric;
            FOR existing IN
                SELECT r.partition, r.lower::numeric AS lower, r.upper::numeric AS upper
                FROM specql.partition_ranges(parent) AS r
                WHERE NOT r.detaching
                ORDER BY r.upper::numeric DESC
            LOOP
                IF existing.upper = 'infinity' THEN
                    ahead := policy.premake;
                    EXIT;
                END IF;
                low := GREATEST(low, existing.upper);
                EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM %s)', existing.partition) INTO used;
                ahead := ahead + 1;
                EXIT WHEN used OR ahead >= policy.premake;
            END LOOP;
            low := COALESCE(policy.starts_at, '0')::numeric
                + pg_catalog.ceil((low - COALESCE(policy.starts_at, '0')::numeric) / policy.units) * policy.units;
            made := 0;
            WHILE ahead < policy.premake AND low + policy.units <= CASE key_type
                WHEN 'pg_catalog.int2'::pg_catalog.regtype THEN 32767
                WHEN 'pg_catalog.int4'::pg_catalog.regtype THEN 2147483647
                ELSE 9223372036854775807
            END LOOP
                lower := low::pg_catalog.text;
                upper := (low + policy.units)::pg_catalog.text;
                partition := specql.partition_name(parent_name, pg_catalog.replace(lower, '-', 'minus_'));
                problem := CASE WHEN pg_catalog.to_regclass(pg_catalog.format('%I.%I', parent_schema, partition)) IS NOT NULL
                    THEN taken END;
                RETURN NEXT;
                used := false;
                IF default_partition IS NOT NULL THEN
                    EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM %1$s WHERE %2$I >= %3$L AND %2$I < %4$L)',
                        default_partition, column_name, lower, upper) INTO used;
                END IF;
                ahead := CASE WHEN used THEN 0 ELSE ahead + 1 END;
                low := low + policy.units;
                made := made + 1;
                EXIT WHEN made > most;
            END LOOP;
            CONTINUE;
        END IF;

        bound_format := CASE key_type
            WHEN 'pg_catalog.date'::pg_catalog.regtype THEN 'YYYY-MM-DD'
            WHEN 'pg_catalog.timestamp'::pg_catalog.regtype THEN 'YYYY-MM-DD HH24:MI:SS'
            ELSE 'YYYY-MM-DD HH24:MI:SS"+00"'
        END;
        start := COALESCE(policy.starts_at::timestamp, moment);
        cutoff := moment - policy.retention;
        period := specql.partition_period(GREATEST(start, moment), policy.unit, policy.units);
        target := period.lower + CASE policy.unit
            WHEN 'hour' THEN pg_catalog.make_interval(hours => policy.units::integer * policy.premake)
            WHEN 'day' THEN pg_catalog.make_interval(days => policy.units::integer * policy.premake)
            WHEN 'week' THEN pg_catalog.make_interval(weeks => policy.units::integer * policy.premake)
            WHEN 'month' THEN pg_catalog.make_interval(months => policy.units::integer * policy.premake)
            WHEN 'quarter' THEN pg_catalog.make_interval(months => 3 * policy.units::integer * policy.premake)
            ELSE pg_catalog.make_interval(years => policy.units::integer * policy.premake)
        END;
        -- Without a gap: from the end of the last partition that is no later than the current period.
        SELECT pg_catalog.array_agg(r.lower::timestamp), pg_catalog.array_agg(r.upper::timestamp),
            pg_catalog.max(r.upper::timestamp) FILTER (
                WHERE NOT r.detaching AND r.lower::timestamp <= period.lower AND r.upper::timestamp < 'infinity')
        INTO lowers, uppers, latest
        FROM specql.partition_ranges(parent) AS r;
        first := GREATEST(cutoff, COALESCE(latest, start), policy.starts_at::timestamp);
        made := 0;
        period := specql.partition_period(first, policy.unit, policy.units);
        WHILE period.lower <= target LOOP
            SELECT pg_catalog.sum(LEAST(r.upper, period.upper) - GREATEST(r.lower, period.lower))
            INTO covered
            FROM ROWS FROM (pg_catalog.unnest(lowers), pg_catalog.unnest(uppers)) AS r(lower, upper)
            WHERE r.lower < period.upper AND r.upper > period.lower;
            action := CASE WHEN covered IS NULL THEN 'create' ELSE 'skip' END;
            -- A period that other partitions cover needs none; one that they cover in part can have none.
            IF (cutoff IS NULL OR period.upper > cutoff)
                AND (covered IS NULL OR covered < period.upper - period.lower AND period.upper > moment)
            THEN
                lower := pg_catalog.to_char(period.lower, bound_format);
                upper := pg_catalog.to_char(period.upper, bound_format);
                partition := specql.partition_name(parent_name, period.suffix);
                problem := CASE
                    WHEN action = 'skip'
                    THEN 'other partitions cover a part of this period; rows of the rest have no partition'
                    WHEN pg_catalog.to_regclass(pg_catalog.format('%I.%I', parent_schema, partition)) IS NOT NULL
                    THEN taken
                END;
                RETURN NEXT;
            END IF;
            made := made + 1;
            IF made > most THEN
                RAISE EXCEPTION 'this makes more than % partitions of %', most, parent;
            END IF;
            period := specql.partition_period(period.upper, policy.unit, policy.units);
        END LOOP;

        -- Past retention: only what is exactly a period of this policy. What somebody made with other bounds is theirs.
        action := policy.retention_action;
        blocks_writes := true;
        problem := NULL;
        FOR existing IN
            SELECT c.relname::pg_catalog.text AS name, r.lower::timestamp AS lower, r.upper::timestamp AS upper
            FROM specql.partition_ranges(parent) AS r
            JOIN pg_catalog.pg_class AS c ON c.oid = r.partition
            WHERE NOT r.detaching AND r.upper::timestamp <= cutoff AND r.lower::timestamp > '-infinity'
            ORDER BY 2
        LOOP
            period := specql.partition_period(existing.lower, policy.unit, policy.units);
            IF period.lower = existing.lower AND period.upper = existing.upper THEN
                partition := existing.name;
                lower := pg_catalog.to_char(existing.lower, bound_format);
                upper := pg_catalog.to_char(existing.upper, bound_format);
                RETURN NEXT;
            END IF;
        END LOOP;
    END LOOP;
END
$function$;

COMMENT ON ROUTINE specql.plan_partition_policy IS 'What one row of specql.partition_policy asks to be done; an error says what is wrong with it';

CREATE FUNCTION specql.plan_partitions(as_of pg_catalog.timestamptz DEFAULT pg_catalog.now())
    RETURNS TABLE (level integer, parent pg_catalog.regclass, partition pg_catalog.text, action pg_catalog.text,
        lower pg_catalog.text, upper pg_catalog.text, subpartitions pg_catalog.jsonb, lock_timeout interval, blocks_writes boolean, problem pg_catalog.text)
    LANGUAGE plpgsql STABLE
    SET search_path = ''
AS $function$
DECLARE
    policy specql.partition_policy;
BEGIN
    FOR policy IN SELECT p.* FROM specql.partition_policy AS p ORDER BY p.level, p.schema_name, p.table_name LOOP
        -- What is wrong with one policy is said, and the others go on.
        BEGIN
            RETURN QUERY
                SELECT policy.level, s.parent, s.partition, s.action, s.lower, s.upper,
                    policy.subpartitions, policy.lock_timeout, s.blocks_writes, s.problem
                FROM specql.plan_partition_policy(policy, as_of) AS s;
        EXCEPTION WHEN OTHERS THEN
            RETURN QUERY
                SELECT policy.level,
                    pg_catalog.to_regclass(pg_catalog.format('%I.%I', policy.schema_name, policy.table_name)),
                    NULL::pg_catalog.text, 'read policy', NULL::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.jsonb,
                    NULL::interval, false,
                    pg_catalog.format('policy of %I.%I, level %s: %s',
                        policy.schema_name, policy.table_name, policy.level, SQLERRM);
        END;
    END LOOP;
END
$function$;

COMMENT ON ROUTINE specql.plan_partitions IS 'What specql.maintain_partitions would do for that moment; changes nothing';

CREATE TABLE public.orders_2023_01 PARTITION OF public.orders
    FOR VALUES FROM ('2023-01-01 00:00:00+00') TO ('2023-02-01 00:00:00+00');

CREATE TABLE public.orders_2023_02 PARTITION OF public.orders
    FOR VALUES FROM ('2023-02-01 00:00:00+00') TO ('2023-03-01 00:00:00+00');

CREATE TABLE public.orders_2023_03 PARTITION OF public.orders
    FOR VALUES FROM ('2023-03-01 00:00:00+00') TO ('2023-04-01 00:00:00+00');

CREATE TABLE public.orders_2023_04 PARTITION OF public.orders
    FOR VALUES FROM ('2023-04-01 00:00:00+00') TO ('2023-05-01 00:00:00+00');

CREATE TABLE public.orders_2023_05 PARTITION OF public.orders
    FOR VALUES FROM ('2023-05-01 00:00:00+00') TO ('2023-06-01 00:00:00+00');

CREATE TABLE public.orders_2023_06 PARTITION OF public.orders
    FOR VALUES FROM ('2023-06-01 00:00:00+00') TO ('2023-07-01 00:00:00+00');

CREATE TABLE public.orders_2023_07 PARTITION OF public.orders
    FOR VALUES FROM ('2023-07-01 00:00:00+00') TO ('2023-08-01 00:00:00+00');

CREATE TABLE public.orders_2023_08 PARTITION OF public.orders
    FOR VALUES FROM ('2023-08-01 00:00:00+00') TO ('2023-09-01 00:00:00+00');

CREATE TABLE public.orders_2023_09 PARTITION OF public.orders
    FOR VALUES FROM ('2023-09-01 00:00:00+00') TO ('2023-10-01 00:00:00+00');

CREATE TABLE public.orders_2023_10 PARTITION OF public.orders
    FOR VALUES FROM ('2023-10-01 00:00:00+00') TO ('2023-11-01 00:00:00+00');

CREATE TABLE public.orders_2023_11 PARTITION OF public.orders
    FOR VALUES FROM ('2023-11-01 00:00:00+00') TO ('2023-12-01 00:00:00+00');

CREATE TABLE public.orders_2023_12 PARTITION OF public.orders
    FOR VALUES FROM ('2023-12-01 00:00:00+00') TO ('2024-01-01 00:00:00+00');

CREATE TABLE public.orders_2024_01 PARTITION OF public.orders
    FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2024-02-01 00:00:00+00');

CREATE TABLE public.orders_2024_02 PARTITION OF public.orders
    FOR VALUES FROM ('2024-02-01 00:00:00+00') TO ('2024-03-01 00:00:00+00');

CREATE TABLE public.orders_2024_03 PARTITION OF public.orders
    FOR VALUES FROM ('2024-03-01 00:00:00+00') TO ('2024-04-01 00:00:00+00');

CREATE TABLE public.orders_2024_04 PARTITION OF public.orders
    FOR VALUES FROM ('2024-04-01 00:00:00+00') TO ('2024-05-01 00:00:00+00');

CREATE TABLE public.orders_2024_05 PARTITION OF public.orders
    FOR VALUES FROM ('2024-05-01 00:00:00+00') TO ('2024-06-01 00:00:00+00');

CREATE TABLE public.orders_2024_06 PARTITION OF public.orders
    FOR VALUES FROM ('2024-06-01 00:00:00+00') TO ('2024-07-01 00:00:00+00');

CREATE TABLE public.orders_2024_07 PARTITION OF public.orders
    FOR VALUES FROM ('2024-07-01 00:00:00+00') TO ('2024-08-01 00:00:00+00');

CREATE TABLE public.orders_2024_08 PARTITION OF public.orders
    FOR VALUES FROM ('2024-08-01 00:00:00+00') TO ('2024-09-01 00:00:00+00');

CREATE TABLE public.orders_2024_09 PARTITION OF public.orders
    FOR VALUES FROM ('2024-09-01 00:00:00+00') TO ('2024-10-01 00:00:00+00');

CREATE TABLE public.orders_2024_10 PARTITION OF public.orders
    FOR VALUES FROM ('2024-10-01 00:00:00+00') TO ('2024-11-01 00:00:00+00');

CREATE TABLE public.orders_2024_11 PARTITION OF public.orders
    FOR VALUES FROM ('2024-11-01 00:00:00+00') TO ('2024-12-01 00:00:00+00');

CREATE TABLE public.orders_2024_12 PARTITION OF public.orders
    FOR VALUES FROM ('2024-12-01 00:00:00+00') TO ('2025-01-01 00:00:00+00');

CREATE TABLE public.orders_2025_01 PARTITION OF public.orders
    FOR VALUES FROM ('2025-01-01 00:00:00+00') TO ('2025-02-01 00:00:00+00');

CREATE TABLE public.orders_2025_02 PARTITION OF public.orders
    FOR VALUES FROM ('2025-02-01 00:00:00+00') TO ('2025-03-01 00:00:00+00');

CREATE TABLE public.orders_2025_03 PARTITION OF public.orders
    FOR VALUES FROM ('2025-03-01 00:00:00+00') TO ('2025-04-01 00:00:00+00');

CREATE TABLE public.orders_2025_04 PARTITION OF public.orders
    FOR VALUES FROM ('2025-04-01 00:00:00+00') TO ('2025-05-01 00:00:00+00');

CREATE INDEX idx_categories_parent_id ON catalog.categories (parent_id);

CREATE INDEX idx_categories_path ON catalog.categories USING gist (path);

CREATE INDEX idx_metadata_tags ON catalog.products USING gin (metadata) WHERE (metadata ? 'tags');

CREATE INDEX idx_products_category_price ON catalog.products (category_id, price);

CREATE INDEX idx_products_created_at ON catalog.products USING brin (created_at) WITH (pages_per_range = '32');

CREATE INDEX idx_products_stock ON catalog.products (stock);

CREATE INDEX idx_products_tags ON catalog.products USING gin (tags);

CREATE INDEX idx_departments_parent_id ON public.departments (parent_id);

CREATE INDEX idx_departments_tenant_id ON public.departments (tenant_id);

CREATE INDEX idx_order_items_product_id ON public.order_items (product_id);

CREATE INDEX idx_orders_covering ON public.orders (tenant_id, status, created_at DESC) INCLUDE (total_amount, shipping_address);

CREATE INDEX idx_orders_customer_status_date ON public.orders (customer_id, status, created_at DESC);

CREATE INDEX idx_tenants_plan_created_at ON public.tenants (plan, created_at DESC);

CREATE INDEX idx_tenants_settings ON public.tenants USING gin (settings jsonb_path_ops);

CREATE INDEX idx_users_department_id ON public.users (department_id);

CREATE UNIQUE INDEX idx_users_email_active ON public.users (email) WHERE (status = 'active');

CREATE INDEX idx_users_lower_full_name_login ON public.users (lower(full_name), login COLLATE "C");

CREATE INDEX idx_users_tenant_id_last_login ON public.users (tenant_id, last_login DESC NULLS LAST);

CREATE TRIGGER set_updated_at
    BEFORE UPDATE ON catalog.products
    FOR EACH ROW
    EXECUTE FUNCTION specql.set_updated_at();

CREATE TRIGGER set_updated_at
    BEFORE UPDATE ON public.users
    FOR EACH ROW
    EXECUTE FUNCTION specql.set_updated_at();

CREATE VIEW specql.partition_status AS
SELECT
    report.table_name,
    report.level,
    report.partitions,
    report.ahead,
    report.covered_until,
    report.next_expiry,
    report.default_partition,
    report.rows_in_default,
    report.problem
FROM specql.partition_report() AS report;

COMMENT ON VIEW specql.partition_status IS 'For each table with a policy: how many periods are ready ahead, until when, and when the next one goes';

CREATE VIEW specql.status AS
SELECT
    object.kind,
    partition_status.table_name AS name,
    partition_status.problem IS NULL AS ok,
    NULL::timestamp with time zone AS last_refresh,
    NULL::bigint AS pending_marks,
    NULL::timestamp with time zone AS pending_since,
    partition_status.ahead AS partitions_ahead,
    partition_status.next_expiry,
    partition_status.rows_in_default,
    partition_status.problem
FROM (VALUES
    ('partitioned table')
) AS object (kind)
LEFT JOIN specql.partition_status ON object.kind = 'partitioned table'
WHERE partition_status.table_name IS NOT NULL;

COMMENT ON VIEW specql.status IS 'Each projection that is refreshed and each partitioned table that is kept: how it stands, and what is wrong';

INSERT INTO specql.partition_policy
    (schema_name, table_name, level, unit, units, premake, starts_at, retention, retention_action, subpartitions)
VALUES
    ('public', 'orders', 0, 'month', 1, 3, '2023-01-01 00:00:00', '2 years', 'detach', NULL)
ON CONFLICT (schema_name, table_name, level) DO UPDATE SET
    unit = EXCLUDED.unit,
    units = EXCLUDED.units,
    premake = EXCLUDED.premake,
    starts_at = EXCLUDED.starts_at,
    retention = EXCLUDED.retention,
    retention_action = EXCLUDED.retention_action,
    subpartitions = EXCLUDED.subpartitions;
