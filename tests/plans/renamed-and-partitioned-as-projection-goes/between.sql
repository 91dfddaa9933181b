DO $$ BEGIN
    EXECUTE format('UPDATE %s SET note = note', coalesce(to_regclass('events'), to_regclass('facts')));
END $$;
