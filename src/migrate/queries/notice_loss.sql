-- A server whose client is gone stops what it does for it, and lets the next one go on.
SET client_connection_check_interval = '1s'
