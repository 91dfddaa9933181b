INSERT INTO audit.audit_log (id, tenant_id, actor_id, action, at)
SELECT n, md5('tenant' || 1 + n % 20)::uuid, md5('user' || 1 + n % 1000)::uuid, 'sign-in', timestamptz '2024-12-01Z' + n * interval '15 minutes'
FROM generate_series(1, 4000) AS n;

INSERT INTO audit.receipts (number, printed_at)
SELECT n, timestamptz '2024-12-01Z' + n * interval '1 minute'
FROM generate_series(1, 3000) AS n;

INSERT INTO audit.usage_events (tenant, at, kind)
SELECT 'tenant_' || n % 5, timestamptz '2025-02-01Z' + n * interval '1 hour', 'export'
FROM generate_series(1, 500) AS n;
