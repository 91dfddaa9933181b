insert into trips (id, region, before) values (1, 'de', null), (2, 'de', 1), (3, 'us', null);
insert into stops (trip_id, region) values (1, 'de'), (2, 'de');
insert into events (id, region) values (1, 'de'), (2, 'jp');
insert into guests (event_id, region) values (1, 'de');
