insert into readings (name, amount) select 'reading', n from generate_series(1, 100) n;
select specql.refresh_projection('public.kept');
