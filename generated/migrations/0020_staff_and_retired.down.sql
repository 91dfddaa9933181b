-- specql:transaction
-- Back from 0020 staff_and_retired, part 4 of 4
-- The way back: what was written since then may be lost.
-- hazards: blocks-reads, blocks-writes, breaks-old-code, may-fail-on-data, rewrites-table
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter type public.users_role                                no lock · 2 steps
--   ~ alter column public.users.role                              access exclusive · rewrites · 3 steps
--       allowed rewrites-table, blocks-reads, blocks-writes: each value of `role` is written anew, as public.users_role instead of public.users_role (public.users)
--         safer: add a column of the new type, let a trigger keep it, fill it in batches, and drop the old one when no code reads it
--       allowed may-fail-on-data: a value of `role` may be none of public.users_role (public.users)
--       allowed breaks-old-code: `role` no longer takes all values that it took (public.users)
--   ~ alter type public.users_role                                no lock
--   ~ alter constraint products_status_check of catalog.products  access exclusive

SET LOCAL lock_timeout = '3s';

ALTER TYPE public.users_role RENAME TO users_role_specql_old;

CREATE TYPE public.users_role AS ENUM (
    'customer',
    'admin'
);

ALTER TABLE public.users ALTER COLUMN role DROP DEFAULT;

ALTER TABLE public.users
    ALTER COLUMN role TYPE public.users_role USING (role::text)::public.users_role;

ALTER TABLE public.users ALTER COLUMN role SET DEFAULT 'customer';

DROP TYPE public.users_role_specql_old;

ALTER TABLE catalog.products
    ADD CONSTRAINT products_status_check_specql_new CHECK (status IN ('draft', 'live')) NOT VALID;
