-- specql:transaction
-- 0016 audit_partitions, part 6 of 6
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter table audit.receipts                  access exclusive · 7 steps
--   + create table audit.audit_log_2025_01_16     access exclusive
--   + create table audit.audit_log_2025_01_17     access exclusive
--   + create table audit.audit_log_default        access exclusive
--   + create table audit.receipts_1000000         access exclusive
--   + create table audit.receipts_2000000         access exclusive
--   + create table audit.receipts_default         access exclusive
--   + create partition policy of audit.audit_log  row exclusive
--   + create partition policy of audit.receipts   row exclusive

SET LOCAL lock_timeout = '3s';

DO $function$
BEGIN
    -- Who owns it, who may do what with it, and who is sent its changes: that goes over to what takes its place.
    PERFORM pg_catalog.set_config('specql.privileges', (
        SELECT coalesce(nullif(pg_catalog.current_setting('specql.privileges', true), ''), '{}')::pg_catalog.jsonb
            || pg_catalog.jsonb_build_object('audit.receipts', pg_catalog.jsonb_build_object(
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
                        'audit.receipts',
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
                        'audit.receipts',
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
        WHERE relation.oid = 'audit.receipts'::pg_catalog.regclass
    )::pg_catalog.text, true);
END
$function$;

ALTER TABLE audit.receipts RENAME CONSTRAINT receipts_pkey TO receipts_legacy_pkey;

ALTER TABLE audit.receipts RENAME TO receipts_legacy;

CREATE TABLE audit.receipts (
    number bigint NOT NULL,
    printed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT receipts_pkey PRIMARY KEY (number)
) PARTITION BY RANGE (number);

ALTER TABLE audit.receipts ATTACH PARTITION audit.receipts_legacy
    FOR VALUES FROM (MINVALUE) TO ('1000000');

ALTER TABLE audit.receipts_legacy DROP CONSTRAINT receipts_specql_bound;

DO $function$
DECLARE
    noted pg_catalog.jsonb := pg_catalog.current_setting('specql.privileges')::pg_catalog.jsonb -> 'audit.receipts';
    entry record;
    made pg_catalog.text;
BEGIN
    IF noted IS NULL THEN
        RAISE EXCEPTION 'nobody has noted who may use %', 'audit.receipts';
    END IF;
    -- What it was given by ALTER DEFAULT PRIVILEGES is not what its forerunner had.
    FOR entry IN
        SELECT DISTINCT CASE granted.grantee WHEN 0 THEN 'PUBLIC' ELSE granted.grantee::pg_catalog.regrole::pg_catalog.text END AS role
        FROM pg_catalog.pg_class AS relation, pg_catalog.aclexplode(relation.relacl) AS granted
        WHERE relation.oid = 'audit.receipts'::pg_catalog.regclass AND granted.grantee <> relation.relowner
    LOOP
        EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM %s', 'audit.receipts', entry.role);
    END LOOP;
    FOR entry IN
        SELECT granted."right", granted.role, granted.grantable, attribute.attname
        FROM pg_catalog.jsonb_to_recordset(noted -> 'granted')
            AS granted ("right" pg_catalog.text, "column" pg_catalog.text, role pg_catalog.text, grantable pg_catalog.bool)
        LEFT JOIN pg_catalog.pg_attribute AS attribute
            ON attribute.attrelid = 'audit.receipts'::pg_catalog.regclass AND attribute.attname = granted."column"
        WHERE granted."column" IS NULL OR attribute.attname IS NOT NULL
    LOOP
        EXECUTE pg_catalog.format('GRANT %s%s ON %s TO %s%s', entry."right",
            CASE WHEN entry.attname IS NOT NULL THEN pg_catalog.format(' (%I)', entry.attname) END,
            'audit.receipts', entry.role, CASE WHEN entry.grantable THEN ' WITH GRANT OPTION' END);
    END LOOP;
    FOR made IN
        SELECT pg_catalog.concat('CREATE POLICY ', policy.made)
        FROM pg_catalog.jsonb_array_elements_text(noted -> 'policies') AS policy (made)
        UNION ALL
        SELECT pg_catalog.concat('ALTER PUBLICATION ', publication.made)
        FROM pg_catalog.jsonb_array_elements_text(noted -> 'publications') AS publication (made)
        UNION ALL
        SELECT pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', 'audit.receipts')
        WHERE (noted ->> 'row_security')::pg_catalog.bool
        UNION ALL
        SELECT pg_catalog.format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', 'audit.receipts')
        WHERE (noted ->> 'forced')::pg_catalog.bool
    LOOP
        EXECUTE made;
    END LOOP;
    IF (noted ->> 'owner')::pg_catalog.regrole <> pg_catalog.quote_ident(current_user)::pg_catalog.regrole THEN
        EXECUTE pg_catalog.format('ALTER TABLE %s OWNER TO %s', 'audit.receipts', noted ->> 'owner');
    END IF;
END
$function$;

CREATE TABLE audit.audit_log_2025_01_16 PARTITION OF audit.audit_log
    FOR VALUES FROM ('2025-01-16 00:00:00+00') TO ('2025-01-17 00:00:00+00');

CREATE TABLE audit.audit_log_2025_01_17 PARTITION OF audit.audit_log
    FOR VALUES FROM ('2025-01-17 00:00:00+00') TO ('2025-01-18 00:00:00+00');

CREATE TABLE audit.audit_log_default PARTITION OF audit.audit_log
    DEFAULT;

CREATE TABLE audit.receipts_1000000 PARTITION OF audit.receipts
    FOR VALUES FROM ('1000000') TO ('2000000');

CREATE TABLE audit.receipts_2000000 PARTITION OF audit.receipts
    FOR VALUES FROM ('2000000') TO ('3000000');

CREATE TABLE audit.receipts_default PARTITION OF audit.receipts
    DEFAULT;

INSERT INTO specql.partition_policy
    (schema_name, table_name, level, unit, units, premake, starts_at, retention, retention_action, subpartitions)
VALUES
    ('audit', 'audit_log', 0, 'day', 1, 2, NULL, '30 days', 'drop', NULL)
ON CONFLICT (schema_name, table_name, level) DO UPDATE SET
    unit = EXCLUDED.unit,
    units = EXCLUDED.units,
    premake = EXCLUDED.premake,
    starts_at = EXCLUDED.starts_at,
    retention = EXCLUDED.retention,
    retention_action = EXCLUDED.retention_action,
    subpartitions = EXCLUDED.subpartitions;

INSERT INTO specql.partition_policy
    (schema_name, table_name, level, unit, units, premake, starts_at, retention, retention_action, subpartitions)
VALUES
    ('audit', 'receipts', 0, 'number', 1000000, 2, NULL, NULL, 'detach', NULL)
ON CONFLICT (schema_name, table_name, level) DO UPDATE SET
    unit = EXCLUDED.unit,
    units = EXCLUDED.units,
    premake = EXCLUDED.premake,
    starts_at = EXCLUDED.starts_at,
    retention = EXCLUDED.retention,
    retention_action = EXCLUDED.retention_action,
    subpartitions = EXCLUDED.subpartitions;
