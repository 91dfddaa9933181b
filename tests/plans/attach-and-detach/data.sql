insert into events (region) values ('de'), ('us');
