select 'token' where (select count(distinct token) from tickets) <> 12000; select 'comment' where obj_description('tickets'::regclass) is not null;
