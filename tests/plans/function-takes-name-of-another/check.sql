select 'a line' where not exists (select from lines join remarks using (id) where lines.code = 'c' and words is null);
select 'a row of another query' where specql.verify_projection('lines') <> 0;
