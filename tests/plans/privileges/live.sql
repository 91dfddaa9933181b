DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'Plan reader') THEN
        CREATE ROLE "Plan reader";
        CREATE ROLE plan_owner;
        CREATE ROLE plan_newcomer;
    END IF;
END $$;
GRANT USAGE, CREATE ON SCHEMA public TO "Plan reader", plan_owner;
GRANT SELECT ON public.item_prices TO PUBLIC;
GRANT SELECT (id), UPDATE (name) ON public.item_prices TO "Plan reader" WITH GRANT OPTION;
ALTER VIEW public.item_prices OWNER TO plan_owner;
GRANT SELECT ON public.item_names TO "Plan reader" WITH GRANT OPTION;
ALTER MATERIALIZED VIEW public.item_names OWNER TO plan_owner;
GRANT SELECT, INSERT ON public.parcels TO "Plan reader";
GRANT SELECT ON public.parcels, public.items TO plan_owner;
GRANT UPDATE (stamp) ON public.letters TO "Plan reader";
GRANT SELECT ON public.letters TO "Plan reader";
ALTER TABLE public.parcels ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.letters ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.letters FORCE ROW LEVEL SECURITY;
CREATE POLICY "own parcels" ON public.parcels FOR SELECT TO "Plan reader", plan_owner USING (weight < 5);
CREATE POLICY light ON public.parcels AS RESTRICTIVE FOR INSERT WITH CHECK (weight < 100);
CREATE POLICY all_letters ON public.letters USING (stamp IS NOT NULL) WITH CHECK (region = 'eu');
CREATE PUBLICATION "plan's letters" FOR TABLE public.letters (id, region) WHERE (region = 'eu')
    WITH (publish_via_partition_root = true);
-- What comes anew is not for those who were given nothing of the old.
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO plan_newcomer;
