INSERT INTO tenants (id, name, slug, country)
VALUES (md5('tenant21')::uuid, 'Tenant 21', 'tenant-21', 'IS');
