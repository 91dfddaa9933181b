insert into events (region) values ('de'), ('fr'), ('us'), ('jp');
insert into logs (kind) select n from generate_series(1, 6) n;
insert into swaps (region) values ('x'), ('y'), ('z');
