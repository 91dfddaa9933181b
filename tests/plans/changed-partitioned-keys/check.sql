select 'rows' where (select count(*) from visits) <> 1000 or (select count(*) from logs) <> 200;
select 'not valid', indexrelid::regclass from pg_index where not indisvalid;
select 'left', relname from pg_class where relname like '%specql_new%';
