select 'wrong rows' where (select string_agg(age, '') from ages) <> '18';
