-- specql:transaction
-- 0008 usernames
-- Contract: apply it when no old version of the application runs any more.
-- hazards: breaks-old-code
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ rename column public.users.username                              access exclusive · contract
--       allowed breaks-old-code: `public.users.login` is `username` from then on (public.users)
--         safer: stop the old code first, or keep a view under the old name
--   ~ rename index idx_users_lower_full_name_username on public.users  no lock
--   ~ rename constraint one_username_per_tenant of public.users        access exclusive

SET LOCAL lock_timeout = '3s';

ALTER TABLE public.users RENAME COLUMN login TO username;

ALTER INDEX public.idx_users_lower_full_name_login RENAME TO idx_users_lower_full_name_username;

ALTER TABLE public.users RENAME CONSTRAINT one_login_per_tenant TO one_username_per_tenant;
