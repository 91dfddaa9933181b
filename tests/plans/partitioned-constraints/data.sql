insert into sites (name) values ('s');
insert into visits (site_id, code, at) select (select id from sites), g, '2024-01-03'::timestamptz + g * interval '2 hours' from generate_series(1, 600) g;
