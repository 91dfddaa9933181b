select 'size: ' || coalesce(size::text, 'none') from events where size is distinct from 4;
