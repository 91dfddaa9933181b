DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'balance_reader') THEN
        CREATE ROLE balance_reader;
    END IF;
END $$;
GRANT SELECT ON public.balances TO balance_reader;
