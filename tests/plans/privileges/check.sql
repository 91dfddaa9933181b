select 'grants', expected, found from (values
    ('item_prices', 'plan_owner: =r/plan_owner plan_owner=arwdDxt/plan_owner; id "Plan reader"=r*/plan_owner'),
    ('item_names', 'plan_owner: "Plan reader"=r*/plan_owner plan_owner=arwdDxt/plan_owner;'),
    ('parcels', 'postgres: "Plan reader"=ar/postgres plan_owner=r/postgres postgres=arwdDxt/postgres;'),
    ('letters', 'postgres: "Plan reader"=r/postgres postgres=arwdDxt/postgres; stamp "Plan reader"=w/postgres')
) as wanted (relation, expected)
left join lateral (
    select trim(relowner::regrole || ': '
        || (select string_agg(replace(entry::text, 'm/', '/'), ' ' order by replace(entry::text, '"', '') collate "C") from unnest(relacl) as entry) || '; '
        || coalesce((select string_agg(attname || ' ' || entry::text, ' ' order by attname) from pg_attribute, unnest(attacl) as entry where attrelid = pg_class.oid), ''))
    from pg_class where oid = ('public.' || relation)::regclass
) as there (found) on true
where found is distinct from expected;
select 'row security', relname from pg_class where relname = 'parcels' and relnamespace = 'public'::regnamespace and (not relrowsecurity or relforcerowsecurity);
select 'forced', relname from pg_class where relname = 'letters' and relnamespace = 'public'::regnamespace and not (relrowsecurity and relforcerowsecurity);
select 'policies', found from (
    select array_agg(format('%s %s %s %s %s %s', tablename, policyname, permissive, roles, cmd, coalesce(qual, '') || coalesce(with_check, '')) order by policyname) as found
    from pg_policies where tablename in ('parcels', 'letters')
) as policies where found is distinct from array[
    'letters all_letters PERMISSIVE {public} ALL (stamp IS NOT NULL)(region = ''eu''::text)',
    'parcels light RESTRICTIVE {public} INSERT (weight < (100)::numeric)',
    'parcels own parcels PERMISSIVE {"Plan reader",plan_owner} SELECT (weight < (5)::numeric)'
];
select 'publication', found from (
    select array_agg(format('%s %s %s %s', pubname, tablename, attnames, rowfilter)) as found from pg_publication_tables
) as published where found is distinct from array['plan''s letters letters {id,region} (region = ''eu''::text)'];
