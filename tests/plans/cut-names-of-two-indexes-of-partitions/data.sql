insert into sales.a_table_whose_name_has_all_of_the_sixty_three_bytes_that_it_can (name, amount, happened) values ('t1', 1, now());
