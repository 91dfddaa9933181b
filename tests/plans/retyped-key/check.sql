SELECT 'rows differ' WHERE (SELECT string_agg(id || code || shown || coalesce(parent_id, '-'), ' ' ORDER BY id) FROM accounts) IS DISTINCT FROM '178- 2891';
