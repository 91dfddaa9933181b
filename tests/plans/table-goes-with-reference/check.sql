select 'lost' where (select id from accounts) <> '00000000-0000-0000-0000-000000000001';
