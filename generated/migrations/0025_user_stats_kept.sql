-- specql:transaction
-- 0025 user_stats_kept, part 2 of 4
-- Contract: apply it when no old version of the application runs any more.
-- hazards: breaks-old-code
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create 1 object of schema specql                          share row exclusive
--   + create trigger user_stats_refresh_create of public.users  share row exclusive
--   + create trigger user_stats_refresh_update of public.users  share row exclusive
--   ~ alter view public.user_stats                              no lock
--   - drop view public.user_stats                               access exclusive · contract
--       allowed breaks-old-code: who reads `public.user_stats` fails from then on (public.user_stats)
--   ~ alter view specql.projection_status                       access exclusive
--   + create materialized view public.user_stats                no lock
--   ~ alter materialized view public.user_stats                 no lock

SET LOCAL lock_timeout = '3s';

CREATE TRIGGER user_stats_refresh_create
    AFTER INSERT ON public.users
    FOR EACH STATEMENT
    EXECUTE FUNCTION specql.request_refresh('public.user_stats');

CREATE TRIGGER user_stats_refresh_update
    AFTER UPDATE ON public.users
    FOR EACH STATEMENT
    EXECUTE FUNCTION specql.request_refresh('public.user_stats');

CREATE CONSTRAINT TRIGGER refresh_requested
    AFTER INSERT ON specql.refresh_request
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW
    WHEN (new.at_commit)
    EXECUTE FUNCTION specql.refresh_requested();

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

DROP VIEW public.user_stats;

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
    ('catalog.product_sales', 'queued', FALSE, TRUE),
    ('public.user_stats', 'commit', TRUE, TRUE)
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

CREATE MATERIALIZED VIEW public.user_stats AS
SELECT
    users.id,
    users.status,
    users.created_at,
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
) AS orders ON orders.customer_id = users.id
WHERE users.created_at > now() - interval '90 days'
WITH DATA;

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
