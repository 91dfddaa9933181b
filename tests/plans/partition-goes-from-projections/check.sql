select 'sizes has other rows than its query' where specql.verify_projection('public.sizes') <> 0;
select 'regions is stale' where (select count(*) from regions) <> 1;
select 'queued is stale' where (select count(*) from queued) <> 1;
