-- specql:no-transaction
-- 0027 user_stats_kept, part 4 of 4
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create 1 object of schema specql  share update exclusive · builds · outside a transaction

CREATE INDEX CONCURRENTLY idx_refresh_request_transaction_id ON specql.refresh_request (transaction_id) WHERE (at_commit);
