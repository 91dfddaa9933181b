-- specql:transaction
-- 0005 country_required, part 1 of 3
-- Contract: apply it when no old version of the application runs any more.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter column public.tenants.country  access exclusive · contract

SET LOCAL lock_timeout = '3s';

ALTER TABLE public.tenants
    ADD CONSTRAINT tenants_country_specql_not_null CHECK (country IS NOT NULL) NOT VALID;
