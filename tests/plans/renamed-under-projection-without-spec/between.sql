DO $$ BEGIN
    EXECUTE format('UPDATE %s SET name = name', coalesce(to_regclass('users'), to_regclass('people')));
END $$;
