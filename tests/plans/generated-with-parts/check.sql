select 'wrong values' where (select string_agg(format('%s %s %s', "full", sort, length), ';' order by sort) from people) <> 'Lovelace, Ada lovelace 11;Turing, Alan turing 10';
select 'wrong code' where (select code from events) <> 'begin';
