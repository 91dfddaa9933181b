insert into sites (name) values ('here'); insert into visits (site_id, at) select id, '2024-02-10' from sites, generate_series(1, 100);
