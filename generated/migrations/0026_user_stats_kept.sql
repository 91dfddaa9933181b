-- specql:transaction
-- 0026 user_stats_kept, part 3 of 4
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create index idx_user_stats_id on public.user_stats           share
--   + create index idx_user_stats_total_spent on public.user_stats  share

SET LOCAL lock_timeout = '3s';

CREATE UNIQUE INDEX idx_user_stats_id ON public.user_stats (id);

CREATE INDEX idx_user_stats_total_spent ON public.user_stats (total_spent DESC NULLS LAST);
