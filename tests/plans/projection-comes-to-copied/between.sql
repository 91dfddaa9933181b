insert into parcels (state, weight) values ('sent', 3);
delete from parcels where weight = 3 and state = 'sent';
