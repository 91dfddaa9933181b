select 'rows' where (select sum(grams) from parcels) is distinct from 55;
select 'other rows' where (select sum(total) from parcels) is distinct from 110;
select 'a row of another query' where specql.verify_projection('kept') <> 0;
