select 'rows of the view' where (select count(*) from plain where shown like '%!') <> 100;
select 'rows of the projection' where (select count(*) from kept where shown like '%!') <> 100;
