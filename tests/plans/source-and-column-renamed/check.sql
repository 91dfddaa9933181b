select 'rows' where (select sum(grams) from kept) is distinct from 5050;
select 'a row of another query' where specql.verify_projection('kept') <> 0;
