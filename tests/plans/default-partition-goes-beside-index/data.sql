insert into events (region, size) values ('de', 1), ('us', 2); refresh materialized view sizes;
