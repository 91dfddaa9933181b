select 'rows' where (select sum(double) from tickets) is distinct from 10100;
