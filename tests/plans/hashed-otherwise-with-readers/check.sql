-- Also what is written to a partition by itself is seen.
begin;
insert into events_0 (id, what) select id, 'direct' from (select gen_random_uuid()::text as id from generate_series(1, 40)) n
    where satisfies_hash_partition('events'::regclass, 2, 0, id);
commit;
select 'the projection differs' where specql.verify_projection('public.whats') <> 0;
select 'not seen' where not exists (select from whats where what = 'direct');
