-- specql:transaction
-- Back from 0031 deliveries, part 2 of 2
-- The way back: what was written since then may be lost.
-- hazards: breaks-old-code
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter view public.user_overview   access exclusive · 2 steps
--       allowed breaks-old-code: `public.user_overview` has no longer all of its columns (public.user_overview)
--   + create view public.user_overview  no lock
--   ~ alter view public.user_overview   no lock

SET LOCAL lock_timeout = '3s';

DO $function$
BEGIN
    -- Who owns it, who may do what with it, and who is sent its changes: that goes over to what takes its place.
    PERFORM pg_catalog.set_config('specql.privileges', (
        SELECT coalesce(nullif(pg_catalog.current_setting('specql.privileges', true), ''), '{}')::pg_catalog.jsonb
            || pg_catalog.jsonb_build_object('public.user_overview', pg_catalog.jsonb_build_object(
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
                        'public.user_overview',
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
                        'public.user_overview',
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
        WHERE relation.oid = 'public.user_overview'::pg_catalog.regclass
    )::pg_catalog.text, true);
END
$function$;

DROP VIEW public.user_overview;

CREATE VIEW public.user_overview AS
SELECT
    users.id,
    users.display_name,
    users.status,
    departments.name AS department,
    coalesce(orders.orders, 0) AS orders,
    orders.biggest
FROM public.users
LEFT JOIN public.departments ON users.department_id = departments.id
LEFT JOIN (
    SELECT
        orders.customer_id,
        COUNT(*) AS orders,
        MAX(orders.total_amount) AS biggest
    FROM public.orders
    WHERE orders.status <> 'cart'
    GROUP BY orders.customer_id
) AS orders ON orders.customer_id = users.id
WHERE users.deleted_at IS NULL;

DO $function$
DECLARE
    noted pg_catalog.jsonb := pg_catalog.current_setting('specql.privileges')::pg_catalog.jsonb -> 'public.user_overview';
    entry record;
    made pg_catalog.text;
BEGIN
    IF noted IS NULL THEN
        RAISE EXCEPTION 'nobody has noted who may use %', 'public.user_overview';
    END IF;
    -- What it was given by ALTER DEFAULT PRIVILEGES is not what its forerunner had.
    FOR entry IN
        SELECT DISTINCT CASE granted.grantee WHEN 0 THEN 'PUBLIC' ELSE granted.grantee::pg_catalog.regrole::pg_catalog.text END AS role
        FROM pg_catalog.pg_class AS relation, pg_catalog.aclexplode(relation.relacl) AS granted
        WHERE relation.oid = 'public.user_overview'::pg_catalog.regclass AND granted.grantee <> relation.relowner
    LOOP
        EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM %s', 'public.user_overview', entry.role);
    END LOOP;
    FOR entry IN
        SELECT granted."right", granted.role, granted.grantable, attribute.attname
        FROM pg_catalog.jsonb_to_recordset(noted -> 'granted')
            AS granted ("right" pg_catalog.text, "column" pg_catalog.text, role pg_catalog.text, grantable pg_catalog.bool)
        LEFT JOIN pg_catalog.pg_attribute AS attribute
            ON attribute.attrelid = 'public.user_overview'::pg_catalog.regclass AND attribute.attname = granted."column"
        WHERE granted."column" IS NULL OR attribute.attname IS NOT NULL
    LOOP
        EXECUTE pg_catalog.format('GRANT %s%s ON %s TO %s%s', entry."right",
            CASE WHEN entry.attname IS NOT NULL THEN pg_catalog.format(' (%I)', entry.attname) END,
            'public.user_overview', entry.role, CASE WHEN entry.grantable THEN ' WITH GRANT OPTION' END);
    END LOOP;
    FOR made IN
        SELECT pg_catalog.concat('CREATE POLICY ', policy.made)
        FROM pg_catalog.jsonb_array_elements_text(noted -> 'policies') AS policy (made)
        UNION ALL
        SELECT pg_catalog.concat('ALTER PUBLICATION ', publication.made)
        FROM pg_catalog.jsonb_array_elements_text(noted -> 'publications') AS publication (made)
        UNION ALL
        SELECT pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', 'public.user_overview')
        WHERE (noted ->> 'row_security')::pg_catalog.bool
        UNION ALL
        SELECT pg_catalog.format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', 'public.user_overview')
        WHERE (noted ->> 'forced')::pg_catalog.bool
    LOOP
        EXECUTE made;
    END LOOP;
    IF (noted ->> 'owner')::pg_catalog.regrole <> pg_catalog.quote_ident(current_user)::pg_catalog.regrole THEN
        EXECUTE pg_catalog.format('ALTER TABLE %s OWNER TO %s', 'public.user_overview', noted ->> 'owner');
    END IF;
END
$function$;

COMMENT ON VIEW public.user_overview IS 'Users with what they did';
