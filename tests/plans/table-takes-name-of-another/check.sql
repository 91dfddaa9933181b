select 'a ticket' where not exists (select from reports_2024_02 where (line, state) = ('l', 'done'));
select 'more tickets' where exists (select from tickets);
select 'a remark' where not exists (select from remarks where code = 'c');
select 'a row of another query' where (select count(*) from lines) <> 1 or specql.verify_projection('lines') <> 0;
