select 'rows' where (select string_agg(line, ',' order by at) from lines) is distinct from 'a,b';
update events set line = 'c' where line = 'b';
select 'other rows' where (select string_agg(line, ',' order by at) from lines) is distinct from 'a,c';
