insert into accounts (id, code) values ('00000000-0000-0000-0000-000000000001', 'a'); insert into logins (account_id, code) select id, code from accounts;
