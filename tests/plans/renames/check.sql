select 'lost' where (select registration from vehicles) <> 'x';

select 'lost' where not exists (select from owners where (label, telephone) = ('y', '1'));
