-- specql:transaction
-- 0002 tenant_country, part 1 of 2
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create column public.tenants.country                       access exclusive
--   + create constraint tenants_country_check of public.tenants  access exclusive

SET LOCAL lock_timeout = '3s';

ALTER TABLE public.tenants
    ADD COLUMN country text;

ALTER TABLE public.tenants
    ADD CONSTRAINT tenants_country_check CHECK (country ~ '^[A-Z]{2}$') NOT VALID;
