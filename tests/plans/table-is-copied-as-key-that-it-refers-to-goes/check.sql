select 'rows' where (select count(*) from items join kinds using (code)) is distinct from 2;
