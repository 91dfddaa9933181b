insert into parcels (state) values ('between');
update parcels set state = 'gone' where state = 'between';
delete from parcels where state = 'gone';
