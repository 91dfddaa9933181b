-- What a role or a database has set for its applications is not meant for a runner.
SET statement_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_min_messages = warning;
SET default_transaction_read_only = off;
SET default_transaction_isolation = 'read committed'
