SELECT cfgname AS name
FROM pg_ts_config c
JOIN export.namespace n ON n.oid = c.cfgnamespace
