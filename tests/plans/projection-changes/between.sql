insert into parcels (state, weight) values ('between', 3);
delete from parcels where state = 'between';
