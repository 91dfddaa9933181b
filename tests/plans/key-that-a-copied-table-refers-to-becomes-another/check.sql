select 'rows' where (select count(*) from tickets) is distinct from 100 or (select count(*) from people) is distinct from 10;
