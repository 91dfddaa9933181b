select 'a trigger: ' || tgname from pg_trigger where tgrelid = 'events'::regclass and not tgisinternal;
