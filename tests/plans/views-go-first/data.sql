insert into lamps (amount, "co""lor") values (1, 'red'), (2, 'green');
insert into readings (place, amount) select 'here', n from generate_series(1, 100) n;
insert into parcels (state) values ('sent');
