select 'lost' where (select registration from vehicles) <> 'x';
