CREATE SCHEMA IF NOT EXISTS specql;

CREATE TABLE specql.migration (
    number integer CONSTRAINT migration_pkey PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    state text NOT NULL CONSTRAINT migration_state_check CHECK (state IN ('applying', 'applied', 'reverting')),
    statement integer NOT NULL,
    statement_done boolean NOT NULL,
    started timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    finished timestamptz,
    applied_by text NOT NULL DEFAULT session_user,
    version text NOT NULL
);

COMMENT ON TABLE specql.migration IS 'Which migrations this database has; written by specqlc migrate.';
COMMENT ON COLUMN specql.migration.statement IS 'The statement that was begun last, of a file that is no transaction; 0 of one that is.';
COMMENT ON COLUMN specql.migration.statement_done IS 'Whether that statement is known to be done.'
