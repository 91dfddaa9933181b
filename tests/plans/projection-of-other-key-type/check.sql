select 'rows' where (select count(*) from kept) is distinct from 100;
select 'a row of another query' where specql.verify_projection('kept') <> 0;
