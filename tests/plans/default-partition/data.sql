insert into events (region) values ('br'), ('us'), ('jp');
