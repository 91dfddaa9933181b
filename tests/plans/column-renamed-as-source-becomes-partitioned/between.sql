-- What is written while nothing notes it is computed in the end.
do $$
declare
    column_name name;
begin
    select attname into column_name from pg_attribute where attrelid = 'events'::regclass and attname in ('at', 'time');
    execute format('insert into events (%I) values (%L)', column_name, '2024-02-04');
    update events set n = n + 1 where n = 1;
end
$$;
