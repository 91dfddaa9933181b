select 'rows' where (select count(*) from labels join sales using (id) where labels.label = sales.label) is distinct from 100 or specql.verify_projection('labels') is distinct from 0;
