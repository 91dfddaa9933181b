insert into payments (account_id, sum) select id, 7 from accounts limit 1;
delete from payments where sum = 7;
