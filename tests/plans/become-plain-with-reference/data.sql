insert into sites (id) values ('00000000-0000-0000-0000-000000000001');
insert into visits (site_id, note) select '00000000-0000-0000-0000-000000000001', 'n' || g from generate_series(1, 100) g;
