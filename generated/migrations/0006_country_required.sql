-- specql:transaction
-- 0006 country_required, part 2 of 3
-- Contract: apply it when no old version of the application runs any more.
-- hazards: may-fail-on-data
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter column public.tenants.country  share update exclusive · scans · contract
--       allowed may-fail-on-data: a row without a value of `country` stops it (public.tenants)

SET LOCAL lock_timeout = '3s';

ALTER TABLE public.tenants VALIDATE CONSTRAINT tenants_country_specql_not_null;
