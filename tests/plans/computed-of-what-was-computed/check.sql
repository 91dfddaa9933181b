select 'half: ' || coalesce(half::text, 'none') from events where half is distinct from 3;
