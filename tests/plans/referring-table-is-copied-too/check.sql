select 'rows' where (select count(*) from bookings join accounts on accounts.id = account_id) is distinct from 50;
