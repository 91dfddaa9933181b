select 'no ' || name from (values ('upper'), ('lower_size'), ('coalesce'), ('expr')) as _ (name)
where not exists (select from pg_class where relname = 'happenings_2024_02_' || name || '_idx');
select indexrelid::regclass || ' is not valid' from pg_index where not indisvalid;
