-- specql:transaction
-- 0003 tenant_country, part 2 of 2
-- Expand: old versions of the application do not notice.
-- hazards: may-fail-on-data
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create constraint tenants_country_check of public.tenants  share update exclusive · scans
--       allowed may-fail-on-data: a row that breaks `tenants_country_check` stops it (public.tenants)

SET LOCAL lock_timeout = '3s';

ALTER TABLE public.tenants VALIDATE CONSTRAINT tenants_country_check;
