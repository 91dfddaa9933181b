select 'not filled: ' || count(*) from lamps_by_color having count(*) <> 10;
select 'not filled: ' || count(*) from lamp_colors having count(*) <> 10;
select 'kept the old type' where (select color from colors limit 1)::text <> 'blue';
