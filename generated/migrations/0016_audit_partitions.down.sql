-- specql:transaction
-- Back from 0016 audit_partitions, part 6 of 6
-- The way back: what was written since then may be lost.
-- hazards: blocks-reads, blocks-writes, may-fail-on-data, rewrites-table
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter table audit.audit_log    access exclusive · rewrites · 12 steps
--       allowed rewrites-table, blocks-reads, blocks-writes: all rows are copied into the table's new form (audit.audit_log)
--         safer: partition by range: the rows so far stay where they are
--       allowed may-fail-on-data: a row that breaks `audit_log_pkey` stops it (audit.audit_log)
--   ~ comment table audit.audit_log  share update exclusive

SET LOCAL lock_timeout = '3s';

DO $function$
BEGIN
    -- Who owns it, who may do what with it, and who is sent its changes: that goes over to what takes its place.
    PERFORM pg_catalog.set_config('specql.privileges', (
        SELECT coalesce(nullif(pg_catalog.current_setting('specql.privileges', true), ''), '{}')::pg_catalog.jsonb
            || pg_catalog.jsonb_build_object('audit.audit_log', pg_catalog.jsonb_build_object(
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
                        'audit.audit_log',
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
                        'audit.audit_log',
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
        WHERE relation.oid = 'audit.audit_log'::pg_catalog.regclass
    )::pg_catalog.text, true);
END
$function$;

CREATE SCHEMA specql_old;

DO $function$
DECLARE
    part pg_catalog.regclass;
BEGIN
    -- With it go the partitions that there are, whoever has made them.
    FOR part IN
        SELECT 'audit.audit_log'::pg_catalog.regclass
        UNION ALL
        SELECT tree.relid FROM pg_catalog.pg_partition_tree('audit.audit_log') AS tree
        WHERE tree.relid <> 'audit.audit_log'::pg_catalog.regclass
    LOOP
        EXECUTE pg_catalog.format('ALTER TABLE %s SET SCHEMA %I', part, 'specql_old');
    END LOOP;
END
$function$;

CREATE TABLE audit.audit_log (
    id bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL,
    tenant_id uuid,
    actor_id uuid,
    action text NOT NULL,
    object text,
    before jsonb,
    after jsonb,
    from_ip inet,
    from_mac macaddr,
    at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT audit_log_pkey PRIMARY KEY (id)
);

CREATE INDEX idx_audit_log_actor_id ON audit.audit_log (actor_id);

CREATE INDEX idx_audit_log_at ON audit.audit_log USING brin (at);

CREATE INDEX idx_audit_log_tenant_id_at ON audit.audit_log (tenant_id, at DESC);

INSERT INTO audit.audit_log (id, tenant_id, actor_id, action, object, before, after, from_ip, from_mac, at) OVERRIDING SYSTEM VALUE
SELECT id, tenant_id, actor_id, action, object, before, after, from_ip, from_mac, at FROM specql_old.audit_log;

SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence('audit.audit_log', 'id'), pg_catalog.max(id))
FROM audit.audit_log
HAVING pg_catalog.max(id) IS NOT NULL;

DROP TABLE specql_old.audit_log;

DROP SCHEMA specql_old;

DO $function$
DECLARE
    noted pg_catalog.jsonb := pg_catalog.current_setting('specql.privileges')::pg_catalog.jsonb -> 'audit.audit_log';
    entry record;
    made pg_catalog.text;
BEGIN
    IF noted IS NULL THEN
        RAISE EXCEPTION 'nobody has noted who may use %', 'audit.audit_log';
    END IF;
    -- What it was given by ALTER DEFAULT PRIVILEGES is not what its forerunner had.
    FOR entry IN
        SELECT DISTINCT CASE granted.grantee WHEN 0 THEN 'PUBLIC' ELSE granted.grantee::pg_catalog.regrole::pg_catalog.text END AS role
        FROM pg_catalog.pg_class AS relation, pg_catalog.aclexplode(relation.relacl) AS granted
        WHERE relation.oid = 'audit.audit_log'::pg_catalog.regclass AND granted.grantee <> relation.relowner
    LOOP
        EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM %s', 'audit.audit_log', entry.role);
    END LOOP;
    FOR entry IN
        SELECT granted."right", granted.role, granted.grantable, attribute.attname
        FROM pg_catalog.jsonb_to_recordset(noted -> 'granted')
            AS granted ("right" pg_catalog.text, "column" pg_catalog.text, role pg_catalog.text, grantable pg_catalog.bool)
        LEFT JOIN pg_catalog.pg_attribute AS attribute
            ON attribute.attrelid = 'audit.audit_log'::pg_catalog.regclass AND attribute.attname = granted."column"
        WHERE granted."column" IS NULL OR attribute.attname IS NOT NULL
    LOOP
        EXECUTE pg_catalog.format('GRANT %s%s ON %s TO %s%s', entry."right",
            CASE WHEN entry.attname IS NOT NULL THEN pg_catalog.format(' (%I)', entry.attname) END,
            'audit.audit_log', entry.role, CASE WHEN entry.grantable THEN ' WITH GRANT OPTION' END);
    END LOOP;
    FOR made IN
        SELECT pg_catalog.concat('CREATE POLICY ', policy.made)
        FROM pg_catalog.jsonb_array_elements_text(noted -> 'policies') AS policy (made)
        UNION ALL
        SELECT pg_catalog.concat('ALTER PUBLICATION ', publication.made)
        FROM pg_catalog.jsonb_array_elements_text(noted -> 'publications') AS publication (made)
        UNION ALL
        SELECT pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', 'audit.audit_log')
        WHERE (noted ->> 'row_security')::pg_catalog.bool
        UNION ALL
        SELECT pg_catalog.format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', 'audit.audit_log')
        WHERE (noted ->> 'forced')::pg_catalog.bool
    LOOP
        EXECUTE made;
    END LOOP;
    IF (noted ->> 'owner')::pg_catalog.regrole <> pg_catalog.quote_ident(current_user)::pg_catalog.regrole THEN
        EXECUTE pg_catalog.format('ALTER TABLE %s OWNER TO %s', 'audit.audit_log', noted ->> 'owner');
    END IF;
END
$function$;

COMMENT ON TABLE audit.audit_log IS 'Who did what, and when';
