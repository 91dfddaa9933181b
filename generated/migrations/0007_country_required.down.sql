-- specql:transaction
-- Back from 0007 country_required, part 3 of 3
-- The way back: what was written since then may be lost.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter column public.tenants.country  access exclusive

SET LOCAL lock_timeout = '3s';

ALTER TABLE public.tenants ALTER COLUMN country DROP NOT NULL;
