call specql.refresh_projections(); select 'rows' where (select count(*) from readings_kept) <> 100;
