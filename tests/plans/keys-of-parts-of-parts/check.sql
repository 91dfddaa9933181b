select indexrelid::regclass || ' is not valid' from pg_index where not indisvalid;
select name || ' has ' || count(t) || ' parts'
from (values ('one_code'), ('events_pkey')) as _ (name) left join pg_constraint on conname = name left join pg_partition_tree(conindid) as t on isleaf
group by name having count(t) <> 3;
