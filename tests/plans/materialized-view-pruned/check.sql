select 'wrong rows' where (select string_agg(name, '') from people) <> 'A';
