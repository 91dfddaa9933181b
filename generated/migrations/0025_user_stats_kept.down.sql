-- specql:no-transaction
-- Back from 0025 user_stats_kept, part 2 of 4
-- The way back: what was written since then may be lost.
-- hazards: drops-index
-- Review: is each line meant, can its lock be had, and does its time fit?
--   - drop index idx_refresh_request_transaction_id on specql.refresh_request  share update exclusive · outside a transaction · contract
--       allowed drops-index: queries that use `idx_refresh_request_transaction_id` read more from then on (specql.refresh_request)

DROP INDEX CONCURRENTLY specql.idx_refresh_request_transaction_id;
