-- specql:transaction
-- 0007 country_required, part 3 of 3
-- Contract: apply it when no old version of the application runs any more.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter column public.tenants.country  access exclusive · 2 steps · contract

SET LOCAL lock_timeout = '3s';

ALTER TABLE public.tenants ALTER COLUMN country SET NOT NULL;

ALTER TABLE public.tenants DROP CONSTRAINT tenants_country_specql_not_null;
