SELECT e.extname AS name, array_to_string(v.requires, ',') AS requires
FROM pg_extension e
JOIN pg_available_extension_versions v ON v.name = e.extname AND v.version = e.extversion
