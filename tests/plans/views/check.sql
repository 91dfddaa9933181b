select 'cheap' where (select count(*) from cheap_items) <> 4; select 'empty' where (select count(*) from item_names) <> 100;
