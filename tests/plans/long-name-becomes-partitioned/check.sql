select 'rows ' || count(*) from a_table_whose_name_has_all_of_the_sixty_three_bytes_that_it_can having count(*) <> 3000;
select 'not partitioned' where (select relkind from pg_class where oid = 'a_table_whose_name_has_all_of_the_sixty_three_bytes_that_it_can'::regclass) <> 'p';
