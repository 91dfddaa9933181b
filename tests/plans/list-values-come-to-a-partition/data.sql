insert into events (region, body, happened) values ('de', 'a', now()), ('fr', 'b', now()), ('us', 'c', now()), ('jp', 'd', now()), ('it', 'z', now());
insert into logs (kind, happened) select n, '2024-02-01' from generate_series(1, 2) n;
with held as (insert into helds (region) values ('de') returning *) insert into holders (held_id, held_region) select id, region from held;
