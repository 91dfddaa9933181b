-- specql:no-transaction
-- 0017 staff_and_retired, part 1 of 4
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   ~ alter type public.users_role  no lock · outside a transaction

ALTER TYPE public.users_role ADD VALUE IF NOT EXISTS 'staff' BEFORE 'admin';
