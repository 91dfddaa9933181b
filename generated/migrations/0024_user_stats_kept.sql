-- specql:transaction
-- 0024 user_stats_kept, part 1 of 4
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create 4 objects of schema specql         no lock · 4 steps
--   ~ alter function specql.refresh_projection  no lock
--   ~ alter function specql.run_partition_step  no lock

SET LOCAL lock_timeout = '3s';

CREATE FUNCTION specql.mark_projections(parent pg_catalog.regclass) RETURNS void
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = ''
AS $function$
DECLARE
    marked pg_catalog.text;
BEGIN
    -- No trigger sees a partition go. The time is that of the mark: what the transaction itself writes to the table may have
    -- asked for a refresh at its end, under the time of its beginning.
    FOR marked IN
        INSERT INTO specql.refresh_request (projection, transaction_id, requested_at, at_commit, everything)
        SELECT reader.projection, pg_current_xact_id(), clock_timestamp(), FALSE, TRUE
        FROM (VALUES
            ('public.orders', 'public.user_stats')
        ) AS reader (source, projection)
        WHERE pg_catalog.to_regclass(reader.source) = pg_catalog.pg_partition_root(parent)
        ON CONFLICT DO NOTHING
        RETURNING projection
    LOOP
        PERFORM pg_notify('specql_refresh', marked);
    END LOOP;
END
$function$;

REVOKE ALL ON FUNCTION specql.mark_projections(pg_catalog.regclass) FROM PUBLIC;

COMMENT ON ROUTINE specql.mark_projections IS 'Marks the projections that read a partitioned table, because it has lost a partition, for specql.refresh_projections()';

CREATE OR REPLACE FUNCTION specql.refresh_projection(projection pg_catalog.text) RETURNS void
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = ''
AS $function$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        -- Its snapshot may be older than what the projection shows.
        RAISE EXCEPTION 'a projection cannot be refreshed at isolation level %', current_setting('transaction_isolation')
            USING ERRCODE = 'invalid_transaction_state', HINT = 'Refresh it in a transaction at READ COMMITTED.';
    END IF;
    CASE projection
        WHEN 'catalog.product_sales' THEN
            PERFORM specql.refresh_catalog_product_sales();
        WHEN 'public.user_stats' THEN
            PERFORM specql.refresh_public_user_stats();
        ELSE
            RAISE EXCEPTION 'there is no materialized projection %', projection
                USING ERRCODE = 'undefined_object', HINT = 'specql.projection_status lists them.';
    END CASE;
END
$function$;

REVOKE ALL ON FUNCTION specql.refresh_projection(pg_catalog.text) FROM PUBLIC;

CREATE FUNCTION specql.refresh_public_user_stats() RETURNS void
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = ''
AS $function$
DECLARE
    started CONSTANT timestamp with time zone := clock_timestamp();
BEGIN
    -- What is read is locked before the projection is: a transaction that has emptied a source, and refreshes when it
    -- commits, would wait for the projection while its holder waits for the source.
    LOCK TABLE public.orders, public.users IN ACCESS SHARE MODE;
    -- One refresh at a time, in a statement of its own: the snapshot of the next ones is taken with the lock held, and
    -- sees what the refresh before has committed.
    PERFORM pg_advisory_xact_lock(hashtextextended('public.user_stats', 0));
    -- Requests that are seen here are of transactions that REFRESH sees too; later ones stay.
    DELETE FROM specql.refresh_request AS request WHERE request.projection = 'public.user_stats';
    -- The first time there is nothing to compare with.
    IF (
        SELECT relation.relispopulated
        FROM pg_catalog.pg_class AS relation
        WHERE relation.oid = 'public.user_stats'::pg_catalog.regclass
    ) THEN
        REFRESH MATERIALIZED VIEW CONCURRENTLY public.user_stats;
    ELSE
        REFRESH MATERIALIZED VIEW public.user_stats;
    END IF;
    INSERT INTO specql.projection_refresh (projection, refreshed_at, took)
    VALUES ('public.user_stats', clock_timestamp(), clock_timestamp() - started)
    ON CONFLICT (projection) DO UPDATE SET refreshed_at = excluded.refreshed_at, took = excluded.took;
END
$function$;

REVOKE ALL ON FUNCTION specql.refresh_public_user_stats() FROM PUBLIC;

COMMENT ON ROUTINE specql.refresh_public_user_stats IS 'Refreshes the materialized view public.user_stats, one caller at a time';

CREATE FUNCTION specql.refresh_requested() RETURNS trigger
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = ''
AS $function$
DECLARE
    -- The first request of a transaction that comes here takes the others with it, in the order of their names: of two
    -- transactions that touch the same projections none waits for the other crosswise.
    all_requested CONSTANT pg_catalog.text[] := ARRAY(
        SELECT request.projection
        FROM specql.refresh_request AS request
        WHERE request.transaction_id = pg_current_xact_id() AND request.at_commit
        ORDER BY request.projection COLLATE "C"
    );
    requested pg_catalog.text;
BEGIN
    -- All sources before any projection: a transaction that has emptied one has locked it, and comes for the projections next.
    FOREACH requested IN ARRAY all_requested LOOP
        CASE requested
            WHEN 'public.user_stats' THEN
                LOCK TABLE ONLY public.orders, ONLY public.users IN ACCESS SHARE MODE;
            ELSE NULL;
        END CASE;
    END LOOP;
    FOREACH requested IN ARRAY all_requested LOOP
        BEGIN
            PERFORM specql.refresh_projection(requested);
        EXCEPTION
            WHEN object_in_use THEN
                -- An open cursor of this session reads the projection: the request stays, as a mark.
                PERFORM pg_notify('specql_refresh', requested);
        END;
    END LOOP;
    RETURN NULL;
END
$function$;

REVOKE ALL ON FUNCTION specql.refresh_requested() FROM PUBLIC;

COMMENT ON ROUTINE specql.refresh_requested IS 'Refreshes, at the end of a transaction, the projections that it has requested';

CREATE FUNCTION specql.request_refresh() RETURNS trigger
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = ''
AS $function$
DECLARE
    -- The snapshot of a higher level is as old as the transaction: what others have committed since would be missing
    -- from a refresh. There the request stays, as a mark for the next refresh.
    sees_all_commits CONSTANT boolean :=
        current_setting('transaction_isolation') IN ('read committed', 'read uncommitted');
BEGIN
    -- The first of a transaction counts, however many statements follow; a savepoint takes its own back.
    INSERT INTO specql.refresh_request (projection, transaction_id, requested_at, at_commit)
    VALUES (TG_ARGV[0], pg_current_xact_id(), now(), sees_all_commits)
    ON CONFLICT DO NOTHING;
    IF FOUND AND NOT sees_all_commits THEN
        PERFORM pg_notify('specql_refresh', TG_ARGV[0]);
    END IF;
    RETURN NULL;
END
$function$;

REVOKE ALL ON FUNCTION specql.request_refresh() FROM PUBLIC;

COMMENT ON ROUTINE specql.request_refresh IS 'Requests a refresh of the projection that the trigger names at the end of the transaction';

CREATE OR REPLACE FUNCTION specql.run_partition_step(parent pg_catalog.regclass, partition pg_catalog.text, action pg_catalog.text,
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
        PERFORM specql.mark_projections(parent);
        RETURN pg_catalog.format('from %s to %s', lower, upper);
    ELSIF action = 'finish' THEN
        EXECUTE pg_catalog.format('ALTER TABLE %s DETACH PARTITION %I.%I FINALIZE', parent, parent_schema, partition);
        PERFORM specql.mark_projections(parent);
        RETURN 'a DETACH CONCURRENTLY that was interrupted';
    ELSIF action = 'mark' THEN
        -- Asked for around a DETACH CONCURRENTLY, which can be in no transaction with this.
        PERFORM specql.mark_projections(parent);
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
