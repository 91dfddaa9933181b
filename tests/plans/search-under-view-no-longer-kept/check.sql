select 'rows' where (select sum(amount) from articles_of_all) is distinct from 5050;
select 'who may read it' where not has_table_privilege('pg_monitor', 'articles_of_all', 'SELECT');
