-- specql:transaction
-- Back from 0003 tenant_country, part 2 of 2
-- The way back: what was written since then may be lost.
-- hazards: breaks-old-code, deletes-data
-- Review: is each line meant, can its lock be had, and does its time fit?
--   - drop constraint tenants_country_check of public.tenants  access exclusive · contract
--   - drop column public.tenants.country                       access exclusive · contract
--       allowed deletes-data: the values of `country` are gone (public.tenants)
--         safer: keep it until nothing needs its values
--       allowed breaks-old-code: who names `country` fails from then on (public.tenants)
--         safer: drop it when no code names it

SET LOCAL lock_timeout = '3s';

ALTER TABLE public.tenants DROP CONSTRAINT tenants_country_check;

ALTER TABLE public.tenants DROP COLUMN country;
