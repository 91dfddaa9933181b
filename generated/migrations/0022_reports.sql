-- specql:transaction
-- 0022 reports, part 2 of 3
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create 2 objects of schema specql  no lock · 2 steps
--   ~ alter view specql.status           access exclusive · 3 steps

SET LOCAL lock_timeout = '3s';

CREATE VIEW specql.projection_status AS
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

COMMENT ON VIEW specql.projection_status IS 'Projections that are refreshed: what waits for a refresh, and when the last one was (unknown after a crash, until the next)';

DO $function$
BEGIN
    -- Who owns it, who may do what with it, and who is sent its changes: that goes over to what takes its place.
    PERFORM pg_catalog.set_config('specql.privileges', (
        SELECT coalesce(nullif(pg_catalog.current_setting('specql.privileges', true), ''), '{}')::pg_catalog.jsonb
            || pg_catalog.jsonb_build_object('specql.status', pg_catalog.jsonb_build_object(
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
                        'specql.status',
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
                        'specql.status',
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
        WHERE relation.oid = 'specql.status'::pg_catalog.regclass
    )::pg_catalog.text, true);
END
$function$;

DROP VIEW specql.status;

CREATE VIEW specql.status AS
SELECT
    object.kind,
    coalesce(projection_status.projection, partition_status.table_name) AS name,
    coalesce(projection_status.problem, partition_status.problem) IS NULL AS ok,
    projection_status.last_refresh,
    projection_status.pending_marks,
    projection_status.pending_since,
    partition_status.ahead AS partitions_ahead,
    partition_status.next_expiry,
    partition_status.rows_in_default,
    coalesce(projection_status.problem, partition_status.problem) AS problem
FROM (VALUES
    ('projection'),
    ('partitioned table')
) AS object (kind)
LEFT JOIN specql.projection_status ON object.kind = 'projection'
LEFT JOIN specql.partition_status ON object.kind = 'partitioned table'
WHERE coalesce(projection_status.projection, partition_status.table_name) IS NOT NULL;

DO $function$
DECLARE
    noted pg_catalog.jsonb := pg_catalog.current_setting('specql.privileges')::pg_catalog.jsonb -> 'specql.status';
    entry record;
    made pg_catalog.text;
BEGIN
    IF noted IS NULL THEN
        RAISE EXCEPTION 'nobody has noted who may use %', 'specql.status';
    END IF;
    -- What it was given by ALTER DEFAULT PRIVILEGES is not what its forerunner had.
    FOR entry IN
        SELECT DISTINCT CASE granted.grantee WHEN 0 THEN 'PUBLIC' ELSE granted.grantee::pg_catalog.regrole::pg_catalog.text END AS role
        FROM pg_catalog.pg_class AS relation, pg_catalog.aclexplode(relation.relacl) AS granted
        WHERE relation.oid = 'specql.status'::pg_catalog.regclass AND granted.grantee <> relation.relowner
    LOOP
        EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM %s', 'specql.status', entry.role);
    END LOOP;
    FOR entry IN
        SELECT granted."right", granted.role, granted.grantable, attribute.attname
        FROM pg_catalog.jsonb_to_recordset(noted -> 'granted')
            AS granted ("right" pg_catalog.text, "column" pg_catalog.text, role pg_catalog.text, grantable pg_catalog.bool)
        LEFT JOIN pg_catalog.pg_attribute AS attribute
            ON attribute.attrelid = 'specql.status'::pg_catalog.regclass AND attribute.attname = granted."column"
        WHERE granted."column" IS NULL OR attribute.attname IS NOT NULL
    LOOP
        EXECUTE pg_catalog.format('GRANT %s%s ON %s TO %s%s', entry."right",
            CASE WHEN entry.attname IS NOT NULL THEN pg_catalog.format(' (%I)', entry.attname) END,
            'specql.status', entry.role, CASE WHEN entry.grantable THEN ' WITH GRANT OPTION' END);
    END LOOP;
    FOR made IN
        SELECT pg_catalog.concat('CREATE POLICY ', policy.made)
        FROM pg_catalog.jsonb_array_elements_text(noted -> 'policies') AS policy (made)
        UNION ALL
        SELECT pg_catalog.concat('ALTER PUBLICATION ', publication.made)
        FROM pg_catalog.jsonb_array_elements_text(noted -> 'publications') AS publication (made)
        UNION ALL
        SELECT pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', 'specql.status')
        WHERE (noted ->> 'row_security')::pg_catalog.bool
        UNION ALL
        SELECT pg_catalog.format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', 'specql.status')
        WHERE (noted ->> 'forced')::pg_catalog.bool
    LOOP
        EXECUTE made;
    END LOOP;
    IF (noted ->> 'owner')::pg_catalog.regrole <> pg_catalog.quote_ident(current_user)::pg_catalog.regrole THEN
        EXECUTE pg_catalog.format('ALTER TABLE %s OWNER TO %s', 'specql.status', noted ->> 'owner');
    END IF;
END
$function$;

COMMENT ON VIEW specql.status IS 'Each projection that is refreshed and each partitioned table that is kept: how it stands, and what is wrong';
