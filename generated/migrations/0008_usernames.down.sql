-- specql:transaction
-- Back from 0008 usernames
-- The way back: what was written since then may be lost.
-- hazards: breaks-old-code
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ rename column public.users.login                              access exclusive · contract
--       allowed breaks-old-code: `public.users.username` is `login` from then on (public.users)
--         safer: stop the old code first, or keep a view under the old name
--   ~ rename index idx_users_lower_full_name_login on public.users  no lock
--   ~ rename constraint one_login_per_tenant of public.users        access exclusive

SET LOCAL lock_timeout = '3s';

ALTER TABLE public.users RENAME COLUMN username TO login;

ALTER INDEX public.idx_users_lower_full_name_username RENAME TO idx_users_lower_full_name_login;

ALTER TABLE public.users RENAME CONSTRAINT one_username_per_tenant TO one_login_per_tenant;
