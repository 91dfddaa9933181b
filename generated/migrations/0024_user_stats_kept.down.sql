-- specql:transaction
-- Back from 0024 user_stats_kept, part 1 of 4
-- The way back: what was written since then may be lost.
-- hazards: breaks-old-code
-- Review: is each line meant, can its lock be had, and does its time fit?
--   - drop function specql.mark_projections           no lock · contract
--       allowed breaks-old-code: who uses the function fails from then on
--   - drop function specql.refresh_public_user_stats  no lock · contract
--       allowed breaks-old-code: who uses the function fails from then on
--   - drop function specql.refresh_requested          no lock · contract
--       allowed breaks-old-code: who uses the function fails from then on
--   - drop function specql.request_refresh            no lock · contract
--       allowed breaks-old-code: who uses the function fails from then on

SET LOCAL lock_timeout = '3s';

DROP ROUTINE specql.mark_projections;

DROP ROUTINE specql.refresh_public_user_stats;

DROP ROUTINE specql.refresh_requested;

DROP ROUTINE specql.request_refresh;
