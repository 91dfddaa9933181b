insert into a_table_whose_name_has_all_of_the_sixty_three_bytes_that_it_can (at, note) values ('2024-02-10', 'x'), ('2024-02-20', 'y');
