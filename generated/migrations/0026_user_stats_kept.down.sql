-- specql:transaction
-- Back from 0026 user_stats_kept, part 3 of 3
-- The way back: what was written since then may be lost.
-- hazards: breaks-old-code
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter function specql.refresh_projection                  no lock
--   ~ alter function specql.run_partition_step                  no lock
--   ~ alter view specql.projection_status                       access exclusive
--   ~ alter materialized view public.user_stats                 no lock
--   - drop materialized view public.user_stats                  access exclusive · contract
--       allowed breaks-old-code: who reads `public.user_stats` fails from then on (public.user_stats)
--   + create view public.user_stats                             no lock
--   ~ alter view public.user_stats                              no lock
--   - drop trigger user_stats_refresh_create of public.users    access exclusive · contract
--   - drop trigger user_stats_refresh_update of public.users    access exclusive · contract
--   - drop trigger refresh_requested of specql.refresh_request  access exclusive · contract

SET LOCAL lock_timeout = '3s';

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
        ELSE
            RAISE EXCEPTION 'there is no materialized projection %', projection
                USING ERRCODE = 'undefined_object', HINT = 'specql.projection_status lists them.';
    END CASE;
END
$function$;

REVOKE ALL ON FUNCTION specql.refresh_projection(pg_catalog.text) FROM PUBLIC;

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

CREATE OR REPLACE VIEW specql.projection_status AS
SELECT
    projection.name AS projection,
    projection.mode,
    (coalesce(pending.marks, 0) > 0) OR ((latest.refreshed_at IS NULL) AND projection.due_when_unknown) OR projection.unasked AS due,
    coalesce(pending.marks, 0) AS pending_marks,
    pending.since AS pending_since,
    latest.refreshed_at AS last_refresh,
    latest.took AS last_refresh_took,
    CASE
        WHEN (latest.refreshed_at IS NULL) AND projection.due_when_unknown THEN 'nobody knows of a refresh since the schema was loaded or the server crashed: CALL specql.refresh_projections()'
        WHEN (projection.mode = 'incremental') AND (coalesce(pending.marks, 0) > 0) THEN 'a source has lost a partition, whose rows are still shown: CALL specql.refresh_projections()'
        WHEN pending.since < (now() - '1 hour'::interval) THEN 'marks wait for longer than an hour: nobody calls specql.refresh_projections(), or it fails'
    END AS problem
FROM (VALUES
    ('catalog.product_sales', 'queued', FALSE, TRUE)
) AS projection (name, mode, unasked, due_when_unknown)
LEFT JOIN (
    SELECT
        request.projection,
        count(*) AS marks,
        min(request.requested_at) AS since
    FROM specql.refresh_request AS request
    GROUP BY request.projection
) AS pending ON pending.projection = projection.name
LEFT JOIN specql.projection_refresh AS latest ON latest.projection = projection.name;

DO $function$
BEGIN
    -- Who owns it, who may do what with it, and who is sent its changes: that goes over to what takes its place.
    PERFORM pg_catalog.set_config('specql.privileges', (
        SELECT coalesce(nullif(pg_catalog.current_setting('specql.privileges', true), ''), '{}')::pg_catalog.jsonb
            || pg_catalog.jsonb_build_object('public.user_stats', pg_catalog.jsonb_build_object(
                'owner', relation.relowner::pg_catalog.regrole,
                'granted', (
                    SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                        'right', granted.privilege_type,
                        'column', granted.attname,
                        'role', CASE granted.grantee WHEN 0 THEN 'PUBLIC' ELSE granted.grantee::pg_catalog.regrole::pg_catalog.text END,
                        'grantable', granted.is_grantable
                    )), '[]')
                    FROM (
                        SELECT NULL::pg_catalog.name AS attname, entry.*
                        FROM pg_catalog.aclexplode(relation.relacl) AS entry
                        UNION ALL
                        SELECT attribute.attname, entry.*
                        FROM pg_catalog.pg_attribute AS attribute, pg_catalog.aclexplode(attribute.attacl) AS entry
                        WHERE attribute.attrelid = relation.oid
                    ) AS granted
                    WHERE granted.grantee <> relation.relowner
                ),
                'row_security', relation.relrowsecurity,
                'forced', relation.relforcerowsecurity,
                'policies', (
                    SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.format(
                        '%I ON %s AS %s FOR %s TO %s%s%s',
                        policy.polname,
                        'public.user_stats',
                        CASE WHEN policy.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
                        CASE policy.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
                        (
                            SELECT pg_catalog.string_agg(CASE member.role WHEN 0 THEN 'PUBLIC' ELSE member.role::pg_catalog.regrole::pg_catalog.text END, ', ')
                            FROM pg_catalog.unnest(policy.polroles) AS member (role)
                        ),
                        ' USING (' || pg_catalog.pg_get_expr(policy.polqual, policy.polrelid) || ')',
                        ' WITH CHECK (' || pg_catalog.pg_get_expr(policy.polwithcheck, policy.polrelid) || ')'
                    )), '[]')
                    FROM pg_catalog.pg_policy AS policy
                    WHERE policy.polrelid = relation.oid
                ),
                'publications', (
                    SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.format(
                        '%I ADD TABLE %s%s%s',
                        publication.pubname,
                        'public.user_stats',
                        (
                            SELECT ' (' || pg_catalog.string_agg(pg_catalog.quote_ident(attribute.attname), ', ') || ')'
                            FROM pg_catalog.pg_attribute AS attribute
                            WHERE attribute.attrelid = relation.oid AND attribute.attnum = ANY (published.prattrs)
                        ),
                        ' WHERE (' || pg_catalog.pg_get_expr(published.prqual, published.prrelid) || ')'
                    )), '[]')
                    FROM pg_catalog.pg_publication_rel AS published
                    JOIN pg_catalog.pg_publication AS publication ON publication.oid = published.prpubid
                    WHERE published.prrelid = relation.oid
                )
            ))
        FROM pg_catalog.pg_class AS relation
        WHERE relation.oid = 'public.user_stats'::pg_catalog.regclass
    )::pg_catalog.text, true);
END
$function$;

DROP MATERIALIZED VIEW public.user_stats;

CREATE VIEW public.user_stats AS
SELECT
    users.id,
    users.status,
    coalesce(orders.order_count, 0) AS order_count,
    orders.total_spent
FROM public.users
LEFT JOIN (
    SELECT
        orders.customer_id,
        COUNT(*) AS order_count,
        SUM(orders.total_amount) AS total_spent
    FROM public.orders
    GROUP BY orders.customer_id
) AS orders ON orders.customer_id = users.id;

DO $function$
DECLARE
    noted pg_catalog.jsonb := pg_catalog.current_setting('specql.privileges')::pg_catalog.jsonb -> 'public.user_stats';
    entry record;
    made pg_catalog.text;
BEGIN
    IF noted IS NULL THEN
        RAISE EXCEPTION 'nobody has noted who may use %', 'public.user_stats';
    END IF;
    -- What it was given by ALTER DEFAULT PRIVILEGES is not what its forerunner had.
    FOR entry IN
        SELECT DISTINCT CASE granted.grantee WHEN 0 THEN 'PUBLIC' ELSE granted.grantee::pg_catalog.regrole::pg_catalog.text END AS role
        FROM pg_catalog.pg_class AS relation, pg_catalog.aclexplode(relation.relacl) AS granted
        WHERE relation.oid = 'public.user_stats'::pg_catalog.regclass AND granted.grantee <> relation.relowner
    LOOP
        EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM %s', 'public.user_stats', entry.role);
    END LOOP;
    FOR entry IN
        SELECT granted."right", granted.role, granted.grantable, attribute.attname
        FROM pg_catalog.jsonb_to_recordset(noted -> 'granted')
            AS granted ("right" pg_catalog.text, "column" pg_catalog.text, role pg_catalog.text, grantable pg_catalog.bool)
        LEFT JOIN pg_catalog.pg_attribute AS attribute
            ON attribute.attrelid = 'public.user_stats'::pg_catalog.regclass AND attribute.attname = granted."column"
        WHERE granted."column" IS NULL OR attribute.attname IS NOT NULL
    LOOP
        EXECUTE pg_catalog.format('GRANT %s%s ON %s TO %s%s', entry."right",
            CASE WHEN entry.attname IS NOT NULL THEN pg_catalog.format(' (%I)', entry.attname) END,
            'public.user_stats', entry.role, CASE WHEN entry.grantable THEN ' WITH GRANT OPTION' END);
    END LOOP;
    FOR made IN
        SELECT pg_catalog.concat('CREATE POLICY ', policy.made)
        FROM pg_catalog.jsonb_array_elements_text(noted -> 'policies') AS policy (made)
        UNION ALL
        SELECT pg_catalog.concat('ALTER PUBLICATION ', publication.made)
        FROM pg_catalog.jsonb_array_elements_text(noted -> 'publications') AS publication (made)
        UNION ALL
        SELECT pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', 'public.user_stats')
        WHERE (noted ->> 'row_security')::pg_catalog.bool
        UNION ALL
        SELECT pg_catalog.format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', 'public.user_stats')
        WHERE (noted ->> 'forced')::pg_catalog.bool
    LOOP
        EXECUTE made;
    END LOOP;
    IF (noted ->> 'owner')::pg_catalog.regrole <> pg_catalog.quote_ident(current_user)::pg_catalog.regrole THEN
        EXECUTE pg_catalog.format('ALTER TABLE %s OWNER TO %s', 'public.user_stats', noted ->> 'owner');
    END IF;
END
$function$;

DROP TRIGGER user_stats_refresh_create ON public.users;

DROP TRIGGER user_stats_refresh_update ON public.users;

DROP TRIGGER refresh_requested ON specql.refresh_request;
