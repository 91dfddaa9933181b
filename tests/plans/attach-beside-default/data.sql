insert into events (region) values ('br'), ('us'), ('fr');
insert into events_eu values (gen_random_uuid(), 'de');
